"""The parser: tokens to a tree, by recursive descent over CEL's grammar.

    expression  = or [ "?" or ":" expression ]
    or          = and { "||" and }
    and         = relation { "&&" relation }
    relation    = sum { ( "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" ) sum }
    sum         = product { ( "+" | "-" ) product }
    product     = unary { ( "*" | "/" | "%" ) unary }
    unary       = { "!" | "-" } member
    member      = primary { "." name "(" arguments ")" }
    primary     = literal | list | name { "." name } [ "(" arguments ")" ] | "(" expression ")"

Depth and length are bounded, so that no rule exhausts a stack. CEL's maps, messages and index brackets are
not read: a profile has attributes, and their names hold dots.
"""

from operator_push.domain.audience.lexer import Token, TokenKind, tokenise
from operator_push.domain.audience.rule_error import RuleError
from operator_push.domain.audience.tree import (
    AllOf,
    AnyOf,
    Arithmetic,
    Attribute,
    Call,
    Compare,
    Comparison,
    Conditional,
    ListOf,
    Literal,
    Negate,
    Node,
    Not,
    Sign,
    Within,
)

DEPTH_MAX = 48  # Ours, as the next: about nine stack frames a level, and one for each sign of a chain.
CHAINED_SIGNS_MAX = 200
LIST_ITEMS_MAX = 1_000
NAMESPACES = frozenset({"sets"})  # a dot after one of them leads to its function, not to a method

_COMPARISONS = {comparison.value: comparison for comparison in Comparison}
_SIGNS = {sign.value: sign for sign in Sign}
_ORDERS = frozenset({"<", "<=", ">", ">="})
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
# Words of other languages, and what stands for them here.
_SLIPS = {"and": "&&", "AND": "&&", "or": "||", "OR": "||", "not": "!", "NOT": "!", "is": "==", "IS": "=="}


