"""Calls: what a function or a method means, found out once, by the type check.

CEL's own functions keep their names and meanings. Ours are those that a buyer of audiences needs: days_since,
within, did, today, membership of lists and of earlier campaigns.
"""

from collections.abc import Callable
from datetime import tzinfo
from difflib import get_close_matches

from operator_push.domain.audience.list_macros import (
    EXPANDED_NODES_MAX,
    LIST_MACROS,
    expand_macro,
    expansion_of,
    set_call,
)
from operator_push.domain.audience.moments import (
    DURATION_PARTS,
    TIMESTAMP_PARTS,
    date_days,
    day_in,
    duration_us,
    timestamp_part,
    timestamp_us,
    zone_of,
)
from operator_push.domain.audience.rule_error import RuleError
from operator_push.domain.audience.tree import (
    Apply,
    Arithmetic,
    Attribute,
    BuiltIn,
    Call,
    Clock,
    Compare,
    Comparison,
    IsNull,
    ListOf,
    Literal,
    Member,
    Near,
    Node,
    Sign,
    ToDouble,
)
from operator_push.domain.audience.value_types import Typed, ValueType, literal_of
from operator_push.domain.audience.vocabulary import SetKind, Vocabulary
from operator_push.kernel.instants import MICROS_PER_DAY

KM_MIN, KM_MAX = (
    1.0,
    500.0,
)  # Ours: below, a home could be found by asking; beyond, the map is wrong.
HOME = ("home.lat", "home.lon")
_TEXT_METHODS = {
    "startsWith": BuiltIn.STARTS_WITH,
    "endsWith": BuiltIn.ENDS_WITH,
    "contains": BuiltIn.CONTAINS,
}
_CASE_METHODS = {"lowerAscii": BuiltIn.LOWER_ASCII, "upperAscii": BuiltIn.UPPER_ASCII}
_SETS = {kind.value: kind for kind in SetKind}
_UNREAD = {
    "matches": "use startsWith, endsWith or contains",
    "lower": "use lowerAscii",
    "upper": "use upperAscii",
    "len": "use size",
    "length": "use size",
    "map": "use exists or all",
    "filter": "use exists or all",
    "exists_one": "use exists or all",
}


