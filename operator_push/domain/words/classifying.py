"""What a text asks for: whole phrases first, then requests inside a sentence, then slips of the thumb.

Laws: the strongest wish counts (stop all, stop, then the rest); what merely holds a stop word is REVIEW and
changes nothing; what holds none is NONE. The reading does not depend on case, punctuation, width, accents or
invisible characters. docs/inbound-words.md tells it in words.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.words.glued_words import parted
from operator_push.domain.words.language import Language
from operator_push.domain.words.near_words import SHORT_WORD, is_slip_of, slips
from operator_push.domain.words.plain_text import (
    clauses,
    digits_as_letters,
    looks_latin,
    phrase_tokens,
    squeezed,
)
from operator_push.domain.words.request_patterns import request_pattern

_STOPS = (InboundAction.STOP_ALL, InboundAction.STOP)
_STRENGTH = {
    action: place
    for place, action in enumerate(
        (
            InboundAction.NONE,
            InboundAction.START,
            InboundAction.MENU,
            InboundAction.INFO,
            InboundAction.HELP,
            InboundAction.WHY,
            InboundAction.REVIEW,
            InboundAction.STOP,
            InboundAction.STOP_ALL,
        )
    )
}
_DENIED_WITHIN = 4  # words before a request
_PHRASE_MAX = 4  # words of a phrase that stands among others
_DRESS_MAX = 6  # fillers and names on either side of a phrase
_Phrase = tuple[str, ...]
# deniers, askers, language
_Request = tuple[re.Pattern[str], InboundAction, frozenset[str], frozenset[str], str]
_DIGITS_APART = re.compile(r"\d+|\D+")
_WHOM = frozenset(
    {"you", "u", "ya", "te", "vous", "sie"}
)  # in "don't want you to stop" nothing starts afresh
_WORDS_TO_WRITE = frozenset({"stop", "stop all", "stopall", "start", "help", "info", "why", "menu"})


class Heard(msgspec.Struct, frozen=True):
    """What was understood, and the phrase that it was understood from ("" for NONE); `language`: the one
    in which alone it is said, "" where it does not tell (everybody is told to write STOP)."""

    action: InboundAction
    matched: str
    language: str = ""


NOTHING = Heard(InboundAction.NONE, "")


class WordReader:
    """Reads texts in some languages.

    `codes` are whole texts with a meaning of their own, such as those of a national register; they come
    before every word. A stop word of a language `elsewhere` that is all that a text says is REVIEW:
    travellers write too.
    """

    def __init__(
        self,
        languages: Iterable[Language],
        codes: dict[str, InboundAction] | None = None,
        elsewhere: Iterable[Language] = (),
    ) -> None:
        self._whole: dict[_Phrase, InboundAction] = {}
        self._spoken: dict[_Phrase, str] = {}  # the language of a phrase, "" where several have it
        self._only_alone: set[_Phrase] = set()
        self._fillers: set[str] = set()
        self._other_words: set[str] = set()
        self._requests: list[_Request] = []
        self._doubtful: list[str] = []
        self._askers: set[str] = set()
        self._english: set[str] = set()  # words around a stop that people write without a space
        self._not: frozenset[str] = frozenset()  # dont, never: no answers of their own, as no is
        for language in languages:
            self._learn(language)
        self._codes = {phrase_tokens(code): action for code, action in (codes or {}).items()}
        self._elsewhere = {
            phrase_tokens(phrase)
            for language in elsewhere
            for row in language.whole
            if row.action in ("stop", "stop_all") and not row.only_alone
            for phrase in row.phrases
        }
        self._stop_words = {
            phrase[0] for phrase, action in self._whole.items() if len(phrase) == 1 and action in _STOPS
        }
        self._joined = {
            "".join(phrase): phrase
            for phrase in self._whole
            if not any(character.isdigit() for token in phrase for character in token)
        }
        self._squeezed = {
            squeezed(phrase[0]): phrase
            for phrase, action in self._whole.items()
            if len(phrase) == 1 and action in _STOPS and phrase not in self._only_alone and len(phrase[0]) > 3
        }
        self._stop_phrases = sorted(
            (phrase for phrase, action in self._whole.items() if action in _STOPS and len(phrase) > 1),
            key=len,
        )

    def read(self, text: str, names: Sequence[str] = ()) -> Heard:
        """What a text asks for. `names` (of the brand that wrote, say) may stand beside a word: STOP ACME."""
        found = clauses(text)
        if not found:
            return NOTHING
        everything = tuple(token for clause in found for token in clause)
        if (code := self._of_codes(everything)) is not None:
            return code
        named = {phrase_tokens(name) for name in names}
        spoken = {token for name in named for token in name} - self._stop_words
        if everything in named:
            return self._of_contained(everything, spoken)  # a brand may be called Stop & Shop
        best = self._of_whole(everything, spoken, is_alone=True)
        for clause in found:
            for heard in (
                self._of_whole(tuple(clause), spoken, is_alone=len(found) == 1),
                self._of_request(clause),
            ):
                if _STRENGTH[heard.action] > _STRENGTH[best.action]:
                    best = heard
        if best.action in (InboundAction.NONE, InboundAction.REVIEW):
            at_last = self._of_last_part(text, everything, spoken)
            if at_last.action in _STOPS:
                return at_last
            return best if best.action is InboundAction.REVIEW else self._of_contained(everything, spoken)
        if best.action in _STOPS and (doubt := self._doubt_over_lines(text, found)) is not None:
            return Heard(InboundAction.REVIEW, doubt)
        if best.action not in _STOPS:
            said = best.matched.split()
            contained = self._of_contained(tuple(each for each in everything if each not in said), spoken)
            return contained if contained.action is InboundAction.REVIEW else best  # START STOP: who can say?
        return best

    def _of_codes(self, everything: _Phrase) -> Heard | None:
        """A register's code, several of one word (START 1,3: the strongest), or one without its space."""
        parts = tuple(part for token in everything for part in _DIGITS_APART.findall(token))
        if parts in self._codes:
            return Heard(self._codes[parts], " ".join(parts))
        several = [(parts[0], each) for each in parts[1:]]
        if not several or not all(each in self._codes for each in several):
            return None
        strongest = max(several, key=lambda each: _STRENGTH[self._codes[each]])
        return Heard(self._codes[strongest], " ".join(strongest))

    def _doubt_over_lines(self, text: str, found: Sequence[Sequence[str]]) -> str | None:
        """What turns a stop round where the lines of a text go on in the next: bus, don't, and below it
        stop. A no of its own line does not: there are languages in which it is a word for don't, too."""
        if len(found) < 2 or any(self._doubt(" ".join(clause) + " ") for clause in found):
            return None
        in_one_line = {pair for clause in found for pair in pairwise(clause)}
        for clause in clauses(text, lines_end=False):
            if (doubt := self._doubt(" ".join(clause) + " ")) is not None:
                return doubt
            for pair in pairwise(clause):
                if pair[0] in self._not and pair[1] in self._stop_words and pair not in in_one_line:
                    return " ".join(pair)
        return None

    def _of_last_part(self, text: str, everything: _Phrase, names: set[str]) -> Heard:
        """A stop phrase behind the last comma, where what comes before neither asks nor turns it round."""
        before, comma, last = text.rpartition(",")
        parts = clauses(last)
        if not comma or not clauses(before) or len(parts) != 1:
            return NOTHING
        if everything[0] in self._askers or self._doubt(" ".join(everything) + " ") is not None:
            return NOTHING
        if not self._other_words.isdisjoint(everything):
            return NOTHING
        return self._of_whole(tuple(parts[0]), names, is_alone=False)

    # -- one clause ------------------------------------------------------------------------------------------

    def _of_whole(self, clause: _Phrase, names: set[str], *, is_alone: bool) -> Heard:
        """The clause is a phrase and nothing else, as typed, without fillers, or with a number behind it."""
        bare = self._bare(clause, names)
        for tokens in dict.fromkeys((*self._undressed(clause, names), bare)):
            phrase = self._known(tokens)
            if phrase is not None and (is_alone or phrase not in self._only_alone):
                return self._heard(phrase)
        worded = tuple(token for token in bare if not token.isdigit())
        if len(worded) < len(bare) and bare[0] in worded:
            phrase = self._known(worded)
            if phrase is not None and phrase not in self._only_alone and self._whole[phrase] in _STOPS:
                return self._heard(phrase)
        if is_alone and len(bare) == 1:
            return self._of_slip(bare[0])
        return self._of_several(bare) if is_alone and bare[:1] not in self._only_alone else NOTHING

    def _of_several(self, tokens: _Phrase) -> Heard:
        """The strongest of stop phrases that stand there with nothing else: STOP UNSUBSCRIBE QUIT."""
        best, place = NOTHING, 0
        while place < len(tokens):
            for length in range(min(_PHRASE_MAX, len(tokens) - place), 0, -1):
                phrase = tokens[place : place + length]
                if self._whole.get(phrase) in _STOPS:
                    break
            else:
                return NOTHING
            if _STRENGTH[self._whole[phrase]] > _STRENGTH[best.action]:
                best = self._heard(phrase)
            place += length
        return best

    def _known(self, tokens: _Phrase) -> _Phrase | None:
        """The phrase that these tokens are, letters taken for what they look like and joined if need be."""
        if tokens in self._whole:
            return tokens
        for change in (digits_as_letters, looks_latin):
            changed = tuple(map(change, tokens))
            if changed in self._whole:
                return changed
        joined = self._joined.get("".join(tokens)) if len(tokens) <= _PHRASE_MAX else None
        if joined is not None and not self._stop_words.issuperset(tokens):
            return joined
        repaired = tuple(
            self._squeezed[squeezed(token)][0]
            if token not in self._other_words and squeezed(token) in self._squeezed
            else token
            for token in tokens
        )
        return repaired if repaired in self._whole else None

    def _heard(self, phrase: _Phrase) -> Heard:
        matched = " ".join(phrase)
        return Heard(self._whole[phrase], matched, self._spoken[phrase])

    def _of_slip(self, token: str) -> Heard:
        if token in self._other_words or (token,) in self._whole:
            return NOTHING
        numbered = token.rstrip("0123456789")
        if numbered in self._stop_words and (numbered,) not in self._only_alone:
            return self._heard((numbered,))
        if (glued := self._of_glued(token)).action in _STOPS:
            return glued
        words = [word for word in sorted(self._stop_words) if (word,) not in self._only_alone]
        for word in words:
            if is_slip_of(token, word):
                return self._heard((word,))
        if len(token) >= len(SHORT_WORD) and slips(token, SHORT_WORD, 1) == 1:
            return Heard(InboundAction.REVIEW, SHORT_WORD)
        return NOTHING

    def _of_glued(self, token: str) -> Heard:
        """A stop phrase without its spaces, fillers and all."""
        parts = parted(token, self._english) if token.isascii() and token.isalpha() else None
        if parts is None or not any((part,) in self._whole and part in self._stop_words for part in parts):
            return NOTHING
        whole = self._of_whole(parts, set(), is_alone=False)
        return whole if whole.action in _STOPS else self._of_request(parts)

    def _of_request(self, clause: Sequence[str]) -> Heard:
        """The strongest pattern in the clause; REVIEW where a stop in it is denied or asked about."""
        line = " ".join(clause) + " "
        doubts = [match.span() for doubt in self._doubtful for match in _spoken_in(doubt, line)]
        best = NOTHING
        for pattern, action, deniers, askers, language in self._requests:
            match = pattern.search(line)
            if match is None:
                continue
            heard = Heard(action, match[0].strip(), language)
            before = line[: match.start()].split()
            is_doubtful = any(begin < match.end() and match.start() < end for begin, end in doubts)
            if action in _STOPS and (
                is_doubtful
                or (before and (clause[0] in askers or self._is_denied(before, deniers)))
                or (pattern.pattern[0] != "^" and not askers.isdisjoint(match[0].split()[1:]))
            ):
                heard = Heard(InboundAction.REVIEW, heard.matched)
            if _STRENGTH[heard.action] > _STRENGTH[best.action]:
                best = heard
        return best

    def _is_denied(self, before: Sequence[str], deniers: frozenset[str]) -> bool:
        """Is it "don't stop texting me"? A filler in between starts afresh: in "I don't want this please stop
        texting me" the request is not denied."""
        for token in reversed(before[-_DENIED_WITHIN:]):
            if token in deniers:
                return True
            if token in self._fillers and token not in _WHOM:
                return False
        return False

    def _of_contained(self, everything: _Phrase, names: set[str]) -> Heard:
        """REVIEW where a stop word or phrase stands somewhere, or one of another language alone."""
        for phrase in (everything, self._bare(everything, names)):
            if phrase in self._elsewhere and not self._other_words.issuperset(phrase):
                return Heard(InboundAction.REVIEW, " ".join(phrase))
        for token in everything:
            if token in self._stop_words:
                return Heard(InboundAction.REVIEW, token)
        line = " ".join(everything) + " "
        if (doubt := self._doubt(line)) is not None:
            return Heard(InboundAction.REVIEW, doubt)
        for phrase in self._stop_phrases:
            if f" {' '.join(phrase)} " in f" {line}":
                return Heard(InboundAction.REVIEW, " ".join(phrase))
        return NOTHING

    def _doubt(self, line: str) -> str | None:
        """The doubtful phrase that a line of tokens, each with a space behind it, holds."""
        line = f" {line}"
        return next((phrase for phrase in self._doubtful if f" {phrase} " in line), None)

    def _undressed(self, clause: _Phrase, names: set[str]) -> Iterator[_Phrase]:
        """The clause as it stands, and with ever more of the fillers and names around it taken away.

        What is a filler in one language belongs to a phrase in another.
        """
        is_dress = [self._is_filler(token) or token in names for token in clause]
        front = next((n for n, dress in enumerate(is_dress) if not dress), len(clause))
        back = next((n for n, dress in enumerate(reversed(is_dress)) if not dress), len(clause))
        for first in range(min(front, _DRESS_MAX) + 1):
            for behind in range(min(back, _DRESS_MAX) + 1):
                if first + behind < len(clause):
                    yield _unrepeated(clause[first : len(clause) - behind])

    def _bare(self, clause: _Phrase, names: set[str]) -> _Phrase:
        kept = tuple(token for token in clause if not self._is_filler(token) and token not in names)
        return _unrepeated(kept) or clause

    def _is_filler(self, token: str) -> bool:
        return token in self._fillers or squeezed(token) in self._fillers

    # -- learning --------------------------------------------------------------------------------------------

    def _learn(self, language: Language) -> None:
        for row in language.whole:
            for phrase in row.phrases:
                tokens = phrase_tokens(phrase)
                action = InboundAction[row.action.upper()]
                known = self._whole.get(tokens, InboundAction.NONE)
                if _STRENGTH[action] > _STRENGTH[known]:
                    self._whole[tokens] = action
                spoken = self._spoken.setdefault(tokens, language.language)
                if spoken != language.language or " ".join(tokens) in _WORDS_TO_WRITE:
                    self._spoken[tokens] = ""
                if row.only_alone:
                    self._only_alone.add(tokens)
        for request in language.request:
            action = InboundAction[request.action.upper()]
            deniers, askers = _words(language.deniers), _words(language.askers)
            self._requests.extend(
                (request_pattern(each), action, deniers, askers, language.language)
                for each in request.patterns
            )
        self._fillers |= _words(language.fillers)
        self._other_words |= _words(language.other_words)
        self._askers |= _words(language.askers)
        if language.language == "en":
            self._not = _words(language.deniers)
            self._english = {
                token
                for phrase, action in self._whole.items()
                if action in _STOPS
                for token in phrase
                if len(token) > 1
            } | {token for token in self._fillers if len(token) > 1}
        self._doubtful.extend(" ".join(phrase_tokens(phrase)) for phrase in language.doubtful)


def _words(listed: Iterable[str]) -> frozenset[str]:
    return frozenset(token for word in listed for token in phrase_tokens(word))


def _unrepeated(tokens: _Phrase) -> _Phrase:
    """STOP STOP STOP is said once, and so is opt out opt out."""
    once = tuple(token for place, token in enumerate(tokens) if not place or token != tokens[place - 1])
    for length in range(1, len(once) // 2 + 1):
        if len(once) % length == 0 and once[:length] * (len(once) // length) == once:
            return once[:length]
    return once


def _spoken_in(phrase: str, line: str) -> Iterator[re.Match[str]]:
    """Where a phrase stands among the tokens of a line."""
    return re.finditer(rf"(?<!\S){re.escape(phrase)}(?!\S)", line) if phrase in line else iter(())
