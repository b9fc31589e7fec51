"""A language's words as data: typed reading of its TOML file."""

from collections.abc import Iterator
from importlib import resources
from typing import Literal

import msgspec

from operator_push.domain.packs.pack import Row
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.toml_lines import key_lines, line_of
from operator_push.kernel.typed_toml import read_toml

ActionName = Literal["stop", "stop_all", "start", "help", "info", "why", "menu"]
TextName = Literal[
    "stopped",
    "stopped_all",
    "way_out",
    "link_by_sms",
    "link_by_email",
    "link_subject",
    "started",
    "not_stopped",
    "help",
    "info",
    "why",
    "why_no_consent",
    "why_unknown",
    "a_message",
    "because_marketing",
    "because_service",
    "because_soft_opt_in",
    "because_legal",
    "because_transactional",
    "challenge",
    "opted_in",
    "opted_in_already",
    "challenge_ended",
    "menu_title",
    "menu_everybody",
    "menu_more",
    "menu_end",
    "menu_back",
    "menu_refuse",
    "menu_agree",
    "menu_categories",
    "menu_channels",
    "menu_sms",
    "menu_email",
    "menu_voice",
    "menu_yes",
    "menu_no",
    "menu_done",
    "menu_blocked",
    "menu_left",
    "menu_hours",
    "menu_often",
    "menu_any_hour",
    "menu_week_0",
    "menu_week_7",
    "menu_week_3",
    "menu_week_1",
]


class WholeRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Phrases that count where they are all that a clause says, fillers aside.

    `only_alone` marks words that people use for other things too (end, cancel): they count where they are the
    whole text, and neither with a number behind them nor with a slip of the thumb.
    """

    action: ActionName
    phrases: list[str]
    only_alone: bool = False


class RequestRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Patterns that count anywhere in a clause, unless it is denied or asked.

    `a|b` either word, `a|b?` either or none, `..` up to three words; `^` in front: only where a clause
    begins, `$` behind: only where it ends.
    """

    action: ActionName
    patterns: list[str]


class Language(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words of one language (ISO 639-1 or 639-3)."""

    language: str
    name: str
    fillers: list[str] = []  # said around a request, and change nothing
    deniers: list[str] = []  # within four words before a request they turn it round
    askers: list[str] = []  # at the start of a clause they make it a question about the request
    other_words: list[str] = []  # one slip away from a word, and a word of their own
    doubtful: list[str] = []  # a clause that holds one (don't stop, in one's own words) is for a person
    agreeing: list[str] = []  # says yes to a question of ours (domain.words.agreeing)
    replying: list[str] = []  # tells people to send something (domain.words.way_out)
    whole: list[WholeRow]
    request: list[RequestRow] = []
    texts: dict[TextName, str] = {}


def language_files() -> dict[str, str]:
    """The shipped languages: code → TOML text."""
    folder = resources.files("operator_push.domain.words") / "languages"
    found = (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return {entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8") for entry in found}


def read_language(text: str, file: str) -> Language:
    """A language from its TOML.

    Raises:
        OperatorError: not TOML, an unknown or missing key, an empty phrase or a pattern that is none; names
            file, line and key.
    """
    language = read_toml(text, file, Language)
    for path, phrase in _phrases(language):
        if not phrase.replace("?", "").replace("^", "").strip(" |.$"):
            raise OperatorError(
                "an empty phrase would match everything",
                file=file,
                key=".".join(map(str, path)),
                line=line_of(key_lines(text), path),
            )
    return language


def _phrases(language: Language) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for number, whole in enumerate(language.whole):
        for phrase in whole.phrases:
            yield ("whole", number, "phrases"), phrase
    for number, request in enumerate(language.request):
        for pattern in request.patterns:
            yield ("request", number, "patterns"), pattern
