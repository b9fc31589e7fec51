"""Profile values: a person written as JSON, as the mapping that a rule is asked of.

Attributes stand under their catalogue name, whole ("home.city") or nested ({"home": {"city": …}}). Dates and
timestamps are written as in a rule, a set is a list of strings; null, or nothing, is not known. "lists" are
the lists that the person is in; "campaigns" maps a campaign's name to what the person did with it. "events"
are what happened, counted where the attribute that counts them is not written itself.
"""

from collections.abc import Callable, Mapping

from operator_push.domain.audience.built_ins import SET_SEPARATOR, set_text
from operator_push.domain.audience.lexer import DOUBLE_MAX, INT_MAX
from operator_push.domain.audience.moments import date_days, timestamp_us
from operator_push.domain.audience.vocabulary import SetKind
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME, Feature, FeatureType
from operator_push.kernel.instants import MICROS_PER_DAY

_DONE = tuple(kind.key_word for kind in SetKind if kind is not SetKind.LIST)


def profile_of(
    written: object, now_us: int = 0, features: Mapping[str, Feature] = FEATURES_BY_NAME
) -> tuple[dict[str, object], tuple[str, ...]]:
    """(what a rule is asked of, names that no catalogue has and that were left out).

    `now_us` is the moment at which windows of events end.

    Raises:
        OperatorError: not an object, or a value that its attribute cannot have.
    """
    if not isinstance(written, Mapping):
        raise OperatorError('a profile is a JSON object, such as {"age": 30, "home": {"city": "Pune"}}')
    profile: dict[str, object] = {}
    unknown: list[str] = []
    counted: dict[str, object] = {}
    for name, value in written.items():
        if name == "lists":
            profile.update((f"list:{each}", True) for each in _names(name, value))
        elif name == "campaigns":
            profile.update((key, True) for key in _campaign_keys(value))
        elif name == "events":
            counted = _counted(value, now_us, features)
        else:
            _attribute(str(name), value, features, profile, unknown)
    return counted | profile, tuple(unknown)


def _counted(value: object, now_us: int, features: Mapping[str, Feature]) -> dict[str, object]:
    """The attributes that count events, by the events of the last so many times 24 hours."""
    counting = [feature for feature in features.values() if feature.event]
    moments: dict[str, list[int]] = {feature.event: [] for feature in counting}
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise _wrong("events", 'a list such as [{"event": "top_up", "at": "2026-01-31T18:00:00Z"}]')
    for each in value:
        happened = moments.get(_string("events.event", each.get("event")))
        if happened is None:
            raise _wrong("events.event", f"one of {', '.join(sorted(moments))}")
        at_us = _moment(timestamp_us)("events.at", each.get("at"))
        if at_us <= now_us:
            happened.append(at_us)
    found: dict[str, object] = {}
    for feature in counting:
        times = moments[feature.event]
        if feature.window_days:
            since_us = now_us - feature.window_days * MICROS_PER_DAY
            found[feature.name] = sum(at_us > since_us for at_us in times)
        elif times:
            found[feature.name] = (now_us - max(times)) // MICROS_PER_DAY
    return found


def _attribute(
    name: str, value: object, features: Mapping[str, Feature], profile: dict[str, object], unknown: list[str]
) -> None:
    feature = features.get(name)
    if feature is not None:
        if value is not None:
            if name in profile:
                raise OperatorError(f"{name} stands twice in the profile, whole and nested")
            profile[name] = _READERS[feature.type](name, value)
    elif isinstance(value, Mapping):
        for inner, inner_value in value.items():
            _attribute(f"{name}.{inner}", inner_value, features, profile, unknown)
    else:
        unknown.append(name)


def _wrong(name: str, wanted: str) -> OperatorError:
    return OperatorError(f"{name} of the profile is not {wanted}")


def _bool(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _wrong(name, "true, false or null")


def _int(name: str, value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > INT_MAX:
        raise _wrong(name, f"an int of at most {INT_MAX}, or null")
    return value


def _double(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= DOUBLE_MAX:
        raise _wrong(name, f"a number of at most {DOUBLE_MAX:g}, or null")
    return float(value)


def _string(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    raise _wrong(name, "a string or null")


def _moment(read: Callable[[str], int]) -> Callable[[str, object], int]:
    def moment(name: str, value: object) -> int:
        try:
            return read(_string(name, value))
        except ValueError as fault:
            raise OperatorError(f"{name} of the profile cannot be read: {fault}") from None

    return moment


def _set(name: str, value: object) -> str:
    return set_text(_names(name, value))


def _names(name: str, value: object) -> list[str]:
    if isinstance(value, list) and all(isinstance(each, str) and SET_SEPARATOR not in each for each in value):
        return value
    raise _wrong(name, "a list of strings")


def _campaign_keys(value: object) -> list[str]:
    if not isinstance(value, Mapping):
        raise _wrong("campaigns", 'an object such as {"spring": ["received", "clicked"]}')
    keys = []
    for campaign, done in value.items():
        for what in _names(f"campaigns.{campaign}", done):
            if what not in _DONE:
                raise _wrong(f"campaigns.{campaign}", f"a list out of {', '.join(_DONE)}")
            keys.append(f"{what}:{campaign}")
    return keys


_READERS: Mapping[FeatureType, Callable[[str, object], object]] = {
    FeatureType.BOOL: _bool,
    FeatureType.INT: _int,
    FeatureType.DOUBLE: _double,
    FeatureType.STRING: _string,
    FeatureType.DATE: _moment(date_days),
    FeatureType.TIMESTAMP: _moment(timestamp_us),
    FeatureType.SET: _set,
}
