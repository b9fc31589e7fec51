"""Way out: does a text of ours tell how to end such messages, and the words that tell it.

A stop word alone tells nothing ("don't stop the music"): it must stand beside the code to which it is sent,
or, where the code is the sender and can be replied to, beside a word such as "reply".
"""

from collections.abc import Callable, Collection
from functools import cache

from operator_push.domain.words.answer_texts import FALLBACK, answer_text
from operator_push.domain.words.language import language_files
from operator_push.domain.words.plain_text import phrase_tokens, tokens, undressed
from operator_push.domain.words.readers import shipped_language

TEXT_MAX = 5_000  # Ours: 255 segments of UCS-2 are three times as much, and nobody reads as far.
BESIDE_CODE = 6  # words between them at most, as in "To end these messages text STOP to the number 56070"
BESIDE_VERB = 3


def says_way_out(text: str, codes: Collection[str], sender: str, languages: Collection[str]) -> bool:
    """True where a stop word of one of these languages stands beside one of these codes; or beside a word
    for replying, where `sender` is one of them."""
    said = tokens(undressed(text[:TEXT_MAX]))
    stops = _stop_words(frozenset(languages))
    at = [place for place, token in enumerate(said) if token in stops]
    if not at:
        return False
    if _is_beside(said, at, BESIDE_CODE, frozenset(codes)):
        return True
    return sender in codes and _is_beside(said, at, BESIDE_VERB, _replying())


def way_out_words(language: str, code: str, can_write: Callable[[str], bool]) -> str:
    """What is added to a text, in this language where its alphabet can write it, else in English."""
    own = answer_text("way_out", language, {"code": code})
    return own if can_write(own) else answer_text("way_out", FALLBACK, {"code": code})


def _is_beside(said: list[str], at: list[int], within: int, wanted: frozenset[str]) -> bool:
    return any(not wanted.isdisjoint(said[max(0, place - within - 1) : place + within + 2]) for place in at)


@cache
def _stop_words(languages: frozenset[str]) -> frozenset[str]:
    """The words that end messages where they are sent alone."""
    rows = (row for code in {FALLBACK, *languages} for row in shipped_language(code).whole)
    phrases = (phrase_tokens(phrase) for row in rows if row.action == "stop" for phrase in row.phrases)
    return frozenset(phrase[0] for phrase in phrases if len(phrase) == 1)


@cache
def _replying() -> frozenset[str]:
    words = (word for code in language_files() for word in shipped_language(code).replying)
    return frozenset(token for word in words for token in phrase_tokens(word))
