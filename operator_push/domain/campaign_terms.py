"""Campaign terms: what was agreed about one campaign beyond its text, and what has become of the order.

Kept as two JSON objects in the row of the campaign (`terms`, `progress`), so that a new term needs no
migration. Laws: what is unset (None) was not agreed; a key that this version does not know is refused,
because a restriction that is dropped unread would be broken. Any change of the terms takes the approvals
back; progress is written by the product alone.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

from operator_push.domain.arbitration import PRIORITY
from operator_push.domain.audience.event_rules import event_rule
from operator_push.domain.best_channel import BEST, CAMPAIGN_CHANNELS
from operator_push.domain.contact_channels import sent_channel
from operator_push.domain.pacing import Pace, Spread
from operator_push.domain.personal.own_columns import OwnColumns, checked_columns
from operator_push.domain.personal.texts import LANGUAGES_MAX
from operator_push.domain.recurrence import parse_recurrence
from operator_push.domain.short_links import LINK_DAYS_MAX, checked_target
from operator_push.domain.term_checks import switch, whole, zone
from operator_push.domain.variants import VARIANTS_MAX, VARIANTS_MIN, Variant, WonBy
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import parse_iso


class _Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What both objects are."""


class CampaignTerms(_Kept, frozen=True, kw_only=True):
    """What was agreed.

    `starts_us` and `ends_us`: nothing of it is handed in before, and nothing leaves at or after the end;
    what still waits then ends as EXPIRED. `budget_micros`: the most that it may cost. `pace`, a value of
    domain.pacing.Pace (None: as fast as possible), with `hours` of the day in `zone` → their weight;
    `rate_per_s` people at most. `reply_window_h`: until how many hours after it was sent an answer counts as
    one to it. `prefer`: an audience rule; for whom it is true, the campaign is worth twice as much where
    another wants the same slot. What goes on: `standing` takes people in as they come to fit; `every` is a
    domain.recurrence, of which each time is a campaign of its own, `of` this one; `after` takes in whoever
    received that campaign `after_days` days ago and did not answer; `trigger` hands in one person by event,
    `when` (an audience rule that may ask the event, too) is true of the event and the person.
    `variants` are texts in the place of its own, each with its languages; where `test_percent` of the people
    have theirs first, the others wait until one has won by `winner_by` (a domain.variants.WonBy; None:
    replies), after `winner_after` deliveries of each or `winner_after_h` hours. `texts`: language (ISO 639-1)
    → the text for people of that language; `fallbacks`: attribute → what stands in a text where it is not
    known (domain.personal); `link`: where {{ link }} leads, for `link_days` days; `own`: the client's list
    whose columns stand in the texts. `control_percent` of the people are its control group and get nothing of
    it. `once`: a ONCE; by person, whoever is known to have several numbers gets it on one of them (None: on
    each handset). `channel`: one of domain.best_channel.CAMPAIGN_CHANNELS (None: SMS).
    """

    starts_us: int | None = None
    ends_us: int | None = None
    budget_micros: int | None = None
    pace: str | None = None
    hours: dict[int, int] | None = None
    zone: str | None = None
    rate_per_s: int | None = None
    reply_window_h: int | None = None
    prefer: str | None = None
    standing: bool | None = None
    every: str | None = None
    after: str | None = None
    after_days: int | None = None
    trigger: str | None = None
    when: str | None = None
    of: str | None = None
    variants: tuple[Variant, ...] | None = None
    test_percent: int | None = None
    winner_after: int | None = None
    winner_after_h: int | None = None
    winner_by: str | None = None
    control_percent: int | None = None
    texts: dict[str, str] | None = None
    fallbacks: dict[str, str] | None = None
    link: str | None = None
    link_days: int | None = None
    own: OwnColumns | None = None
    once: str | None = None
    channel: str | None = None

    @property
    def goes_on(self) -> bool:
        """True where people are taken in after the launch."""
        return bool(self.standing or self.after or self.trigger)

    @property
    def pace_kind(self) -> Pace:
        """How it is spread."""
        return Pace(self.pace) if self.pace else Pace.FAST

    @property
    def is_paced(self) -> bool:
        """True where not everybody may be handed in at once."""
        return self.pace_kind is not Pace.FAST or self.rate_per_s is not None or self.test_percent is not None


class CampaignProgress(_Kept, frozen=True, kw_only=True):
    """What has become of it. `client_approved_by`: the client's checker (the operator's stands in the row, a
    second one, where the operator wants two, in `also_approved_by`);
    `approved_us`: when both had said yes, 0 before; `launched_us`: when its recipients were fixed, 0 while
    they are not; `reserved_micros`: what is set aside for it; `priority`: what the operator declared;
    `winner`: the variant that has won, at `winner_us`; `per_day` and `apart`: what sales rules said when its
    people were fixed, campaign messages of a day that one subscriber may get (0: any number), and brand →
    days in which its campaigns may not have reached the person."""

    client_approved_by: str = ""
    also_approved_by: str = ""
    approved_us: int = 0
    launched_us: int = 0
    reserved_micros: int = 0
    priority: int = PRIORITY
    winner: str = ""
    winner_us: int = 0
    per_day: int = 0
    apart: dict[str, int] = {}  # msgspec copies it for each