class Calls:
    """Checks calls; `check` is the type check of everything else."""

    def __init__(self, vocabulary: Vocabulary, check: Callable[[Node], Typed]) -> None:
        self._vocabulary = vocabulary
        self._check = check
        self._expanded_nodes = 0
        self._functions: dict[str, Callable[[Call], Typed]] = {
            "has": self._has,
            "size": self._size,
            "int": self._int,
            "double": self._double,
            "timestamp": lambda call: self._moment(call, timestamp_us, ValueType.TIMESTAMP),
            "duration": lambda call: self._moment(call, duration_us, ValueType.DURATION),
            "date": lambda call: self._moment(call, date_days, ValueType.DATE),
            "now": self._now,
            "today": self._today,
            "days_since": self._days_since,
            "did": self._did,
            "within": self._within,
            "sets.contains": lambda call: set_call(call, self._check),
            "sets.intersects": lambda call: set_call(call, self._check),
            **dict.fromkeys(_SETS, self._member),
        }
        self._methods: dict[str, Callable[[Call], Typed]] = {
            "size": self._size,
            **dict.fromkeys(_TEXT_METHODS, self._text_method),
            **dict.fromkeys(_CASE_METHODS, self._case_method),
            **dict.fromkeys(LIST_MACROS, self._macro),
            **dict.fromkeys(TIMESTAMP_PARTS, self._calendar),
        }

    def check(self, call: Call) -> Typed:
        """What a call means, and its type.

        Raises:
            RuleError: there is no such function, or not for these arguments.
        """
        known = self._functions if call.receiver is None else self._methods
        function = known.get(call.function)
        if function is None:
            raise RuleError(
                call.column, f"there is no {_kind(call)} {call.function}()", self._suggestion(call, known)
            )
        return function(call)

    def _suggestion(self, call: Call, known: dict[str, Callable[[Call], Typed]]) -> str:
        if call.function in _UNREAD:
            return _UNREAD[call.function]
        near = get_close_matches(call.function, known, n=1) or [
            name for name in known if name.lower() == call.function.replace("_", "").lower()
        ]
        return f"did you mean {near[0]}()?" if near else "the functions are " + ", ".join(sorted(known))

    def _has(self, call: Call) -> Typed:
        (node,) = _arguments(call, 1, "has(home.city)")
        if not isinstance(node, Attribute):
            raise RuleError(node.column, "has() takes an attribute", "as in has(home.city)")
        return IsNull(self._check(node)[0], True, call.column), ValueType.BOOL

    def _size(self, call: Call) -> Typed:
        if call.receiver is not None:
            _arguments(call, 0, "plan.size()")
            node = call.receiver
        else:
            (node,) = _arguments(call, 1, "size(plan)")
        if isinstance(node, ListOf):
            for item in node.items:
                self._check(item)
            return literal_of(len(node.items), ValueType.INT, call.column)
        checked, kind = self._check(node)
        if kind not in (ValueType.STRING, ValueType.SET):
            raise RuleError(node.column, f"size() counts a string or a list, this is {kind.value}")
        function = BuiltIn.SIZE if kind is ValueType.STRING else BuiltIn.SET_SIZE
        return Apply(function, (checked,), call.column), ValueType.INT

    def _int(self, call: Call) -> Typed:
        (node,) = _arguments(call, 1, "int(spend_30d)")
        checked, kind = self._check(node)
        if kind is ValueType.INT:
            return checked, kind
        if kind is not ValueType.DOUBLE:
            raise RuleError(node.column, f"int() takes a double, this is {kind.value}")
        return Apply(BuiltIn.TO_INT, (checked,), call.column), ValueType.INT

    def _double(self, call: Call) -> Typed:
        (node,) = _arguments(call, 1, "double(age)")
        checked, kind = self._check(node)
        if kind is ValueType.DOUBLE:
            return checked, kind
        if kind is not ValueType.INT:
            raise RuleError(node.column, f"double() takes an int, this is {kind.value}")
        if isinstance(checked, Literal) and isinstance(checked.value, int):
            return literal_of(float(checked.value), ValueType.DOUBLE, call.column)
        return ToDouble(checked, call.column), ValueType.DOUBLE

    def _moment(self, call: Call, read: Callable[[str], int], kind: ValueType) -> Typed:
        example = {"timestamp": "2026-01-31T18:00:00Z", "duration": "30d", "date": "2026-01-31"}
        name = call.function
        (node,) = _arguments(call, 1, f'{name}("{example[name]}")')
        text = _text(node, f"{name}() takes a string in quotes", f'as in {name}("{example[name]}")')
        try:
            return literal_of(read(text), kind, call.column)
        except ValueError as fault:
            raise RuleError(node.column, f"{text[:40]!r} is no {name}", str(fault)) from None

    def _now(self, call: Call) -> Typed:
        _arguments(call, 0, "now()")
        return Clock(lambda now_us: now_us, "now", call.column), ValueType.TIMESTAMP

    def _today(self, call: Call) -> Typed:
        zone = self._zone(call, 0, self._vocabulary.zone)
        return Clock(lambda now_us: day_in(zone, now_us), "today", call.column), ValueType.DATE

    def _zone(self, call: Call, place: int, otherwise: str) -> tzinfo:
        if len(call.arguments) > place + 1 or len(call.arguments) < place:
            raise RuleError(call.column, f'{call.function}() takes at most a zone, as in "Asia/Kolkata"')
        if len(call.arguments) == place:
            return zone_of(otherwise)
        node = call.arguments[place]
        try:
            return zone_of(_text(node, "a zone is a name in quotes", 'as in "Asia/Kolkata"'))
        except ValueError as fault:
            raise RuleError(node.column, str(fault)) from None

    def _calendar(self, call: Call) -> Typed:
        """getHours and its like, of a timestamp or of a duration."""
        part, column = call.function, call.column
        receiver = _receiver(call)
        checked, kind = self._check(receiver)
        if kind is ValueType.DURATION and part in DURATION_PARTS:
            _arguments(call, 0, f"(now() - last_seen).{part}()")
            unit = Literal(DURATION_PARTS[part], column)
            return Apply(BuiltIn.INT_OVER, (checked, unit), column), ValueType.INT
        if kind is not ValueType.TIMESTAMP:
            raise RuleError(receiver.column, f"{part}() is asked of a timestamp, this is {kind.value}")
        zone = self._zone(call, 0, "UTC")
        if isinstance(checked, Literal) and isinstance(checked.value, int):
            return literal_of(timestamp_part(part, zone, checked.value), ValueType.INT, column)
        if isinstance(checked, Clock):
            reading = checked.reading
            return Clock(
                lambda now_us: timestamp_part(part, zone, reading(now_us)), f"{part} of now", column
            ), ValueType.INT
        raise RuleError(
            receiver.column,
            f"{part}() is asked of now() or of a written timestamp",
            'compare the attribute with timestamps, as in last_seen >= timestamp("2026-01-31T18:00:00Z")',
        )

    def _days_since(self, call: Call) -> Typed:
        if not call.arguments:
            raise RuleError(call.column, "days_since() takes a date, a timestamp or an event in quotes")
        node, column = call.arguments[0], call.column
        if isinstance(node, Literal) and isinstance(node.value, str):
            if node.value[:1].isdigit():
                kind_of = "timestamp" if "T" in node.value.upper() else "date"
                raise RuleError(
                    node.column, "a moment is not a string", f'write {kind_of}("{node.value[:40]}")'
                )
            _arguments(call, 1, 'days_since("top_up")')
            return self._check(Attribute(self._counted(node, node.value, 0), column))
        checked, kind = self._check(node)
        if kind is ValueType.DATE:
            zone = self._zone(call, 1, self._vocabulary.zone)
            today = Clock(lambda now_us: day_in(zone, now_us), "today", column)
            return Arithmetic(Sign.MINUS, today, checked, column), ValueType.INT
        if kind is ValueType.TIMESTAMP:
            _arguments(call, 1, "days_since(last_seen)")
            passed = Arithmetic(Sign.MINUS, Clock(lambda now_us: now_us, "now", column), checked, column)
            return Apply(BuiltIn.INT_OVER, (passed, Literal(MICROS_PER_DAY, column)), column), ValueType.INT
        raise RuleError(node.column, f"days_since() takes a date or a timestamp, this is {kind.value}")

    def _did(self, call: Call) -> Typed:
        event, times, window = _arguments(call, 3, 'did("top_up", 3, "30d")')
        name = _text(event, "an event is a name in quotes", 'as in did("top_up", 3, "30d")')
        if not isinstance(times, Literal) or type(times.value) is not int or times.value < 1:
            raise RuleError(
                times.column, "how often is an int of at least 1", 'as in did("top_up", 3, "30d")'
            )
        written = _text(window, "a window is a duration in quotes", 'as in did("top_up", 3, "30d")')
        try:
            length = duration_us(written)
        except ValueError as fault:
            raise RuleError(window.column, f"{written[:40]!r} is no duration", str(fault)) from None
        if length <= 0 or length % MICROS_PER_DAY:
            raise RuleError(window.column, "a window is of whole days", 'as in "30d"')
        counted = self._check(
            Attribute(self._counted(event, name, length // MICROS_PER_DAY, window), event.column)
        )
        return Compare(Comparison.AT_LEAST, counted[0], times, call.column), ValueType.BOOL

    def _counted(self, node: Node, event: str, days: int, window: Node | None = None) -> str:
        """The attribute that counts an event; with 0 days the one that tells the days since the last."""
        counts = [each for each in self._vocabulary.features.values() if each.event]
        known = sorted({each.event for each in counts if days or not each.window_days})
        if event not in known:
            near = get_close_matches(event, known, n=1)
            suggestion = f"did you mean {near[0]}?" if near else f"events are {', '.join(known)}"
            raise RuleError(node.column, f"unknown event {event[:40]!r}", suggestion)
        for feature in counts:
            if feature.event == event and feature.window_days == days:
                return feature.name
        kept = sorted({each.window_days for each in counts if each.event == event and each.window_days})
        windows = ", ".join(f"{each}d" for each in kept)
        raise RuleError(
            (window or node).column, f"{event} is not counted over {days} days", f"it is over {windows}"
        )

    def _member(self, call: Call) -> Typed:
        kind = _SETS[call.function]
        example = f'{call.function}("{"vip" if kind is SetKind.LIST else "spring offer"}")'
        (node,) = _arguments(call, 1, example)
        name = _text(node, f"{call.function}() takes a name in quotes", f"as in {example}")
        key, sets = f"{kind.key_word}:{name}", self._vocabulary.sets
        if sets is not None and key not in sets:
            names = [each.partition(":")[2] for each in sets if each.partition(":")[0] == kind.key_word]
            near = get_close_matches(name, names, n=1)
            what = "list" if kind is SetKind.LIST else "campaign"
            makes = "`operator-push list import` makes one" if kind is SetKind.LIST else ""
            raise RuleError(
                node.column,
                f"you have no {what} {name[:40]!r}",
                f"did you mean {near[0]}?" if near else makes,
            )
        return Member(key, call.column), ValueType.BOOL

    def _within(self, call: Call) -> Typed:
        example = 'within("Pune", 10) or within(18.52, 73.86, 10)'
        if len(call.arguments) == 3:
            latitude, longitude = (_number(node) for node in call.arguments[:2])
            if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
                raise RuleError(call.arguments[0].column, "latitude is -90..90, longitude -180..180")
            shown = f"{latitude:g}, {longitude:g}"
        else:
            where, _ = _arguments(call, 2, example)
            shown = _text(where, "a place is a name in quotes", f"as in {example}")
            place = self._vocabulary.places.get(shown)
            if place is None:
                near = get_close_matches(shown, self._vocabulary.places, n=1)
                suggestion = f"did you mean {near[0]}?" if near else "give latitude and longitude instead"
                raise RuleError(where.column, f"unknown place {shown[:40]!r}", suggestion)
            latitude, longitude = place.latitude, place.longitude
        km = _number(call.arguments[-1])
        if not KM_MIN <= km <= KM_MAX:
            raise RuleError(call.arguments[-1].column, f"km is {KM_MIN:g}..{KM_MAX:g}")
        home = tuple(self._check(Attribute(name, call.column))[0] for name in HOME)
        return Near(shown, latitude, longitude, km, home, call.column), ValueType.BOOL

    def _macro(self, call: Call) -> Typed:
        self._expanded_nodes += expansion_of(call)
        if self._expanded_nodes > EXPANDED_NODES_MAX:
            raise RuleError(call.column, "the rule asks for too much at once", "list less")
        return self._check(expand_macro(call))

    def _text_method(self, call: Call) -> Typed:
        (part,) = _arguments(call, 1, f'plan.{call.function}("go")')
        operands = []
        for node in (_receiver(call), part):
            checked, kind = self._check(node)
            if kind is not ValueType.STRING:
                suggestion = "use in" if kind is ValueType.SET else ""
                raise RuleError(
                    node.column, f"{call.function}() is for strings, this is {kind.value}", suggestion
                )
            operands.append(checked)
        return Apply(_TEXT_METHODS[call.function], tuple(operands), call.column), ValueType.BOOL

    def _case_method(self, call: Call) -> Typed:
        _arguments(call, 0, f"plan.{call.function}()")
        receiver = _receiver(call)
        checked, kind = self._check(receiver)
        if kind is not ValueType.STRING:
            raise RuleError(receiver.column, f"{call.function}() is for strings, this is {kind.value}")
        return Apply(_CASE_METHODS[call.function], (checked,), call.column), ValueType.STRING


def _receiver(call: Call) -> Node:
    """What stands before the dot; only methods ask."""
    if call.receiver is None:
        raise TypeError(f"{call.function} was called without anything before it")
    return call.receiver


def _kind(call: Call) -> str:
    return "function" if call.receiver is None else "method"


def _arguments(call: Call, count: int, example: str) -> tuple[Node, ...]:
    if len(call.arguments) != count:
        given = len(call.arguments)
        raise RuleError(
            call.column, f"{call.function}() takes {count} arguments, {given} are given", f"as in {example}"
        )
    return call.arguments


def _text(node: Node, message: str, suggestion: str) -> str:
    if not isinstance(node, Literal) or not isinstance(node.value, str):
        raise RuleError(node.column, message, suggestion)
    return node.value


def _number(node: Node) -> float:
    if isinstance(node, Literal) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    raise RuleError(node.column, "a number stands here", 'as in within("Pune", 10)')
