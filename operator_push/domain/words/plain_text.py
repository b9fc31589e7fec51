"""Plain text: what is left of a text without case, width, accents, invisible characters and dress.

The result is clauses, each a list of tokens. Tokens are runs of letters, marks and digits; each Chinese,
Japanese kana or Thai character is a token of its own, since those scripts write no spaces. Marks are taken
away where they dress a letter (Latin, Greek, Cyrillic, Hebrew, Arabic) and kept where they are vowels.
Spellings that people take for the same come out the same: a nukta left out, a nasal as a dot or as half a
letter, Arabic and Urdu shapes of one letter, digits of any script.
"""

import re
import unicodedata
from functools import lru_cache

TEXT_MAX = 2_000  # Ours: thirteen segments; a request that begins later than this is not looked for.

_LETTERS_A_TO_Z = "abcdefghijklmnopqrstuvwxyz"
_SMALL_CAPITALS = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡ\0ʏᴢ"
_DRESS = {
    **{0x1F150 + place: letter for place, letter in enumerate(_LETTERS_A_TO_Z)},  # negative circled
    **{0x1F170 + place: letter for place, letter in enumerate(_LETTERS_A_TO_Z)},  # negative squared
    **{0x1F1E6 + place: letter for place, letter in enumerate(_LETTERS_A_TO_Z)},  # regional indicators
    **{ord(small): letter for small, letter in zip(_SMALL_CAPITALS, _LETTERS_A_TO_Z, strict=True)},
    **{ord(sign): " stop " for sign in "🛑⛔🚫🔕"},
    **{ord(sign): " bus " for sign in "🚌🚍🚎🚏🚐🚋🚊🚉🚈🚇🚂🚆🚃🚞🚝🚖🚕"},  # whose stop it is
    ord("†"): "t",
    ord("ـ"): None,  # Arabic tatweel only stretches a word
}
_STROKES = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n"}
)
# One letter by several keyboards, or told apart by few people who type.
_SPELLINGS = str.maketrans(
    {
        **dict.fromkeys("\u093c\u09bc\u0a3c\u0abc\u0b3c\u0cbc", ""),  # nukta
        "ँ": "ं",
        "ઁ": "ં",
        "ਁ": "ਂ",
        "ੰ": "ਂ",
        "ൺ": "ണ്",
        "ൻ": "ന്",
        "ർ": "ര്",
        "ൽ": "ല്",
        "ൾ": "ള്",
        "ൿ": "ക്",
        "ৎ": "ত্",
        "ي": "ی",
        "ى": "ی",
        "ك": "ک",
        "ہ": "ه",
        "ة": "ه",
        "ۃ": "ه",
    }
)
# Half a nasal before a consonant is written as a dot, too: बन्द and बंद.
_HALF_NASALS = (
    (re.compile("[ङञणनम]्(?=[क-ह])"), "ं"),
    (re.compile("[ઙઞણનમ]્(?=[ક-હ])"), "ં"),
    (re.compile("[ఙఞణనమ]్(?=[క-హ])"), "ం"),
    (re.compile("[ಙಞಣನಮ]್(?=[ಕ-ಹ])"), "ಂ"),
)
_INDIC = re.compile("[\u0900-\u0d7f]")
_LAST_VIRAMA = re.compile("[्্੍્୍்్್്]+$")
# Letters that look alike; used where a token mixes alphabets, or is a word for us only so.
_CYRILLIC_LOOKS = dict(zip("авсенікмортухѕјԁԛԝһѵ", "abcehikmoptyxsjdqwhv", strict=True))
_LISU_LOOKS = zip("ꓐꓑꓒꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ", "bpddtgkjczfmnlsrvhwxyaeiou", strict=True)
_CHEROKEE_LOOKS = zip("ꭰꭱꭲꭺꭻꭼꮃꮇꮋꮎꮐꮓꮢꮥꮩꮪꮮꮯꮲꮶꭹ", "drtajewmhogzrsvslcpky", strict=True)
_LOOKS = str.maketrans(
    {
        **_CYRILLIC_LOOKS,
        **dict(zip("αβεικνορτυχ", "abeiknoptux", strict=True)),
        **dict(zip("օսհց", "ouhg", strict=True)),  # Armenian
        **dict(zip("ⲟⲣⲥⲧ", "opct", strict=True)),  # Coptic
        **{letter.casefold(): latin for letter, latin in (*_LISU_LOOKS, *_CHEROKEE_LOOKS)},
    }
)
_LOOKS_CYRILLIC = str.maketrans({latin: letter for letter, latin in _CYRILLIC_LOOKS.items()})
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_DIGIT_LOOKS = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b"})
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_DIACRITICS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_APOSTROPHES = re.compile(r"(?<=\w)['’ʼ`´‘](?=\w)")
_DOLLAR = re.compile(r"\$(?=[a-z])|(?<=[a-z])\$")
_AT = re.compile(r"(?<=[a-z])@(?=[a-z])")
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_LINE_END = re.compile(r"[\r\n\v\f\u0085\u2028\u2029]+")
_CLAUSE_END = re.compile(r"[!?;…\n\r।۔؟。！？¡¿]+|\.+(?=\s|$)|\.{2,}")

