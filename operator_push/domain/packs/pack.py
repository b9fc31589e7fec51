"""What a pack holds: tables of rows, each with its source, its date and whether somebody compared the two.

`verified` true means that the row was compared with the source that it names, on that `date`; false that it
is from memory or from hearsay and waits for a lawyer. A row counts from `valid_from` until before
`valid_until`; without them as long as its pack does. Not here: files (reading), the choice of a
pack (shelf).
"""

import datetime
import re
from collections.abc import Iterator
from typing import Literal

import msgspec

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_PER_DAY = 1440
_CLOCK = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
Day = datetime.date
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every row says of itself."""

    source: str
    date: Day
    verified: bool
    note: str = ""
    valid_from: Day | None = None
    valid_until: Day | None = None

    def holds_on(self, day: Day) -> bool:
        """Is the row in force on this day?"""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )


class LocalWindow(msgspec.Struct, frozen=True):
    """Quiet from `start_minute` until before `end_minute` on the subscriber's clock, on these days.

    Minutes of the local day, 0..1440; a start behind its end runs over midnight and belongs to the day on
    which it begins; 0 to 1440 is the whole day; equal ends are refused when a pack is read. `weekdays` counts
    from Monday, 0. `public_holidays` true: on those of the country too, whatever their weekday.
    """

    start_minute: int
    end_minute: int
    weekdays: frozenset[int]
    public_holidays: bool


class QuietHoursRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When promotional messages rest in a country (ISO 3166-1) or one region of it (ISO 3166-2).

    `windows` are "HH:MM-HH:MM", local; `zones` the IANA zones of the region, empty: all of the country.
    """

    country: str
    windows: list[str]
    region: str = ""
    days: list[Weekday] = msgspec.field(default_factory=lambda: list(WEEKDAYS))  # type: ignore[arg-type]
    public_holidays: bool = True
    zones: list[str] = []

    def local_windows(self) -> Iterator[LocalWindow]:
        """The windows as minutes.

        Raises:
            ValueError: a window that is not HH:MM-HH:MM within 00:00..24:00, or whose ends are equal.
        """
        days = frozenset(WEEKDAYS.index(day) for day in self.days)
        for text in self.windows:
            start, end = _minutes(text)
            yield LocalWindow(start, end, days, self.public_holidays)


class HolidayRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Public holidays of a country: `fixed` days "MM-DD" of every year, `easter` as days after Easter Sunday
    of the Western churches (before it: below 0), `dates` of one year alone."""

    country: str
    fixed: list[str] = []
    easter: list[int] = []
    dates: list[Day] = []

    def is_on(self, day: Day) -> bool:
        """Is this day one of them?"""
        return (
            day.strftime("%m-%d") in self.fixed
            or day in self.dates
            or (bool(self.easter) and (day - easter_sunday(day.year)).days in self.easter)
        )


class RevocationRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a stop must be heard: `words` that the rule itself names, and within how many seconds it holds."""

    words: list[str] = []
    any_reasonable_wording: bool = True
    honour_within_s: int


class ConfirmationRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is answered to an act: `act` stop or opt_in; how many messages, within how many seconds."""

    act: Literal["stop", "opt_in"]
    required: bool
    messages_max: int = 1
    within_s: int = 0  # 0: no limit is stated
    promotion_allowed: bool = False
    may_ask_scope: bool = False
    double_opt_in: bool = False


class CategoryRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category of messages that a subscriber may choose or block."""

    number: int
    name: str


class RetentionRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long something is kept: `subject` consent_proof, stop_proof or decision; days after its end."""

    subject: Literal["consent_proof", "stop_proof", "decision"]
    days: int


class HeaderRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A suffix of sender headers and the kind of message that it announces."""

    suffix: str
    meaning: str


class TemplateRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of registered template: its variables, and how many characters one may hold."""

    kind: Literal["entity", "content", "consent"]
    variable: str = ""  # as written, such as {#var#}; empty: none are allowed
    variable_chars_max: int = 0
    must_name: list[str] = []


class RegisterCodeRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a subscriber sends to the national register, to `short_code`, and what it does."""

    short_code: str
    code: str
    effect: Literal["block_all", "allow_only", "block", "deregister"]
    category: int = 0


class Pack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One jurisdiction's rules, in one version; counts from `valid_from` until a later version does."""

    pack: str
    title: str
    version: str
    valid_from: Day
    countries: list[str]  # ISO 3166-1; empty: whatever no other pack names
    languages: list[str]  # heard in full, the first is answered in where the person's is unknown
    valid_until: Day | None = None
    quiet_hours_rows: list[QuietHoursRow] = msgspec.field(default_factory=list, name="quiet_hours")
    holiday: list[HolidayRow] = []
    revocation: list[RevocationRow] = []
    confirmation: list[ConfirmationRow] = []
    category: list[CategoryRow] = []
    retention: list[RetentionRow] = []
    header: list[HeaderRow] = []
    template: list[TemplateRow] = []
    register_code: list[RegisterCodeRow] = []

    def tables(self) -> Iterator[tuple[str, list[Row]]]:
        """Every table of rows under the name that it has in the file."""
        for field in msgspec.structs.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, list) and field.name not in ("countries", "languages"):
                yield field.encode_name, value

    def is_holiday(self, country: str, day: Day) -> bool:
        """Is it a public holiday of the country, as far as the pack knows them?"""
        return any(row.country == country and row.holds_on(day) and row.is_on(day) for row in self.holiday)

    def quiet_hours(self, country: str, region: str, at: Day) -> tuple[LocalWindow, ...]:
        """The windows in which promotional messages rest there on a local day; empty: no rule is known.

        Rules of the country and of the region both hold, so what comes back is to be united, never
        intersected. `region` "" means unknown: then the windows of every region of the country hold.
        """
        return tuple(
            dict.fromkeys(
                window
                for row in self.quiet_hours_rows
                if row.country in (country, "*") and row.region in ("", region or row.region)
                if row.holds_on(at)
                for window in row.local_windows()
            )
        )

    def quiet_hours_at(self, country: str, zone: str, at: Day) -> tuple[LocalWindow, ...]:
        """The windows for people of a country whose clock is `zone` (IANA), on a local day; the union of all.

        Of whom no region is known: the rows of every region hold, save those of regions with other clocks.
        """
        return tuple(
            dict.fromkeys(
                window
                for row in self.quiet_hours_rows
                if row.country in (country, "*") and (not row.region or not row.zones or zone in row.zones)
                if row.holds_on(at)
                for window in row.local_windows()
            )
        )


def easter_sunday(year: int) -> Day:
    """Easter Sunday of the Western churches (the Gregorian reckoning, as Meeus and Butcher state it)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    moved = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * moved) // 451
    month, day = divmod(h + moved - 7 * m + 114, 31)
    return Day(year, month, day + 1)


def _minutes(text: str) -> tuple[int, int]:
    match = _CLOCK.fullmatch(text)
    hours = [int(part) for part in match.groups()] if match else []
    if not hours or hours[1] > 59 or hours[3] > 59:
        raise ValueError(f"{text!r} is not a window such as 21:00-08:00")
    start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if start >= MINUTES_PER_DAY or end > MINUTES_PER_DAY or start == end:
        raise ValueError(f"{text!r}: the ends differ, from 00:00-… to …-24:00; 00:00-24:00 is the whole day")
    return start, end
