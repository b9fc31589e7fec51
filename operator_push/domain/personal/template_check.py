"""Template check: is a parsed template one of the subset, with types that fit and a fallback for every place?

Walks the tree once and writes it anew: names of the catalogue (`home.city`) become plain ones, declared
fallbacks become filters, and conditions get the meaning that rules have: whatever is not known makes neither
a condition true nor its negation.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Final, NamedTuple

from jinja2 import TemplateSyntaxError, nodes

from operator_push.domain.personal.own_columns import PREFIX, TYPES
from operator_push.domain.personal.template_filters import FILTER_KINDS, Kind
from operator_push.domain.short_links import LINK
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME, FeatureType

_KINDS: Final = {
    FeatureType.STRING: Kind.TEXT,
    FeatureType.INT: Kind.NUMBER,
    FeatureType.DOUBLE: Kind.NUMBER,
    FeatureType.BOOL: Kind.FLAG,
    FeatureType.DATE: Kind.DATE,
}
_ORDERED: Final = ("gt", "gteq", "lt", "lteq")
_SHOWN_SIGNS: Final = {"gt": ">", "gteq": ">=", "lt": "<", "lteq": "<="}
_OTHERS: Final[Mapping[type[nodes.Node], str]] = {
    nodes.For: "a loop",
    nodes.Call: "a call",
    nodes.Assign: "an assignment",
    nodes.AssignBlock: "an assignment",
    nodes.Macro: "a macro",
    nodes.Include: "an include",
    nodes.Import: "an import",
    nodes.FromImport: "an import",
    nodes.Extends: "extends",
    nodes.Block: "a block",
    nodes.Getitem: "a bracket",
    nodes.Concat: "~",
    nodes.List: "a list outside of `in`",
    nodes.Add: "arithmetic",
    nodes.Sub: "arithmetic",
    nodes.Mul: "arithmetic",
    nodes.Div: "arithmetic",
    nodes.FloorDiv: "arithmetic",
    nodes.Mod: "arithmetic",
    nodes.Pow: "arithmetic",
    nodes.Neg: "arithmetic",
}
_SUBSET: Final = (
    "texts have {{ name | default(…) }} and {% if … %} with elif, else, and, or, not, in, ==, >= …"
)
_Names = frozenset[str]
PLACE: Final = "Qxzq"  # no text holds it by itself, and a link may
_SOME_LINK: Final = "go.example/x"
_NONE: Final[_Names] = frozenset()


class Checked(NamedTuple):
    """What a template uses: attributes in their order, attribute → its name in the tree; `flat` is all of its
    text with PLACE where something is filled in; `has_link`: it holds {{ link }}."""

    names: tuple[str, ...]
    places: dict[str, str]
    flat: str
    has_link: bool


class _Value(NamedTuple):
    """An expression that is shown: `absent` are the attributes without which it is not known."""

    node: nodes.Expr
    kind: Kind
    absent: _Names = _NONE


def check_tree(
    tree: nodes.Template, fallbacks: Mapping[str, str], own: Mapping[str, str] | None = None
) -> Checked:
    """Check a template and rewrite it in place. `own`: the columns of the client's list, name → type.

    Raises:
        TemplateSyntaxError: it is not of the subset; the message says what to write.
    """
    walk = _Walk(fallbacks, own or {})
    tree.body = walk.body(tree.body, _NONE)
    return Checked(tuple(walk.places), walk.places, "".join(walk.flat), walk.has_link)


class _Walk:
    """One walk; `known` are attributes that the conditions around a place have made sure of."""

    def __init__(self, fallbacks: Mapping[str, str], own: Mapping[str, str]) -> None:
        self.places: dict[str, str] = {}
        self.flat: list[str] = []
        self.has_link = False
        self._fallbacks = fallbacks
        self._own = own

    def body(self, body: Sequence[nodes.Node], known: _Names) -> list[nodes.Node]:
        return [self._statement(node, known) for node in body]

    def _statement(self, node: nodes.Node, known: _Names) -> nodes.Node:
        if isinstance(node, nodes.Output):
            node.nodes = [self._output(each, known) for each in node.nodes]
            return node
        if isinstance(node, nodes.If):
            return self._if(node, known)
        raise _refused(node)

    def _if(self, node: nodes.If, known: _Names) -> nodes.If:
        node.test, sure = self._condition(node.test)
        node.body = self.body(node.body, known | sure)
        node.elif_ = [self._if(each, known) for each in node.elif_]
        node.else_ = self.body(node.else_, known)
        return node

    def _output(self, node: nodes.Expr, known: _Names) -> nodes.Expr:
        if isinstance(node, nodes.TemplateData):
            self.flat.append(node.data)
            return node
        if isinstance(node, nodes.Name) and node.name == LINK:
            self.has_link = True
            self.flat.append(_SOME_LINK)
            return node
        self.flat.append(PLACE)
        value = self._value(node, known)
        _require_words(node, value.kind)
        if not value.absent:
            return value.node
        (name, *others) = sorted(value.absent)
        said = self._fallbacks.get(name)
        if said is None or others:
            raise _wrong(
                node,
                f'{name} may not be known, or not permitted: write {{{{ {name} | default("…") }}}}, declare '
                f"a fallback, or put it into {{% if {name} %}}…{{% endif %}}",
            )
        return _default(value.node, nodes.Const(said, lineno=node.lineno))

    def _value(self, node: nodes.Node | None, known: _Names) -> _Value:
        match node:
            case nodes.Const(value=bool()):
                return _Value(node, Kind.FLAG)
            case nodes.Const(value=str()):
                return _Value(node, Kind.TEXT)
            case nodes.Const(value=int() | float()):
                return _Value(node, Kind.NUMBER)
            case nodes.Name() | nodes.Getattr():
                place, name, kind = self._place(node)
                return _Value(place, kind, _NONE if name in known else frozenset((name,)))
            case nodes.Filter():
                return self._filtered(node, known)
            case nodes.CondExpr(expr2=nodes.Expr()):
                node.test, sure = self._condition(node.test)
                yes, no = self._value(node.expr1, known | sure), self._value(node.expr2, known)
                node.expr1, node.expr2 = yes.node, no.node
                return _Value(node, _both(yes.kind, no.kind), yes.absent | no.absent)
            case nodes.CondExpr():
                raise _wrong(node, "a condition in {{ }} needs its else")
        raise _refused(node)

    def _filtered(self, node: nodes.Filter, known: _Names) -> _Value:
        if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise _refused(node)
        value = self._value(node.node, known)
        if node.name == "default":
            _require_words(node, value.kind)
            if len(node.args) != 1 or not isinstance(node.args[0], nodes.Const):
                raise _wrong(node, 'default takes one text or number, such as default("friend")')
            fallback = self._value(node.args[0], known)
            return _Value(_default(value.node, fallback.node), _both(value.kind, fallback.kind))
        if node.name not in FILTER_KINDS:
            raise _wrong(
                node, f"there is no filter {node.name!r}; there are default, {', '.join(FILTER_KINDS)}"
            )
        takes, gives = FILTER_KINDS[node.name]
        if node.args or value.kind is not takes:
            raise _wrong(node, f"{node.name} takes {takes.value} alone, and this is {value.kind.value}")
        node.node = value.node
        return _Value(node, gives, value.absent)

    def _condition(self, node: nodes.Node) -> tuple[nodes.Expr, _Names]:
        """The condition with its full meaning, and what is known for sure where it is true."""
        match node:
            case nodes.Const(value=bool()):
                return node, _NONE
            case nodes.Name() | nodes.Getattr():
                place, name, kind = self._place(node)
                test: nodes.Expr = place if kind is Kind.FLAG else _is_known(place)
                return test, frozenset((name,))
            case nodes.Test(name="defined", node=nodes.Name() | nodes.Getattr() as inner):
                place, name, _ = self._place(inner)
                return _is_known(place), frozenset((name,))
            case nodes.And() | nodes.Or():
                node.left, left = self._condition(node.left)
                node.right, right = self._condition(node.right)
                return node, left | right if isinstance(node, nodes.And) else left & right
            case nodes.Not():
                inner_test, _ = self._condition(node.node)
                names = _names_in(inner_test)
                return self._where_known(nodes.Not(inner_test, lineno=node.lineno), names), self._back(names)
            case nodes.Compare(ops=[operand]):
                return self._compared(node, operand)
        raise _refused(node)

    def _compared(self, node: nodes.Compare, operand: nodes.Operand) -> tuple[nodes.Expr, _Names]:
        left = self._value(node.expr, _NONE)
        if operand.op in ("in", "notin"):
            items = operand.expr.items if isinstance(operand.expr, nodes.List) else []
            kinds = {self._value(each, _NONE).kind for each in items if isinstance(each, nodes.Const)}
            if len(items) == 0 or kinds != {left.kind}:
                raise _wrong(node, f"in needs a list of {left.kind.value} such as [1, 2] or ['a', 'b']")
        else:
            right = self._value(operand.expr, _NONE)
            operand.expr = right.node
            if left.kind is not right.kind or left.kind is Kind.DATE:
                raise _wrong(node, f"{left.kind.value} and {right.kind.value} cannot be compared")
            if operand.op in _ORDERED and left.kind is not Kind.NUMBER:
                raise _wrong(node, f"{_SHOWN_SIGNS[operand.op]} compares numbers")
            left = left._replace(absent=left.absent | right.absent)
        node.expr = left.node
        names = _names_in(node)
        return self._where_known(node, names), left.absent

    def _where_known(self, test: nodes.Expr, names: Sequence[str]) -> nodes.Expr:
        """A test that is true only where everything that it asks is known."""
        for name in names:
            place = nodes.Name(name, "load", lineno=test.lineno)
            test = nodes.And(_is_known(place), test, lineno=test.lineno)
        return test

    def _back(self, places: Sequence[str]) -> _Names:
        return frozenset(name for name, place in self.places.items() if place in places)

    def _place(self, node: nodes.Name | nodes.Getattr) -> tuple[nodes.Name, str, Kind]:
        name = _dotted(node)
        if name == LINK:
            raise _wrong(node, f"{LINK} stands alone: {{{{ {LINK} }}}}")
        of_type = self._type_of(name, node)
        kind = _KINDS.get(of_type)
        if kind is None:
            raise _wrong(node, f"{name} is a {of_type.value}, which no text can show")
        place = self.places.setdefault(name, "v_" + name.replace(".", "__"))
        return nodes.Name(place, "load", lineno=node.lineno), name, kind

    def _type_of(self, name: str, node: nodes.Node) -> FeatureType:
        if name.startswith(PREFIX):
            column = name.removeprefix(PREFIX)
            if column in self._own:
                return TYPES[self._own[column]]
            there = f"its list has {', '.join(self._own)}" if self._own else "--own LIST says of which list"
            raise _wrong(node, f"there is no own column {column!r}; {there}")
        feature = FEATURES_BY_NAME.get(name)
        if feature is None:
            near = get_close_matches(name, FEATURES_BY_NAME, 1)
            hint = f"; did you mean {near[0]}?" if near else "; docs/features.md has them all"
            raise _wrong(node, f"there is no attribute {name!r}{hint}")
        return feature.type


def _dotted(node: nodes.Expr) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_dotted(node.node)}.{node.attr}"
    if isinstance(node, nodes.Name):
        return str(node.name)
    raise _refused(node)


def _names_in(node: nodes.Expr) -> list[str]:
    found = [node] if isinstance(node, nodes.Name) else []
    return sorted({each.name for each in (*found, *node.find_all(nodes.Name))})


def _is_known(place: nodes.Name) -> nodes.Expr:
    return nodes.Test(place, "defined", [], [], None, None, lineno=place.lineno)


def _default(value: nodes.Expr, fallback: nodes.Expr) -> nodes.Expr:
    return nodes.Filter(value, "default", [fallback], [], None, None, lineno=value.lineno)


def _require_words(node: nodes.Node, kind: Kind) -> None:
    """What is shown, or has a fallback for being shown, is a text or a number."""
    if kind is Kind.FLAG:
        raise _wrong(node, "true or false is no text; write {% if name %}…{% endif %}")
    if kind is Kind.DATE:
        raise _wrong(node, "a date needs | date (2026-01-31) or | day_month (31.01.)")


def _both(one: Kind, other: Kind) -> Kind:
    return one if one is other else Kind.ANY


def _refused(node: nodes.Node | None) -> TemplateSyntaxError:
    if node is None:
        return TemplateSyntaxError(f"a filter without a value; {_SUBSET}", 1)
    what = _OTHERS.get(type(node), f"{type(node).__name__.lower()} here")
    return _wrong(node, f"{what} has no place in a text; {_SUBSET}")


def _wrong(node: nodes.Node, message: str) -> TemplateSyntaxError:
    return TemplateSyntaxError(message, node.lineno)