MICROS_MAX: Final = 10**15  # Ours: a thousand million units; a sum of many still fits 64 bits
ONCE: Final = ("handset", "person")
RATE_MAX: Final = 1_000_000
WEIGHT_MAX: Final = 1_000_000
HOURS_OF_A_DAY: Final = 24
DELIVERIES_MAX: Final = 10**9
AFTER_DAYS_MAX: Final = 366
REPLY_WINDOW_H_MAX: Final = 31 * 24
CONTROL_PERCENT_MAX: Final = 50  # Ours: a larger group compares no better
NO_TERMS: Final = CampaignTerms()
NO_PROGRESS: Final = CampaignProgress()
_Read = TypeVar("_Read", bound=_Kept)
_ENCODER = msgspec.json.Encoder()


def text_of(value: CampaignTerms | CampaignProgress) -> str:
    """The JSON object that is stored; what is at its default is left out."""
    return _ENCODER.encode(value).decode()


def terms_from_text(text: str) -> CampaignTerms:
    """The terms of a stored JSON object.

    Raises:
        OperatorError: it holds something that this version does not know.
    """
    return _read(text, CampaignTerms)


def progress_from_text(text: str) -> CampaignProgress:
    """The progress of a stored JSON object; errors as `terms_from_text`."""
    return _read(text, CampaignProgress)


def checked_terms(asked: Mapping[str, Any], now_us: int) -> CampaignTerms:
    """The terms that an order asks for, by name as JSON values; moments as ISO 8601 with a zone.

    Raises:
        OperatorError: a value is not allowed, or terms contradict each other; the message says which are.
    """
    unknown = set(asked) - set(_CHECKS)
    if unknown:
        raise OperatorError(f"there is no term {min(unknown)!r}; there are: {', '.join(sorted(_CHECKS))}")
    values = {}
    for name, value in asked.items():
        if value is not None:
            field, check = _CHECKS[name]
            values[field] = check(name, value)
    terms = CampaignTerms(**values)
    if terms.ends_us is not None and terms.ends_us <= max(now_us, terms.starts_us or 0):
        raise OperatorError("ends is over already, or not after starts; a campaign ends after it begins")
    if terms.pace_kind is Pace.EVEN and terms.ends_us is None and terms.every is None:
        raise OperatorError("a pace of even needs ends: until then the people are spread")
    if (terms.after is None) != (terms.after_days is None):
        raise OperatorError("after and after_days belong together: which campaign, and how many days before")
    kinds = sum((bool(terms.standing), terms.every is not None, terms.after is not None, bool(terms.trigger)))
    tested = terms.test_percent is not None
    decided = terms.winner_after is not None or terms.winner_after_h is not None
    if (tested and not terms.variants) or tested != decided:
        raise OperatorError(
            "variants, test_percent and winner_after or winner_after_h belong together; variants may be alone"
        )
    if terms.when is not None:
        if terms.trigger is None:
            raise OperatorError("when is a condition on the event of trigger; give both")
        event_rule(terms.trigger, terms.when)
    if terms.winner_by is not None and not tested:
        raise OperatorError("winner_by says how a test is won, and there is none: test_percent")
    if terms.winner_by in (WonBy.CLICKED.value, WonBy.CONVERTED.value) and terms.link is None:
        raise OperatorError(f"winner_by {terms.winner_by} needs a link")
    chosen = [name for name in ("trigger", "after", "prefer") if getattr(terms, name) is not None]
    chosen += ["pace own"] if terms.pace_kind is Pace.OWN else []
    chosen += ["channel best"] if terms.channel == BEST else []
    if terms.own is not None and chosen:
        raise OperatorError(
            "own columns stand in no text whose people, hours or channels are chosen by " + ", ".join(chosen)
        )
    if kinds > 1:
        raise OperatorError("a campaign is one of standing, every, after and trigger")
    if (terms.pace_kind is Pace.HOURS) != (terms.hours is not None):
        raise OperatorError("a pace of hours and a table of hours belong together; give both or neither")
    if terms.hours is not None and terms.ends_us is not None and terms.every is None:
        clock, begun_us = terms.zone or "UTC", max(now_us, terms.starts_us or 0)
        if Spread(begun_us, ends_us=terms.ends_us, hours=terms.hours, zone=clock).ends_about(1, 0) is None:
            hours = ", ".join(map(str, sorted(terms.hours)))
            raise OperatorError(
                f"none of the hours {hours} comes before ends on the clock of {clock}, so nobody would "
                "get it; give other hours, a later end, or the zone that they mean"
            )
    return terms


def _read(text: str, kind: type[_Read]) -> _Read:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError as error:
        raise OperatorError(
            f"the stored terms of a campaign are not readable by this version: {error}"
        ) from error