# What a phone or a mail program adds below an answer.
_QUOTE_BELOW = re.compile(
    r"^\s*(--+|__+|>|on .{4,80} wrote:|-+ ?original message|(from|von|de|da|van): )", re.IGNORECASE
)
_SIGNATURE = re.compile(
    r"\b(sent (from|via) (my )?\w|get outlook for|gesendet von m|von meinem .{2,20} gesendet"
    r"|envoyé de(puis)? mon|enviado (desde|do) m|inviato da|verzonden vanaf|skickat från)[^\n]*",
    re.IGNORECASE,
)


def clauses(text: str, *, lines_end: bool = True) -> list[list[str]]:
    """The tokens of each clause of a text, quoted messages and signatures aside; no empty ones.

    `lines_end` False: a sentence goes on in the next line.
    """
    kept = _SIGNATURE.sub(" ", _without_quote(text[:TEXT_MAX]))
    if not lines_end:
        kept = _LINE_END.sub(" ", kept)
    found = (tokens(clause) for clause in _CLAUSE_END.split(undressed(kept)))
    return [clause for clause in found if clause]


def tokens(plain: str) -> list[str]:
    """The tokens of undressed text; letters that are spelled out one by one come back as one token."""
    spaced = "".join(
        character if unicodedata.category(character)[0] in "LMN" else " "
        for character in _UNSPACED.sub(r" \g<0> ", plain)
    )
    found = (_LAST_VIRAMA.sub("", token) for token in spaced.split())
    return _spelled_together([_one_alphabet(token) for token in found if token])


@lru_cache(maxsize=4_096)
def phrase_tokens(phrase: str) -> tuple[str, ...]:
    """A phrase of the word lists as texts are read."""
    return tuple(tokens(undressed(phrase)))


def undressed(text: str) -> str:
    """NFKC, no case, no accents, nothing invisible; letters with a stroke as plain ones, 🛑 as the word."""
    plain = unicodedata.normalize("NFKC", text.translate(_DRESS)).casefold().translate(_STROKES)
    out: list[str] = []
    is_letter_script = True
    for character in _DIACRITICS.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFD", plain))):
        category = unicodedata.category(character)
        if category == "Cf" or (category == "Cc" and not character.isspace()):
            continue
        if category == "Mn":
            if not is_letter_script:
                out.append(character)
            continue
        is_letter_script = character < "\u0900"
        out.append(str(unicodedata.decimal(character)) if category == "Nd" else character)
    bare = unicodedata.normalize("NFC", "".join(out)).translate(_SPELLINGS)
    if _INDIC.search(bare):
        for half, dot in _HALF_NASALS:
            bare = half.sub(dot, bare)
    return _AT.sub("a", _DOLLAR.sub("s", _APOSTROPHES.sub("", bare)))


def digits_as_letters(token: str) -> str:
    """st0p → stop; a token of digits alone stays."""
    return token if token.isdigit() else token.translate(_DIGIT_LOOKS)


def looks_latin(token: str) -> str:
    """Letters of other alphabets as the Latin ones that look like them."""
    return token.translate(_LOOKS)


def squeezed(token: str) -> str:
    """Every run of one letter as one: stoooppp → stop."""
    return re.sub(r"(.)\1+", r"\1", token)


def _without_quote(text: str) -> str:
    lines = text.replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines):
        if number and _QUOTE_BELOW.match(line):
            return "\n".join(lines[:number])
    return text


def _one_alphabet(token: str) -> str:
    has_latin = any("a" <= character <= "z" for character in token)
    if not has_latin or token.isascii():
        return token
    latin = looks_latin(token)
    return token.translate(_LOOKS_CYRILLIC) if _CYRILLIC.search(latin) else latin


def _spelled_together(found: list[str]) -> list[str]:
    out: list[str] = []
    run: list[str] = []
    for token in [*found, ""]:
        if len(token) == 1 and token.isalpha() and not _UNSPACED.match(token):
            run.append(token)
            continue
        out.extend(["".join(run)] if len(run) >= 3 else run)
        run = []
        if token:
            out.append(token)
    return out
