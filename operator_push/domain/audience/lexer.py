"""The lexer: a rule's text to tokens. Spelling follows CEL's specification, section "Syntax".

Strings take single or double quotes with the escapes of CEL that text needs (\\n \\r \\t \\\\ \\' \\" \\uXXXX
\\xHH); comments run from // to the end of the line.
"""

import math
import re
from dataclasses import dataclass
from enum import Enum

from operator_push.domain.audience.rule_error import RuleError

RULE_CHARACTERS_MAX = 8_000  # Ours: bounds the work that a stranger's rule can cause.
INT_MAX = 1 << 53  # Ours: integers stay exact as doubles, so that every engine compares them alike.
DOUBLE_MAX = 1e300  # Ours: sums of a rule's numbers stay finite.


class TokenKind(Enum):
    """What a token is."""

    NAME = "name"
    INT = "int"
    DOUBLE = "double"
    STRING = "string"
    SIGN = "sign"  # operators, brackets, comma and dot: `text` tells which
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """`text` as written; `value` of a literal."""

    kind: TokenKind
    text: str
    column: int
    value: int | float | str = ""


_SPACE = re.compile(r"(?:[ \t\r\n\f]|//[^\n]*)+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"(?:\d+\.\d+|\.\d+|\d+(?=[eE][+-]?\d))(?:[eE][+-]?\d+)?|\d+")
_SIGN = re.compile(r"&&|\|\||==|!=|<=|>=|[<>!+\-()\[\],.]")
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", '"': '"'}
_SLIPS = {
    "=": "equality is written ==",
    "&": "and is written &&",
    "|": "or is written ||",
    "*": "a rule can only add and subtract",
    "/": "a rule can only add and subtract",
    "%": "a rule can only add and subtract",
    "“": "quotes are written \" or '",
    "”": "quotes are written \" or '",
    "‘": "quotes are written \" or '",
    "’": "quotes are written \" or '",
}


def tokenise(text: str) -> list[Token]:
    """The tokens of a rule, the last one END.

    Raises:
        RuleError: a character, number or string that the language does not have.
    """
    if len(text) > RULE_CHARACTERS_MAX:
        raise RuleError(
            RULE_CHARACTERS_MAX + 1,
            f"the rule has {len(text)} characters, at most {RULE_CHARACTERS_MAX} are read",
        )
    tokens: list[Token] = []
    at = 0
    while True:
        space = _SPACE.match(text, at)
        if space:
            at = space.end()
        if at == len(text):
            tokens.append(Token(TokenKind.END, "", at + 1))
            return tokens
        token = _token(text, at)
        tokens.append(token)
        at += len(token.text)


def _token(text: str, at: int) -> Token:
    column = at + 1
    if found := _NAME.match(text, at):
        return Token(TokenKind.NAME, found.group(), column)
    if found := _NUMBER.match(text, at):
        return _number(found.group(), text[found.end() : found.end() + 1], column)
    if text[at] in "\"'":
        return _string(text, at)
    if found := _SIGN.match(text, at):
        return Token(TokenKind.SIGN, found.group(), column)
    raise RuleError(column, f"{text[at]!r} means nothing in a rule", _SLIPS.get(text[at], ""))


def _number(digits: str, after: str, column: int) -> Token:
    if after.isalpha() or after == "_":
        raise RuleError(
            column, f"the number {digits} runs into {after!r}", "put a space or an operator between"
        )
    if digits.isdigit():
        if len(digits) > 20 or int(digits) > INT_MAX:
            raise RuleError(column, f"{digits[:20]} is beyond {INT_MAX}, the largest int of a rule")
        return Token(TokenKind.INT, digits, column, int(digits))
    value = float(digits)
    if math.isinf(value) or value > DOUBLE_MAX:
        raise RuleError(column, f"{digits[:20]} is beyond {DOUBLE_MAX:g}, the largest double of a rule")
    return Token(TokenKind.DOUBLE, digits, column, value)


def _string(text: str, at: int) -> Token:
    found = _STRING.match(text, at)
    if found is None:
        raise RuleError(at + 1, "this string does not end", f"close it with {text[at]}")
    written = found.group()
    pieces: list[str] = []
    copied = 1
    for escape in _ESCAPE.finditer(written):
        pieces.append(written[copied : escape.start()])
        pieces.append(_escaped(escape, at + 1 + escape.start()))
        copied = escape.end()
    value = "".join(pieces) + written[copied:-1]
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise RuleError(at + 1, "a string of a rule holds neither NUL nor half of a surrogate pair")
    return Token(TokenKind.STRING, written, at + 1, value)


def _escaped(escape: re.Match[str], column: int) -> str:
    four, two, plain = escape.groups()
    if four or two:
        return chr(int(four or two, 16))
    if plain not in _PLAIN_ESCAPES:
        raise RuleError(column, f"\\{plain} is no escape", r"a backslash is written \\")
    return _PLAIN_ESCAPES[plain]