def _moment(name: str, value: object) -> int:
    try:
        return parse_iso(str(value))
    except ValueError as error:
        raise OperatorError(
            f"{name} {value!r} is not a moment with its zone, such as 2026-04-01T09:00:00+05:30"
        ) from error


def _pace(name: str, value: object) -> str:
    if value not in [pace.value for pace in Pace]:
        raise OperatorError(f"{name} {value!r} is not one of {', '.join(pace.value for pace in Pace)}")
    return str(value)


def _hours(name: str, value: object) -> dict[int, int]:
    """Hour of the day → weight; JSON has the hours as texts."""
    table: dict[int, int] = {}
    for hour, weight in value.items() if isinstance(value, Mapping) else ():
        if not str(hour).isdecimal() or not 0 <= int(str(hour)) < HOURS_OF_A_DAY:
            raise OperatorError(f"{name}: {hour!r} is no hour of the day, 0..{HOURS_OF_A_DAY - 1}")
        table[int(str(hour))] = whole(0, WEIGHT_MAX, "parts")(f"{name}: {hour}", weight)
    if not sum(table.values()):
        raise OperatorError(f"{name} {value!r} is no table of hours with weights, such as 9=20 18=80")
    return table


def _recurrence(name: str, value: object) -> str:
    parse_recurrence(str(value))
    return str(value)


def _variants(name: str, value: object) -> tuple[Variant, ...]:
    try:
        variants = msgspec.convert(value, tuple[Variant, ...])
    except msgspec.ValidationError as error:
        raise OperatorError(f"{name} is no list of objects with name and text: {error}") from error
    names = [each.name for each in variants]
    if not VARIANTS_MIN <= len(variants) <= VARIANTS_MAX or len(set(names)) < len(names):
        raise OperatorError(f"{name}: {VARIANTS_MIN} to {VARIANTS_MAX} texts, each with a name of its own")
    if any(len(each.texts) > LANGUAGES_MAX for each in variants):
        raise OperatorError(f"{name}: {LANGUAGES_MAX} languages a variant at most")
    return variants


def _words(name: str, value: object) -> dict[str, str]:
    """Texts by a short name."""
    if not isinstance(value, Mapping) or not 0 < len(value) <= LANGUAGES_MAX:
        raise OperatorError(f"{name} is no object of 1 to {LANGUAGES_MAX} texts by name")
    if not all(isinstance(each, str) for each in (*value, *value.values())):
        raise OperatorError(f"{name} has something else than texts")
    return dict(value)


def _own(name: str, value: object) -> OwnColumns:
    try:
        own = msgspec.convert(value, OwnColumns)
    except msgspec.ValidationError as error:
        raise OperatorError(f"{name} is no object of list and columns: {error}") from error
    return OwnColumns(_name(f"{name}.list", own.list), checked_columns(own.columns))


def _once(name: str, value: object) -> str:
    if value not in ONCE:
        raise OperatorError(f"{name} {value!r} is not one of {', '.join(ONCE)}")
    return str(value)


def _won_by(name: str, value: object) -> str:
    if value not in [by.value for by in WonBy]:
        raise OperatorError(f"{name} {value!r} is not one of {', '.join(by.value for by in WonBy)}")
    return str(value)


def _name(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise OperatorError(f"{name} {value!r} is no name")
    return value


# As an order names it → the field, and what checks a value for it.
_CHECKS: Final[Mapping[str, Any]] = {
    "starts": ("starts_us", _moment),
    "ends": ("ends_us", _moment),
    "budget_micros": ("budget_micros", whole(1, MICROS_MAX, "micros")),
    "pace": ("pace", _pace),
    "hours": ("hours", _hours),
    "zone": ("zone", zone),
    "rate_per_s": ("rate_per_s", whole(1, RATE_MAX, "people a second")),
    "prefer": ("prefer", lambda name, value: str(value)),
    "standing": ("standing", switch),
    "every": ("every", _recurrence),
    "after": ("after", _name),
    "after_days": ("after_days", whole(0, AFTER_DAYS_MAX, "days")),
    "trigger": ("trigger", _name),
    "when": ("when", _name),
    "variants": ("variants", _variants),
    "texts": ("texts", _words),
    "fallbacks": ("fallbacks", _words),
    "once": ("once", _once),
    "channel": ("channel", lambda name, value: sent_channel(str(value), CAMPAIGN_CHANNELS)),
    "link": ("link", lambda name, value: checked_target(str(value))),
    "own": ("own", _own),
    "link_days": ("link_days", whole(1, LINK_DAYS_MAX, "days")),
    "test_percent": ("test_percent", whole(1, 99, "percent")),
    "winner_after": ("winner_after", whole(1, DELIVERIES_MAX, "deliveries")),
    "winner_by": ("winner_by", _won_by),
    "winner_after_h": ("winner_after_h", whole(1, REPLY_WINDOW_H_MAX, "hours")),
    "reply_window_h": ("reply_window_h", whole(1, REPLY_WINDOW_H_MAX, "hours")),
    "control_percent": ("control_percent", whole(1, CONTROL_PERCENT_MAX, "percent")),
}
