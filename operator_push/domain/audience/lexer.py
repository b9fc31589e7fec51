"""The lexer: a rule's text to tokens. Spelling follows CEL's specification, section "Syntax".

Strings take single, double or triple quotes with the escapes of CEL, or none of them after r; comments run
from // to the end of the line.
"""

import math
import re
import sys
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
# ASCII digits alone: \d would take those of every script.
_NUMBER = re.compile(
    r"0[xX][0-9A-Fa-f]+|(?:[0-9]+\.[0-9]+|\.[0-9]+|[0-9]+(?=[eE][+-]?[0-9]))(?:[eE][+-]?[0-9]+)?|[0-9]+"
)
_SIGN = re.compile(r"&&|\|\||==|!=|<=|>=|[<>!+\-*/%?:()\[\],.]")
_STRING = re.compile(
    r'"""(?:[^\\]|\\[\s\S])*?"""'
    r"|'{3}(?:[^\\]|\\[\s\S])*?'{3}"
    r'|"(?:[^"\\\n\r]|\\.)*"'
    r"|'(?:[^'\\\n\r]|\\.)*'"
)
_RAW_STRING = re.compile(
    r'[rR](?:"{3}[\s\S]*?"{3}' + r"|'{3}[\s\S]*?'{3}" + r'|"[^"\n\r]*"' + r"|'[^'\n\r]*')"
)
_ESCAPE = re.compile(
    r"\\(?:U([0-9A-Fa-f]{8})|u([0-9A-Fa-f]{4})|[xX]([0-9A-Fa-f]{2})|([0-3][0-7]{2})|(.))", re.DOTALL
)
_PLAIN_ESCAPES = dict(zip("abfnrtv\\'\"`?", "\a\b\f\n\r\t\v\\'\"`?", strict=True))
_SLIPS = {
    "=": "equality is written ==",
    "&": "and is written &&",
    "|": "or is written ||",
    "≠": "inequality is written !=",
    "≤": "at most is written <=",
    "≥": "at least is written >=",
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
    if text[at] in "\"'":
        return _string(text, at)
    if text[at] in "rRbB" and text[at + 1 : at + 2] in ("'", '"'):
        return _prefixed_string(text, at)
    if found := _NAME.match(text, at):
        return Token(TokenKind.NAME, found.group(), column)
    if found := _NUMBER.match(text, at):
        return _number(found.group(), text[found.end() : found.end() + 1], column)
    if found := _SIGN.match(text, at):
        return Token(TokenKind.SIGN, found.group(), column)
    raise RuleError(column, f"{text[at]!r} means nothing in a rule", _SLIPS.get(text[at], ""))


def _number(digits: str, after: str, column: int) -> Token:
    if after in ("u", "U"):
        raise RuleError(column, "a rule has no unsigned ints", f"write {digits}")
    if after.isalpha() or after == "_":
        suggestion = "put a space or an operator between"
        if after in "dhms" and digits.isdigit():
            suggestion = f'a duration is written duration("{digits}{after}")'
        raise RuleError(column, f"the number {digits} runs into {after!r}", suggestion)
    if digits.isdigit() or digits[:2] in ("0x", "0X"):
        value = int(digits, 16) if digits[1:2] in ("x", "X") else int(digits[:4000])
        if len(digits) > 20 or value > INT_MAX:
            raise RuleError(column, f"{digits[:20]} is beyond {INT_MAX}, the largest int of a rule")
        return Token(TokenKind.INT, digits, column, value)
    number = float(digits)
    if math.isinf(number) or number > DOUBLE_MAX:
        raise RuleError(column, f"{digits[:20]} is beyond {DOUBLE_MAX:g}, the largest double of a rule")
    return Token(TokenKind.DOUBLE, digits, column, number)


def _string(text: str, at: int) -> Token:
    found = _STRING.match(text, at)
    if found is None:
        raise _endless(text, at)
    written = found.group()
    quotes = _quotes(written)
    inside = written[quotes:-quotes]
    pieces: list[str] = []
    copied = 0
    for escape in _ESCAPE.finditer(inside):
        pieces.append(inside[copied : escape.start()])
        pieces.append(_escaped(escape, at + 1 + quotes + escape.start()))
        copied = escape.end()
    return _string_token(written, "".join(pieces) + inside[copied:], at)


def _prefixed_string(text: str, at: int) -> Token:
    if text[at] in "bB":
        raise RuleError(at + 1, "a rule has no bytes", "write a string without the b")
    found = _RAW_STRING.match(text, at)
    if found is None:
        raise _endless(text, at, at + 1)
    written = found.group()
    quotes = _quotes(written[1:])
    return _string_token(written, written[1 + quotes : -quotes], at)


def _quotes(written: str) -> int:
    """How many quotes open a string."""
    return 3 if len(written) >= 6 and written[:3] in ('"""', "'''") else 1


def _endless(text: str, at: int, quote_at: int | None = None) -> RuleError:
    quote = text[at if quote_at is None else quote_at]
    return RuleError(at + 1, "this string does not end", f"close it with {quote}")


def _string_token(written: str, value: str, at: int) -> Token:
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise RuleError(at + 1, "a string of a rule holds neither NUL nor half of a surrogate pair")
    return Token(TokenKind.STRING, written, at + 1, value)


def _escaped(escape: re.Match[str], column: int) -> str:
    eight, four, two, octal, plain = escape.groups()
    if octal:
        return chr(int(octal, 8))
    if digits := eight or four or two:
        code = int(digits, 16)
        if code > sys.maxunicode:
            raise RuleError(column, f"{escape.group()} is beyond the last character, U+10FFFF")
        return chr(code)
    if plain not in _PLAIN_ESCAPES:
        raise RuleError(column, f"\\{plain} is no escape", r"a backslash is written \\")
    return _PLAIN_ESCAPES[plain]
