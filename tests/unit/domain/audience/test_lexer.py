"""The lexer: spelling, columns, and what is no spelling at all."""

import pytest

from operator_push.domain.audience.lexer import INT_MAX, RULE_CHARACTERS_MAX, TokenKind, tokenise
from operator_push.domain.audience.rule_error import RuleError


def test_tokens_know_their_column_and_value() -> None:
    tokens = tokenise('age>=18  && home.city != "Pune" // who lives elsewhere\n|| -1.5e2 < .5')
    assert [(token.text, token.column) for token in tokens] == [
        ("age", 1),
        (">=", 4),
        ("18", 6),
        ("&&", 10),
        ("home", 13),
        (".", 17),
        ("city", 18),
        ("!=", 23),
        ('"Pune"', 26),
        ("||", 56),
        ("-", 59),
        ("1.5e2", 60),
        ("<", 66),
        (".5", 68),
        ("", 70),
    ]
    assert [token.value for token in tokens if token.value != ""] == [18, "Pune", 150.0, 0.5]
    assert tokens[-1].kind is TokenKind.END


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"Chai \\"Point\\""', 'Chai "Point"'),
        ("'it\\'s'", "it's"),
        ('"it\'s"', "it's"),
        (r'"a\\b\n\t\r"', "a\\b\n\t\r"),
        (r'"\u091a\x41"', "चA"),
        ('""', ""),
        ('"// no comment"', "// no comment"),
        ('"पुणे"', "पुणे"),
        (r'r"a\b\d"', r"a\b\d"),
        (r"R'it\n'", r"it\n"),
        ('"""two\nlines "quoted" \\t."""', 'two\nlines "quoted" \t.'),
        ("'''a'b'''", "a'b"),
        ("r'''a\\'b'''", "a\\'b"),
        (r'"\a\b\f\v\?\`"', "\a\b\f\v?`"),
        (r'"\101\U0001F600\XE9"', "A😀é"),
    ],
)
def test_strings(written: str, value: str) -> None:
    token = tokenise(written)[0]
    assert (token.kind, token.value) == (TokenKind.STRING, value)


def test_numbers() -> None:
    assert [token.value for token in tokenise("0 007 1.0 1e3 2E-2 1.5e+2 0xFf")[:-1]] == [
        0,
        7,
        1.0,
        1e3,
        0.02,
        150.0,
        255,
    ]
    assert tokenise(str(INT_MAX))[0].value == INT_MAX
    assert [token.kind for token in tokenise("1 1.0 1e0")[:-1]] == [
        TokenKind.INT,
        TokenKind.DOUBLE,
        TokenKind.DOUBLE,
    ]


@pytest.mark.parametrize(
    ("text", "column", "told"),
    [
        ("age = 3", 5, "equality is written =="),
        ("age > 3 & true", 9, "and is written &&"),
        ("age ≥ 2", 5, "at least is written >="),
        ("age > 5u", 7, "no unsigned ints; write 5"),
        ('plan == b"x"', 9, "no bytes"),
        ("plan == r'gold", 9, "close it with '"),
        (r'plan == "\UFFFFFFFF"', 10, "beyond the last character"),
        ("plan == “gold”", 9, "quotes are written"),
        ("plan == 'gold", 9, "close it with '"),
        ('plan == "go\nld"', 9, "does not end"),
        (r'plan == "\q"', 10, r"\q is no escape"),
        (r'"\ud800"', 1, "surrogate"),
        (r'"\x00"', 1, "NUL"),
        ("30d > 1", 1, "runs into 'd'; a duration is written duration(\"30d\")"),
        ("1e400 > 1", 1, "largest double"),
        (str(INT_MAX + 1), 1, "largest int"),
        ("9" * 6_000, 1, "largest int"),
        ("age; drop", 4, "means nothing"),
        (" " * (RULE_CHARACTERS_MAX + 1), RULE_CHARACTERS_MAX + 1, "at most"),
    ],
)
def test_errors_point_at_the_column(text: str, column: int, told: str) -> None:
    with pytest.raises(RuleError) as caught:
        tokenise(text)
    assert caught.value.column == column
    assert told in str(caught.value)
