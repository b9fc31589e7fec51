"""Inbound words: what a person's text to a short code asks for, in the languages of a jurisdiction pack.

The words are data, one TOML file a language; the reading is deterministic and the same everywhere. Nothing
here acts: that is `operator_push.services.hear_subscribers`.
"""

from operator_push.domain.words.classifying import NOTHING, Heard, WordReader
from operator_push.domain.words.language import Language, language_files, read_language
from operator_push.domain.words.readers import reader_for, word_reader

__all__ = [
    "NOTHING",
    "Heard",
    "Language",
    "WordReader",
    "language_files",
    "read_language",
    "reader_for",
    "word_reader",
]
