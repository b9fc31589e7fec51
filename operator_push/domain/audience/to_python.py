"""Rules as Python: one function per rule, for one person or one event at a time.

Straight-line code is generated, one guarded assignment a node, and compiled once; values of the rule reach it
as constants, never as source text. It means what to_sql means: None is SQL's null.
"""

from collections.abc import Callable, Mapping
from math import cos, degrees, radians, sin
from typing import NamedTuple, Protocol

from operator_push.domain.audience.built_ins import PYTHON
from operator_push.domain.audience.tree import (
    AllOf,
    AnyOf,
    Apply,
    Arithmetic,
    Attribute,
    Clock,
    Compare,
    Conditional,
    IsNull,
    ListOf,
    Literal,
    Member,
    Near,
    Negate,
    Node,
    Not,
    ToDouble,
    Within,
)

KM_PER_DEGREE = 111.19508372419142  # of a meridian: mean radius 6,371.0088 km (IUGG) times pi over 180


class RuleFunction(Protocol):
    """A compiled rule."""

    def __call__(self, profile: Mapping[str, object], now_us: int | None = None) -> bool | None:
        """True, False or None (unknown) for one person; an audience takes only True.

        `profile` maps catalogue names to values, and keys of sets (`list:vip`) to True for members. An
        absent or None attribute is unknown. `now_us`: microseconds since 1970 UTC.

        Raises:
            ValueError: the rule reads the clock, and `now_us` is not given.
        """
        ...


class MapAbout(NamedTuple):
    """A map about a point. The square of a distance in km is north² + east² × (at - north × (less + north ×
    lesser)), where north and east are degrees times KM_PER_DEGREE: the haversine formula for small angles,
    with the cosine of the other latitude by its first three terms about this one. Within 500 km it is right
    to half a per cent up to 60 degrees of latitude; sums and products alone, so that every engine comes to
    the same."""

    latitude: float
    longitude: float
    at: float
    less: float
    lesser: float


def map_about(latitude: float, longitude: float) -> MapAbout:
    """The map about a point.

    Zero becomes a tenth of a millimetre: the square of a coordinate that is close to nothing must not be lost
    below the smallest double, where PostgreSQL raises.
    """
    about_latitude = latitude if abs(latitude) > 1e-9 else 1e-9
    about_longitude = longitude if abs(longitude) > 1e-9 else 1e-9
    here, km_per_radian = radians(about_latitude), KM_PER_DEGREE * degrees(1)
    at = cos(here) * cos(here)
    less, lesser = cos(here) * sin(here) / km_per_radian, at / (2 * km_per_radian * km_per_radian)
    return MapAbout(about_latitude, about_longitude, at, less, lesser)


def to_python(root: Node) -> RuleFunction:
    """A checked rule as a function of one person's profile."""
    writer = _Writer()
    result = writer.write(root)
    lines = [
        "def rule(profile, now_us=None):",
        "    get = profile.get",
        *writer.lines,
        f"    return {result}",
    ]
    namespace = writer.constants
    exec(compile("\n".join(lines), "<rule>", "exec"), namespace)
    function: RuleFunction = namespace["rule"]  # type: ignore[assignment]
    return function


class _Writer:
    """Writes each node as lines that leave its value in a local name, and returns that name."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, object] = {"__builtins__": {}, "double": float}
        self._attributes: dict[str, str] = {}

    def write(self, node: Node) -> str:
        match node:
            case Literal(value):
                return self._constant(value)
            case Attribute(name):
                return self._attribute(name)
            case AllOf(operands):
                return self._joined(operands, "False", "True")
            case AnyOf(operands):
                return self._joined(operands, "True", "False")
            case Not(operand):
                return self._guarded("not {0}", operand)
            case Negate(operand):
                return self._guarded("-{0}", operand)
            case ToDouble(operand):
                return self._guarded("double({0})", operand)
            case Compare(comparison, left, right):
                return self._guarded(f"{{0}} {comparison.value} {{1}}", left, right)
            case Arithmetic(sign, left, right):
                return self._guarded(f"{{0}} {sign.value} {{1}}", left, right)
            case IsNull(operand, negated):
                return self._assign(f"{self.write(operand)} is {'not ' if negated else ''}None")
            case Within(operand, ListOf(items)):
                if not items:
                    return "False"
                values = frozenset(item.value for item in items if isinstance(item, Literal))
                return self._guarded(f"{{0}} in {self._constant(values)}", operand)
            case Conditional(condition, then, otherwise):
                asked, one, other = self.write(condition), self.write(then), self.write(otherwise)
                return self._assign(f"{one} if {asked} is True else {other} if {asked} is False else None")
            case Apply(function, operands):
                marks = ", ".join(f"{{{place}}}" for place in range(len(operands)))
                return self._guarded(f"{self._constant(PYTHON[function])}({marks})", *operands)
            case Clock(reading):
                return self._assign(f"{self._constant(_read_clock)}({self._constant(reading)}, now_us)")
            case Member(key):
                return self._assign(f"get({self._constant(key)}) is True")
            case Near():
                about = _distance_question(node)
                return self._guarded(f"{self._constant(about)}({{0}}, {{1}})", *node.operands)
            case _:
                raise TypeError(f"{type(node).__name__} does not leave the type check")

    def _constant(self, value: object) -> str:
        if value is None or isinstance(value, bool):
            return str(value)
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    def _attribute(self, name: str) -> str:
        local = self._attributes.get(name)
        if local is None:
            local = self._attributes[name] = self._assign(f"get({self._constant(name)})")
        return local

    def _assign(self, expression: str) -> str:
        local = f"v{len(self.lines)}"
        self.lines.append(f"    {local} = {expression}")
        return local

    def _guarded(self, template: str, *operands: Node) -> str:
        """The expression, or None where an operand is unknown; literals never are."""
        names = [self.write(operand) for operand in operands]
        unknown = " or ".join(
            f"{name} is None"
            for name, operand in zip(names, operands, strict=True)
            if not isinstance(operand, Literal)
        )
        expression = template.format(*names)
        return self._assign(f"None if {unknown} else {expression}" if unknown else expression)

    def _joined(self, operands: tuple[Node, ...], decisive: str, otherwise: str) -> str:
        """`decisive` if one operand is, else unknown if one operand is, else `otherwise`."""
        names = [self.write(operand) for operand in operands]
        decided = " or ".join(f"{name} is {decisive}" for name in names)
        unknown = " or ".join(f"{name} is None" for name in names)
        return self._assign(f"{decisive} if {decided} else None if {unknown} else {otherwise}")


def _read_clock(reading: Callable[[int], int], now_us: int | None) -> int:
    if now_us is None:
        raise ValueError("this rule reads the clock: give now_us")
    return reading(now_us)


def _distance_question(near: Near) -> Callable[[float, float], bool | None]:
    """The same sums in the same order as to_sql writes them."""
    about_latitude, about_longitude, at, less, lesser = map_about(near.latitude, near.longitude)
    limit = near.km * near.km

    def is_near(latitude: float, longitude: float) -> bool | None:
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            return None
        north = (latitude - about_latitude) * KM_PER_DEGREE
        if north * north > limit:
            return False
        east = longitude - about_longitude
        if east > 180:
            east = east - 360
        elif east < -180:
            east = east + 360
        east = east * KM_PER_DEGREE
        return north * north + east * east * (at - north * (less + north * lesser)) <= limit

    return is_near
