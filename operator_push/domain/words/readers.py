"""Readers of inbound words: made once for the languages of a shipped pack."""

from datetime import date
from functools import cache

from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.packs.pack import Pack
from operator_push.domain.packs.shelf import shipped_packs
from operator_push.domain.words.classifying import WordReader
from operator_push.domain.words.language import Language, language_files, read_language


@cache
def shipped_language(code: str) -> Language:
    """A language of this installation; read once.

    Raises:
        KeyError: there is none of that code.
    """
    return read_language(language_files()[code], f"{code}.toml")


@cache
def reader_for(pack_name: str, at: date) -> WordReader:
    """The reader for a shipped pack as it is on a day; made once.

    Raises:
        OperatorError: no pack of that name.
    """
    return word_reader(shipped_packs().pack(pack_name, at))


def word_reader(pack: Pack) -> WordReader:
    """The reader for a pack's languages and register codes. English is heard everywhere: "STOP" is what
    messages tell people to write."""
    codes = {
        row.code: InboundAction.STOP_ALL if row.effect == "block_all" else InboundAction.REVIEW
        for row in pack.register_code
        if row.effect in ("block_all", "block", "allow_only")
    }
    return _reader_of(tuple(dict.fromkeys(("en", *pack.languages))), tuple(codes.items()))


@cache
def _reader_of(heard: tuple[str, ...], codes: tuple[tuple[str, InboundAction], ...]) -> WordReader:
    """Packs and days differ in much else: of the same languages and codes there is one reader."""
    elsewhere = sorted(language_files().keys() - set(heard))
    return WordReader(map(shipped_language, heard), dict(codes), map(shipped_language, elsewhere))