def parse(text: str) -> Node:
    """The tree of a rule's text, names and types not yet checked.

    Raises:
        RuleError: naming the column at which the rule stops making sense.
    """
    return _Parser(tokenise(text)).whole()


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._chained_signs = 0

    def whole(self) -> Node:
        if self._is_end():
            raise RuleError(1, "the rule is empty", 'write a condition such as age >= 18 && plan == "gold"')
        node = self._expression()
        if not self._is_end():
            raise self._unexpected("an operator or the end of the rule")
        return node

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _is_end(self) -> bool:
        return self._next.kind is TokenKind.END

    def _is_sign(self, text: str) -> bool:
        return self._next.kind is TokenKind.SIGN and self._next.text == text

    def _take(self) -> Token:
        token = self._next
        self._at += 1
        return token

    def _expect(self, text: str) -> None:
        if not self._is_sign(text):
            raise self._unexpected(repr(text))
        self._at += 1

    def _unexpected(self, wanted: str) -> RuleError:
        token = self._next
        if token.kind is TokenKind.END:
            return RuleError(token.column, f"the rule ends where {wanted} should follow")
        meant = _SLIPS.get(token.text)
        suggestion = f"write {meant} instead of {token.text}" if meant else ""
        return RuleError(token.column, f"{token.text!r} stands where {wanted} should", suggestion)

    def _expression(self) -> Node:
        condition = self._any_of()
        if not self._is_sign("?"):
            return condition
        token = self._take()
        self._go_deeper(token)
        then = self._any_of()
        self._expect(":")
        otherwise = self._expression()
        self._depth -= 1
        return Conditional(condition, then, otherwise, token.column)

    def _any_of(self) -> Node:
        column = self._next.column
        operands = [self._all_of()]
        while self._is_sign("||"):
            self._at += 1
            operands.append(self._all_of())
        return operands[0] if len(operands) == 1 else AnyOf(tuple(operands), column)

    def _all_of(self) -> Node:
        column = self._next.column
        operands = [self._relation()]
        while self._is_sign("&&"):
            self._at += 1
            operands.append(self._relation())
        return operands[0] if len(operands) == 1 else AllOf(tuple(operands), column)

    def _relation(self) -> Node:
        node = self._sum()
        while self._is_relation():
            token = self._take()
            if isinstance(node, Compare | Within):
                self._count_sign(token)
            if token.text in _ORDERS and isinstance(node, Compare) and node.comparison.value in _ORDERS:
                raise RuleError(
                    token.column,
                    "comparisons do not chain",
                    "join two with &&, as in 18 <= age && age < 30, or use parentheses",
                )
            right = self._sum()
            if token.text == "in":
                node = Within(node, right, token.column)
            else:
                node = Compare(_COMPARISONS[token.text], node, right, token.column)
        return node

    def _is_relation(self) -> bool:
        token = self._next
        if token.kind is TokenKind.NAME:
            return token.text == "in"
        return token.kind is TokenKind.SIGN and token.text in _COMPARISONS

    def _sum(self) -> Node:
        node = self._product()
        while self._is_sign("+") or self._is_sign("-"):
            token = self._take()
            self._count_sign(token)
            node = Arithmetic(_SIGNS[token.text], node, self._product(), token.column)
        return node

    def _product(self) -> Node:
        node = self._unary()
        while self._is_sign("*") or self._is_sign("/") or self._is_sign("%"):
            token = self._take()
            self._count_sign(token)
            node = Arithmetic(_SIGNS[token.text], node, self._unary(), token.column)
        return node

    def _count_sign(self, token: Token) -> None:
        """Chains lean to the left: each sign is a level of the tree that no bracket shows."""
        self._chained_signs += 1
        if self._chained_signs > CHAINED_SIGNS_MAX:
            raise RuleError(
                token.column, f"a rule holds at most {CHAINED_SIGNS_MAX} signs of arithmetic and comparison"
            )

    def _unary(self) -> Node:
        if not (self._is_sign("!") or self._is_sign("-")):
            return self._member()
        token = self._take()
        self._go_deeper(token)
        operand = self._unary()
        self._depth -= 1
        if token.text == "!":
            return Not(operand, token.column)
        if isinstance(operand, Literal):
            value = operand.value
            if isinstance(value, int | float) and not isinstance(value, bool):
                return Literal(-value, token.column)
        return Negate(operand, token.column)

    def _go_deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise RuleError(token.column, f"the rule is nested deeper than {DEPTH_MAX} levels")

    def _member(self) -> Node:
        node = self._primary()
        while self._is_sign("."):
            self._go_deeper(self._take())
            if self._next.kind is not TokenKind.NAME:
                raise self._unexpected("a name after the dot")
            name = self._take()
            if not self._is_sign("("):
                raise self._unexpected(f"'(' after the method {name.text}")
            self._take()
            node = Call(name.text, self._items(")"), name.column, node)
            self._depth -= 1
        if self._is_sign("["):
            raise RuleError(self._next.column, "a rule has no index brackets", "name the attribute itself")
        return node

    def _primary(self) -> Node:
        token = self._next
        match token.kind:
            case TokenKind.INT | TokenKind.DOUBLE | TokenKind.STRING:
                self._at += 1
                return Literal(token.value, token.column)
            case TokenKind.NAME:
                return self._name()
        if self._is_sign("("):
            self._go_deeper(self._take())
            node = self._expression()
            self._expect(")")
            self._depth -= 1
            return node
        if self._is_sign("["):
            return self._list()
        raise self._unexpected("a value")

    def _name(self) -> Node:
        first = self._take()
        if first.text in _CONSTANTS:
            return Literal(_CONSTANTS[first.text], first.column)
        if first.text == "in" or first.text in _SLIPS:
            self._at -= 1
            raise self._unexpected("a value")
        parts = [first]
        while self._is_sign("."):
            self._at += 1
            if self._next.kind is not TokenKind.NAME:
                raise self._unexpected("a name after the dot")
            parts.append(self._take())
        name = ".".join(part.text for part in parts)
        if not self._is_sign("("):
            return Attribute(name, first.column)
        self._go_deeper(self._take())
        arguments = self._items(")")
        self._depth -= 1
        if len(parts) == 1 or first.text in NAMESPACES:
            return Call(name, arguments, first.column)
        receiver = Attribute(name.rpartition(".")[0], first.column)
        return Call(parts[-1].text, arguments, parts[-1].column, receiver)

    def _list(self) -> Node:
        token = self._take()
        self._go_deeper(token)
        items = self._items("]")
        self._depth -= 1
        if len(items) > LIST_ITEMS_MAX:
            raise RuleError(
                token.column, f"the list has {len(items)} items, at most {LIST_ITEMS_MAX} are read"
            )
        return ListOf(items, token.column)

    def _items(self, closing: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while not self._is_sign(closing):
            items.append(self._expression())
            if self._is_sign(closing):
                break
            self._expect(",")
        self._expect(closing)
        return tuple(items)
