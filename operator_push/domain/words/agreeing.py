"""Agreeing: does a text say yes, and nothing else? Asked only where something waits for that answer.

The words are data: `agreeing` of each language's file. All languages are heard, because whoever answers was
asked in one that they may have chosen elsewhere; no word that agrees in one is a stop in another.
"""

from functools import cache

from operator_push.domain.words.language import language_files
from operator_push.domain.words.plain_text import clauses, phrase_tokens
from operator_push.domain.words.readers import shipped_language

WORDS_MAX = 4


def agrees(text: str) -> bool:
    """True for YES and its kin alone; a text that says anything more is an answer to something else."""
    found = tuple(token for clause in clauses(text) for token in clause)
    return 0 < len(found) <= WORDS_MAX and found in _agreeing()


@cache
def _agreeing() -> frozenset[tuple[str, ...]]:
    return frozenset(
        phrase_tokens(phrase) for code in language_files() for phrase in shipped_language(code).agreeing
    )
