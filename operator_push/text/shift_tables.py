"""Shift tables: the national languages of GSM 7-bit (3GPP TS 23.038 Annex A), as two look-ups for each pair.

A single shift table replaces the extension table behind the escape; a locking shift table replaces the
default alphabet. Which of them a message uses stands in its user data header (user_data_header.py); an
identifier that nobody has assigned means the default (TS 23.038 section 6.2.1.2.4).
Data: Annex A.2 and A.3 of Release 18, with the slips of the printed tables put right as handsets have them:
Kannada 0x24 is U+0CA1 (printed U+0CAA, which is 0x3D) and Tamil 0x24 of A.2.11 is U+0BEE.
Not here: when a national table may be used (segmentation.py and its callers).
"""

from enum import IntEnum
from functools import cache
from typing import Final

import msgspec

ESCAPE: Final = 0x1B
UNDEFINED: Final = "\ufffe"  # a character that no text contains
DEFAULT_LANGUAGE: Final = 0


class NationalLanguage(IntEnum):
    """National language identifiers, TS 23.040 section 9.2.3.24.15; each has a single shift table."""

    TURKISH = 1
    SPANISH = 2
    PORTUGUESE = 3
    BENGALI = 4
    GUJARATI = 5
    HINDI = 6
    KANNADA = 7
    MALAYALAM = 8
    ORIYA = 9
    PUNJABI = 10
    TAMIL = 11
    TELUGU = 12
    URDU = 13

    @property
    def code(self) -> str:
        """Its ISO 639-1 code, as settings and commands name it."""
        return LANGUAGE_CODES[self - 1]

    @property
    def has_locking_table(self) -> bool:
        """False for Spanish alone (Annex A.3.2 is void)."""
        return self is not NationalLanguage.SPANISH


LANGUAGE_CODES: Final = ("tr", "es", "pt", "bn", "gu", "hi", "kn", "ml", "or", "pa", "ta", "te", "ur")


def language_of_code(code: str) -> NationalLanguage:
    """The language with this ISO 639-1 code.

    Raises:
        ValueError: none of the thirteen; the message says which there are.
    """
    if code not in LANGUAGE_CODES:
        raise ValueError(f"{code!r} has no shift tables; choose of {', '.join(LANGUAGE_CODES)}")
    return NationalLanguage(LANGUAGE_CODES.index(code) + 1)


class ShiftPair(msgspec.Struct, frozen=True):
    """A locking and a single shift table together, ready for both directions.

    `encoding` maps a code point to its unpacked octets (one, or the escape and one); `locking` is 256
    characters by octet and `single` a character by the code behind an escape. What no table has is missing
    there, or UNDEFINED in `locking`.
    """

    encoding: dict[int, bytes]
    locking: str
    single: dict[int, str]


def shift_pair(locking: int = DEFAULT_LANGUAGE, single: int = DEFAULT_LANGUAGE) -> ShiftPair:
    """The tables of two national language identifiers; 0, and what is not assigned, is the default."""
    return _pair_of_assigned(
        locking if locking in _LOCKING else DEFAULT_LANGUAGE,
        single if single in _SINGLE else DEFAULT_LANGUAGE,
    )


@cache  # 13 times 14 pairs at most, since only assigned identifiers come here
def _pair_of_assigned(locking: int, single: int) -> ShiftPair:
    alphabet = _LOCKING.get(locking, _DEFAULT_ALPHABET)
    extension = _SINGLE.get(single, _DEFAULT_EXTENSION)
    encoding: dict[int, bytes] = {}
    for code, character in extension.items():
        encoding.setdefault(ord(character), bytes((ESCAPE, code)))
    shown = {ord(character): bytes((code,)) for code, character in reversed(list(enumerate(alphabet)))}
    shown.pop(ord(UNDEFINED))  # the escape always is one
    return ShiftPair(encoding | shown, alphabet + UNDEFINED * 128, dict(extension))


# -- Latin letters: section 6.2.1, and what Annex A changes in it ------------------------------------------

