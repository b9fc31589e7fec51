"""Permitted profiles: the only form in which the attributes of a person reach a rule (law 5).

A profile is made from a person's features and what that person permits; whatever needs more is not in it, so
that code which holds one cannot read what it may not. Numbers, names and messages do not belong here.
"""

from collections.abc import Iterator, Mapping

from operator_push.domain.consent import Purpose
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME
from operator_push.kernel.trigger_catalogue import EVENT_ATTRIBUTES

FeatureValue = bool | int | float | str

NOTHING_DECLARED: Mapping[str, FeatureValue] = {}
NOTHING_HAPPENED: Mapping[str, FeatureValue] = {}
_MADE_BY_PERMIT = object()


class PermittedProfile(Mapping[str, FeatureValue]):
    """The attributes of one subscriber that may be used for `purpose` by `brand` at `at_us`.

    A mapping from catalogue names to values; an attribute that is not known, or not permitted, is absent.
    Made by `permit` alone: calling the class raises TypeError.
    """

    __slots__ = ("_attributes", "at_us", "brand", "purpose")

    def __init__(
        self,
        attributes: dict[str, FeatureValue],
        purpose: Purpose,
        brand: str,
        at_us: int,
        made_by: object = None,
    ) -> None:
        if made_by is not _MADE_BY_PERMIT:
            raise TypeError("a PermittedProfile is made by PermittedProfile.permit")
        self._attributes = attributes
        self.purpose = purpose
        self.brand = brand
        self.at_us = at_us

    @classmethod
    def permit(
        cls,
        features: Mapping[str, FeatureValue | None],
        permitted: DataPurpose,
        purpose: Purpose,
        brand: str,
        at_us: int,
        declared: Mapping[str, FeatureValue] = NOTHING_DECLARED,
        event: Mapping[str, FeatureValue] = NOTHING_HAPPENED,
    ) -> "PermittedProfile":
        """Keep of `features` (catalogue name → value, None = not known) what the purposes permit.

        `permitted` is PermissionBook.data_purposes at this moment. A name that is not in the catalogue has no
        purpose that could permit it and is left out. `declared` is the person's own word, which needs no
        permission to learn and beats what was learnt. `event` is what a trigger tells (names of
        kernel.trigger_catalogue), of which as much is kept as the purposes permit.
        """
        attributes: dict[str, FeatureValue] = {}
        for name, value in features.items():
            feature = FEATURES_BY_NAME.get(name)
            if feature is None or value is None or feature.is_declared:
                continue
            if feature.purpose & permitted == feature.purpose:
                attributes[name] = value
        for name, happened in event.items():
            told = EVENT_ATTRIBUTES.get(name)
            if told is not None and told.purpose & permitted == told.purpose:
                attributes[name] = happened
        attributes.update(declared)
        return cls(attributes, purpose, brand, at_us, _MADE_BY_PERMIT)

    def __getitem__(self, name: str) -> FeatureValue:
        return self._attributes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._attributes)

    def __len__(self) -> int:
        return len(self._attributes)

    def __repr__(self) -> str:
        return f"PermittedProfile({', '.join(sorted(self._attributes))})"
