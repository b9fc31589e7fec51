"""Permitted profiles: the only way to features, in SQL as in Python (law 5).

Who asks says for what, for which brand and at which moment, and brings what people permit then. Of nobody
else anything is answered, and of nobody more than that: an attribute whose use a person does not permit is
not known of that person, whatever the files still hold. So a withdrawal counts at the next question.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pyroaring import BitMap

from operator_push.domain.audience.bit_slices import BitSlices, sliced, sliced_attribute
from operator_push.domain.audience.rule import Rule
from operator_push.domain.audience.to_bitmap import SourceOf, to_bitmap
from operator_push.domain.audience.to_python import to_python
from operator_push.domain.audience.to_sql import to_sql
from operator_push.domain.audience.tree import AllOf, AnyOf, Node, Not, attribute_names, children, set_keys
from operator_push.domain.audience.withholding import withhold
from operator_push.domain.consent import Purpose
from operator_push.domain.declared import DECLARABLE
from operator_push.domain.permission import DATA_PURPOSES
from operator_push.domain.profile import NOTHING_HAPPENED, FeatureValue, PermittedProfile
from operator_push.kernel.contracts import TRIGGERS_FOLDER, DataPurpose, TriggerEvent
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME
from operator_push.kernel.trigger_catalogue import TRIGGERS_BY_NAME
from operator_push.profiles.feature_store import NO_SETS, FeatureStore
from operator_push.profiles.kept_records import Records, read_records, records_manifest
from operator_push.profiles.trigger_events import TriggerEvents
from operator_push.profiles.trigger_memory import Remembered, read_remembered

# Names of attributes → name → subscriber number → what that person declared.
DeclaredOf = Callable[[Collection[str]], Mapping[str, Mapping[int, FeatureValue]]]


@dataclass(frozen=True, slots=True)
class Permission:
    """What is permitted at `at_us`.

    `people` permit `purpose` for `brand`; `data` tells, for one bit, who lets us use that kind of data (it is
    asked only for what is needed). `declared`: what people say of themselves under some names.
    """

    purpose: Purpose
    brand: str
    at_us: int
    people: BitMap
    data: Callable[[DataPurpose], BitMap] = field(repr=False)
    declared: DeclaredOf = field(default=lambda names: {}, repr=False)


class PermittedProfiles:
    """The profiles that one permission opens; of one thread, as its store is."""

    def __init__(self, store: FeatureStore, permission: Permission) -> None:
        self._store = store
        self._permission = permission
        self._data_of: dict[DataPurpose, BitMap] = {}

    @property
    def taken_at(self) -> datetime:
        """The moment of the permission snapshot by which the features were made."""
        return self._store.file.taken_at

    def matching(self, rule: Rule, sets: Mapping[str, BitMap] = NO_SETS) -> BitMap:
        """The people for whom a rule is true (unknown is not true), its clock at the permission's moment.

        `sets`: the people of each set that the rule asks for, by key.

        Raises:
            OperatorError: there are no features.
        """
        asked = self._permission
        self._data_of.clear()  # every question asks for permission anew
        _ = self._store.file  # there are features, also where nobody permits anything
        said = self._declared(each.name for each in rule.attributes)
        if not said and not any(each.is_declared for each in rule.attributes):
            by_parts = to_bitmap(rule.root, asked.people, sets, self._source_of(rule), self._part)
            if by_parts is not None:
                return by_parts
        found = BitMap()
        for held, people in self._by_data(rule.purposes):
            opened = {
                each.name
                for each in rule.attributes
                if not each.is_declared and each.purpose & held == each.purpose
            }
            opened |= set(said)
            withheld = [each.name for each in rule.attributes if each.name not in opened]
            sql, parameters = to_sql(withhold(rule.root, withheld), now_us=asked.at_us)
            found |= self._store.matching(sql, parameters, opened, held, people, sets, said)
        return found

    def of(
        self,
        subscriber_no: int,
        names: Collection[str] | None = None,
        event: Mapping[str, FeatureValue] = NOTHING_HAPPENED,
    ) -> PermittedProfile:
        """The profile of one person; empty where nothing is known or permitted. Costs a scan.

        `names`: what is asked of it, None for everything; `event`: what a trigger tells of the person.
        """
        asked = self._permission
        held = self._held(subscriber_no)
        features = self._store.profile_of(subscriber_no, held, names) or {}
        declared = {
            name: values[subscriber_no]
            for name, values in self._declared(DECLARABLE if names is None else names).items()
            if subscriber_no in values and subscriber_no in asked.people
        }
        return PermittedProfile.permit(
            features, held, asked.purpose, asked.brand, asked.at_us, declared, event
        )

    def values(self, names: Collection[str], people: BitMap) -> dict[str, dict[int, FeatureValue]]:
        """Name → person → value, of those of `people` who permit its use, or say it of themselves."""
        asked = self._permission
        self._data_of.clear()
        people = people & asked.people
        said = self._declared(names)
        needed = DataPurpose.NONE
        for name in names:
            needed |= FEATURES_BY_NAME[name].purpose
        found: dict[str, dict[int, FeatureValue]] = {name: {} for name in names}
        for held, permitting in self._by_data(needed):
            some = permitting & people
            opened = [name for name in names if name in said or self._opens(name, held)]
            for name, values in self._store.values(opened, held, some, said).items() if opened else ():
                found[name] |= values
        return found

    @staticmethod
    def _opens(name: str, held: DataPurpose) -> bool:
        feature = FEATURES_BY_NAME[name]
        return not feature.is_declared and feature.purpose & held == feature.purpose

    def records_of(self, subscriber_no: int, rows_max: int | None = None) -> Records:
        """Kind → the records of one person that are kept and may be looked at; see kept_records."""
        held = self._held(subscriber_no)
        if held == DataPurpose.NONE:
            return {}
        return read_records(records_manifest(self._store.path), subscriber_no, held, rows_max)

    def events_of(self, subscriber_no: int) -> list[TriggerEvent]:
        """What triggers have told of one person and may be looked at, as far as events are kept."""
        held = self._held(subscriber_no)
        events = TriggerEvents(self._store.path.parent / TRIGGERS_FOLDER)
        found: list[TriggerEvent] = []
        while some := events.read():
            found += [
                each
                for each in some
                if each.subscriber_no == subscriber_no
                and each.trigger in TRIGGERS_BY_NAME
                and TRIGGERS_BY_NAME[each.trigger].purposes in held
            ]
        return found

    def remembered_of(self, subscriber_no: int) -> list[Remembered]:
        """What triggers remember of one person and may be looked at.

        Raises:
            OperatorError: it cannot be read now.
        """
        folder = self._store.path.parent / TRIGGERS_FOLDER
        return read_remembered(folder, subscriber_no, self._held(subscriber_no))

    def _held(self, subscriber_no: int) -> DataPurpose:
        """The data of one person that may be used; none where the purpose itself is not permitted."""
        held = DataPurpose.NONE
        if subscriber_no in self._permission.people:
            for _, bit in DATA_PURPOSES:
                if subscriber_no in self._permission.data(bit):
                    held |= bit
        return held

    def _declared(self, names: Iterable[str]) -> Mapping[str, Mapping[int, FeatureValue]]:
        asked = [name for name in names if name in DECLARABLE]
        return self._permission.declared(asked) if asked else {}

    def _part(self, part: Node) -> BitMap | None:
        """The people for whom a part of a rule is true that needs one kind of files; None where it may be
        true of people of whom nothing is known, so that those files do not tell all of them."""
        asked = self._permission
        purposes = DataPurpose(_needed(part))
        people = asked.people
        for _, bit in DATA_PURPOSES:
            if bit & purposes:
                people = people & self._data(bit)
        if self._is_sliced(part.operand if isinstance(part, Not) else part):
            return sliced(part, asked.people, people, self._slices)
        if to_python(part)({}, asked.at_us) is True:
            return None
        if not people:
            return people
        sql, parameters = to_sql(part, now_us=asked.at_us)
        return self._store.matching_alone(sql, parameters, purposes) & people

    def _source_of(self, rule: Rule) -> SourceOf:
        """Who answers for a part of a rule: bit slices for a comparison, else the files of its purposes."""
        by_purposes = _purposes_of(rule)

        def source_of(part: Node) -> Hashable | None:
            if self._is_sliced(part):
                return part  # each for itself: putting comparisons together would make a scan of them
            if isinstance(part, Not | AllOf | AnyOf) and any(map(self._is_sliced, _conditions(part))):
                return None
            return by_purposes(part)

        return source_of

    def _is_sliced(self, part: Node) -> bool:
        name = sliced_attribute(part)
        return name in FEATURES_BY_NAME and self._store.slices(name) is not None

    def _slices(self, name: str) -> BitSlices:
        found = self._store.slices(name)
        if found is None:
            raise OperatorError("the features were replaced just now; ask again")
        return found

    def _data(self, bit: DataPurpose) -> BitMap:
        """Who lets us use a kind of data; asked once."""
        found = self._data_of.get(bit)
        if found is None:
            found = self._data_of[bit] = self._permission.data(bit)
        return found

    def _by_data(self, needed: DataPurpose) -> Iterator[tuple[DataPurpose, BitMap]]:
        """People in groups by which of the needed data they let us use; at most 2^4 groups."""
        groups = [(DataPurpose.NONE, self._permission.people)]
        for _, bit in DATA_PURPOSES:
            if bit & needed:
                allowing = self._data(bit)
                groups = [
                    split
                    for held, some in groups
                    for split in ((held | bit, some & allowing), (held, some - allowing))
                    if split[1]
                ]
        yield from groups


def _purposes_of(rule: Rule) -> SourceOf:
    """The purposes whose files alone answer for a part of a rule: those of all of its attributes."""

    def source_of(part: Node) -> int | None:
        if set_keys(part) or len({FEATURES_BY_NAME[name].purpose for name in attribute_names(part)}) != 1:
            return None
        return _needed(part)

    return source_of if all(each.name in FEATURES_BY_NAME for each in rule.attributes) else lambda part: None


def _conditions(part: Node) -> Iterator[Node]:
    """What `&&`, `||` and `!` put together in a part."""
    if isinstance(part, Not | AllOf | AnyOf):
        for each in children(part):
            yield from _conditions(each)
    else:
        yield part


def _needed(part: Node) -> int:
    """The purposes of the attributes of a part."""
    needed = 0
    for name in attribute_names(part):
        needed |= int(FEATURES_BY_NAME[name].purpose)
    return needed