# TS 23.038 table 6.2.1.1, by code.
_DEFAULT_ALPHABET: Final = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\ufffeÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
_TURKISH_ALPHABET: Final = (
    "@£$¥€éùıòÇ\nĞğ\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\ufffeŞşßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "İABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "çabcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
_PORTUGUESE_ALPHABET: Final = (
    "@£$¥êéúíóç\nÔô\rÁá"
    "Δ_ªÇÀ∞^\\€Ó|\ufffeÂâÊÉ"
    " !\"#º%&'()*+,-./"
    "0123456789:;<=>?"
    "ÍABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÃÕÚÜ§"
    "~abcdefghijklmno"
    "pqrstuvwxyzãõ`üà"
)
# TS 23.038 table 6.2.1.2
_DEFAULT_EXTENSION: Final = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_TURKISH_EXTENSION: Final = _DEFAULT_EXTENSION | {
    0x47: "Ğ",
    0x49: "İ",
    0x53: "Ş",
    0x63: "ç",
    0x67: "ğ",
    0x69: "ı",
    0x73: "ş",
}
_SPANISH_EXTENSION: Final = _DEFAULT_EXTENSION | {
    0x09: "ç",
    0x41: "Á",
    0x49: "Í",
    0x4F: "Ó",
    0x55: "Ú",
    0x61: "á",
    0x69: "í",
    0x6F: "ó",
    0x75: "ú",
}
_PORTUGUESE_EXTENSION: Final = (
    _DEFAULT_EXTENSION
    | dict(zip((0x05, 0x09, 0x0B, 0x0C, 0x0E, 0x0F, 0x1F), "êçÔôÁáÊ", strict=True))
    | dict(zip((0x12, 0x13, 0x15, 0x16, 0x17, 0x18, 0x19), "ΦΓΩΠΨΣΘ", strict=True))
    | dict(zip((0x41, 0x49, 0x4F, 0x55, 0x5B, 0x5C), "ÀÍÓÚÃÕ", strict=True))
    | dict(zip((0x61, 0x69, 0x6F, 0x75, 0x7B, 0x7C, 0x7F), "Âíóúãõâ", strict=True))
)

# -- Indian scripts: one layout, by the place of a letter in its Unicode block -----------------------------

# A.3.4 to A.3.12 differ only in the block, in what the block lacks, and in the six codes of `last`. Two hex
# digits are an offset in the block; SP is the space; what is one character wide stands for itself.
_INDIC_ROWS: Final = (
    "01 02 03 05 06 07 08 09 0A 0B \n 0C 0D \r 0E 0F",
    "10 11 12 13 14 15 16 17 18 19 1A \ufffe 1B 1C 1D 1E",
    "SP ! 1F 20 21 22 23 24 ) ( 25 26 , 27 . 28",
    "0 1 2 3 4 5 6 7 8 9 : ; 29 2A 2B ?",
    "2C 2D 2E 2F 30 31 32 33 34 35 36 37 38 39 3C 3D",
    "3E 3F 40 41 42 43 44 45 46 47 48 49 4A 4B 4C 4D",
)


def _indic_alphabet(block: int, lacks: str, last: str) -> str:
    """A locking shift table: the layout in a block, without the offsets `lacks`; `last`: 0x60, 0x7B..0x7F."""
    absent = bytes.fromhex(lacks)
    first, *tail = (chr(block + offset) for offset in bytes.fromhex(last))
    letters = []
    for row in _INDIC_ROWS:
        for cell in row.split(" "):
            if cell == "SP":
                letters.append(" ")
            elif len(cell) == 1:
                letters.append(cell)
            elif (offset := int(cell, 16)) in absent:
                letters.append(UNDEFINED)
            else:
                letters.append(chr(block + offset))
    return "".join(letters) + first + "abcdefghijklmnopqrstuvwxyz" + "".join(tail)


# A.3.13
_URDU_ALPHABET: Final = (
    "\u0627\u0622\u0628\u067b\u0680\u067e\u06a6\u062a\u06c2\u067f\n\u0679\u067d\r\u067a\u067c"
    "\u062b\u062c\u0681\u0684\u0683\u0685\u0686\u0687\u062d\u062e\u062f\ufffe\u068c\u0688\u0689\u068a"
    " !\u068f\u068d\u0630\u0631\u0691\u0693)(\u0699\u0632,\u0696.\u0698"
    "0123456789:;\u069a\u0633\u0634?"
    "\u0635\u0636\u0637\u0638\u0639\u0641\u0642\u06a9\u06aa\u06ab\u06af\u06b3\u06b1\u0644\u0645\u0646"
    "\u06ba\u06bb\u06bc\u0648\u06c4\u06d5\u06c1\u06be\u0621\u06cc\u06d0\u06d2\u064d\u0650\u064f\u0657"
    "\u0654abcdefghijklmnopqrstuvwxyz\u0655\u0651\u0653\u0656\u0670"
)

# What the single shift tables of A.2.4 to A.2.13 have in common.
_INDIC_SIGNS: Final = (
    dict(enumerate("@£$¥¿\"¤%&'\f*+"))
    | {0x0E: "-", 0x0F: "/", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|"}
    | dict(enumerate("<=>¡^¡_#*", 0x10))
    | dict(enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 0x41))
    | {0x65: "€"}
)
# The codes that are a script's own, in their order.
_INDIC_OWN_CODES: Final = (0x19, 0x1A, *range(0x1C, 0x28), *range(0x2A, 0x2F), *range(0x30, 0x3C), 0x3F)


def _indic_extension(own: str) -> dict[int, str]:
    """A single shift table whose own characters are given in the order of their codes; a space is a gap."""
    letters = dict(zip(_INDIC_OWN_CODES, own, strict=False))
    return _INDIC_SIGNS | {code: letter for code, letter in letters.items() if letter != " "}


_DANDAS: Final = "\u0964\u0965"
_LOCKING: Final[dict[int, str]] = {
    NationalLanguage.TURKISH: _TURKISH_ALPHABET,
    NationalLanguage.PORTUGUESE: _PORTUGUESE_ALPHABET,
    NationalLanguage.BENGALI: _indic_alphabet(0x0980, "0D0E111229313334354546494A", "4E575C5D7071"),
    NationalLanguage.GUJARATI: _indic_alphabet(0x0A80, "0E12293134464A", "506061626371"),
    NationalLanguage.HINDI: _indic_alphabet(0x0900, "", "50727B7C7E7F"),
    NationalLanguage.KANNADA: _indic_alphabet(0x0C80, "010D1129344549", "555660616263"),
    NationalLanguage.MALAYALAM: _indic_alphabet(0x0D00, "010D11293C4549", "576061626379"),
    NationalLanguage.ORIYA: _indic_alphabet(0x0B00, "0D0E11122931344546494A", "565760616263"),
    NationalLanguage.PUNJABI: _indic_alphabet(0x0A00, "0B0C0D0E1112293134373D43444546494A", "517071727374"),
    NationalLanguage.TAMIL: _indic_alphabet(
        0x0B80, "010B0C0D111617181B1D2021222526272B2C2D3C3D43444549", "505770717279"
    ),
    NationalLanguage.TELUGU: _indic_alphabet(0x0C00, "0D1129343C4549", "555660616263"),
    NationalLanguage.URDU: _URDU_ALPHABET,
}
_SINGLE: Final[dict[int, dict[int, str]]] = {
    NationalLanguage.TURKISH: _TURKISH_EXTENSION,
    NationalLanguage.SPANISH: _SPANISH_EXTENSION,
    NationalLanguage.PORTUGUESE: _PORTUGUESE_EXTENSION,
    NationalLanguage.BENGALI: _indic_extension(
        "০১২৩৪৫৬৭৮৯\u09df\u09e0\u09e1\u09e2\u09e3\u09f2\u09f3\u09f4\u09f5\u09f6\u09f7\u09f8\u09f9\u09fa"
    ),
    NationalLanguage.GUJARATI: _indic_extension(_DANDAS + "૦૧૨૩૪૫૬૭૮૯"),
    NationalLanguage.HINDI: _indic_extension(
        _DANDAS + "०१२३४५६७८९\u0951\u0952\u0953\u0954\u0958\u0959\u095a\u095b\u095c\u095d\u095e\u095f"
        "\u0960\u0961\u0962\u0963\u0970\u0971"
    ),
    NationalLanguage.KANNADA: _indic_extension(_DANDAS + "೦೧೨೩೪೫೬೭೮೯\u0cde\u0cf1\u0cf2"),
    NationalLanguage.MALAYALAM: _indic_extension(
        _DANDAS + "൦൧൨൩൪൫൬൭൮൯\u0d70\u0d71\u0d72\u0d73\u0d74\u0d75\u0d7a\u0d7b\u0d7c\u0d7d\u0d7e\u0d7f"
    ),
    NationalLanguage.ORIYA: _indic_extension(_DANDAS + "୦୧୨୩୪୫୬୭୮୯\u0b5c\u0b5d\u0b5f\u0b70\u0b71"),
    NationalLanguage.PUNJABI: _indic_extension(_DANDAS + "੦੧੨੩੪੫੬੭੮੯\u0a59\u0a5a\u0a5b\u0a5c\u0a5e\u0a75"),
    NationalLanguage.TAMIL: _indic_extension(
        _DANDAS + "௦௧௨௩௪௫௬௭௮௯\u0bf3\u0bf4\u0bf5\u0bf6\u0bf7\u0bf8\u0bfa"
    ),
    NationalLanguage.TELUGU: _indic_extension(
        "  ౦౧౨౩౪౫౬౭౮౯\u0c58\u0c59\u0c78\u0c79\u0c7a\u0c7b\u0c7c\u0c7d\u0c7e\u0c7f"
    ),
    NationalLanguage.URDU: _indic_extension(
        "\u0600\u0601\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9\u060c\u060d\u060e\u060f"
        "\u0610\u0611\u0612\u0613\u0614\u061b\u061f\u0640\u0652\u0658\u066b\u066c\u0672\u0673\u06cd\u06d4"
    ),
}
