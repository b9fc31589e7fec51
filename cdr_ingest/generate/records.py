"""Records: the calls, SMS, data sessions and top-ups of one node's subscribers, sorted into days.

One plain loop makes a record in a few microseconds: all shapes (hours, kinds, clock texts) are looked up in
tables, and a record is a tuple (second of its day, rest of its CSV line) until its file is written.
"""

import math
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random

from cdr_ingest.generate import distributions as d
from cdr_ingest.generate.population import Subscriber
from cdr_ingest.generate.settings import OFFSET_TEXT, GenerateSettings

CDR_COLUMNS = (
    "record_id", "kind", "msisdn", "correspondent", "started_at", "duration_s", "octets_up", "octets_down",
    "cell_id",
)  # fmt: skip
TOP_UP_COLUMNS = ("record_id", "msisdn", "topped_up_at", "amount_rupees", "channel")

# One list per day of (second of the day, CSV line without its record_id).
DayLines = list[list[tuple[int, str]]]

_TABLE_SIZE = 1 << 12
_CLOCK = tuple(f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}{OFFSET_TEXT}" for s in range(86_400))
_KINDS = tuple(kind for kind, percent in d.KIND_PERCENT.items() for _ in range(percent))
_SATURDAY = 5


class RecordMaker:
    """Makes the records of one node; every draw comes from one generator in a fixed order."""

    def __init__(self, settings: GenerateSettings, node: int, city_cells: Sequence[str]) -> None:
        self._rng = Random(f"{settings.seed}:records:{node}")
        self._settings = settings
        self._all_cells = city_cells
        self._days = settings.day_list
        self._dates = [day.isoformat() + "T" for day in self._days]
        self._weekend = [day.weekday() >= _SATURDAY for day in self._days]
        self._day_table = _spread([d.WEEKDAY_WEIGHTS[day.weekday()] for day in self._days])
        self._hours = (_spread(d.HOUR_WEIGHTS_WORKDAY), _spread(d.HOUR_WEIGHTS_WEEKEND))

    def cdr_lines(self, subscribers: list[Subscriber]) -> DayLines:
        """Every call, SMS and session of `subscribers`, by day and in no order within a day."""
        lines: DayLines = [[] for _ in self._days]
        mean = self._settings.records_per_subscriber * (1 - d.TOP_UP_SHARE)
        for subscriber in subscribers:
            count = int(subscriber.activity * mean + self._rng.random())
            if count:
                self._make_cdrs(subscriber, count, lines)
        return lines

    def top_up_lines(self, subscribers: list[Subscriber]) -> DayLines:
        """Every top-up of the prepaid of `subscribers`, by day; heavy users top up more often."""
        lines: DayLines = [[] for _ in self._days]
        random = self._rng.random
        mean = self._settings.records_per_subscriber * d.TOP_UP_SHARE
        for subscriber in subscribers:
            if not subscriber.prepaid:
                continue
            for _ in range(int(subscriber.activity * mean + random())):
                day = self._day_table[int(random() * _TABLE_SIZE)]
                second = self._hours[0][int(random() * _TABLE_SIZE)] * 3600 + int(random() * 3600)
                amount = d.TOP_UP_RUPEES[bisect(_AMOUNT_LIMITS, random() * _AMOUNT_LIMITS[-1])]
                channel = d.TOP_UP_CHANNELS[bisect(_CHANNEL_LIMITS, random() * _CHANNEL_LIMITS[-1])]
                at = f"{self._dates[day]}{_CLOCK[second]}"
                lines[day].append((second, f"{subscriber.msisdn},{at},{amount},{channel}"))
        return lines

    def _make_cdrs(self, subscriber: Subscriber, count: int, lines: DayLines) -> None:
        rng = self._rng
        random, lognormal = rng.random, rng.lognormvariate
        contacts, contact_count = subscriber.contacts, len(subscriber.contacts)
        msisdn = subscriber.msisdn
        for _ in range(count):
            kind = _KINDS[int(random() * 100)]
            day = self._day_table[int(random() * _TABLE_SIZE)]
            weekend = self._weekend[day]
            hour = self._hours[weekend][int(random() * _TABLE_SIZE)]
            second = hour * 3600 + int(random() * 3600)
            cell = self._cell(subscriber, hour, weekend)
            if kind == "DATA_SESSION":
                down = int(lognormal(_OCTETS_MU, d.SESSION_OCTETS[1]))
                seconds = int(lognormal(_SESSION_MU, d.SESSION_SECONDS[1])) + 1
                rest = f",{seconds},{int(down * d.UPLINK_SHARE)},{down},{cell}"
                other = ""
            elif kind.endswith("CALL"):
                missed = kind == "MT_CALL" and random() < d.MISSED_CALL_SHARE
                seconds = 0 if missed else int(lognormal(_CALL_MU, d.CALL_SECONDS[1])) + 1
                other = contacts[int(random() ** d.CONTACT_PREFERENCE * contact_count)]
                rest = f",{seconds},,,{cell}"
            else:
                if kind == "MT_SMS" and random() < d.SHORT_CODE_SHARE:
                    other = d.SERVICE_SENDERS[int(random() * len(d.SERVICE_SENDERS))]
                else:
                    other = contacts[int(random() ** d.CONTACT_PREFERENCE * contact_count)]
                rest = f",,,,{cell}"
            lines[day].append((second, f"{kind},{msisdn},{other},{self._dates[day]}{_CLOCK[second]}{rest}"))

    def _cell(self, subscriber: Subscriber, hour: int, weekend: bool) -> str:
        random = self._rng.random
        draw = random()
        if draw < d.NO_CELL_SHARE:
            return ""
        draw = (draw - d.NO_CELL_SHARE) / (1 - d.NO_CELL_SHARE)
        if hour >= d.HOME_FROM_HOUR or hour < d.HOME_UNTIL_HOUR:
            if draw < d.HOME_SHARE:
                return subscriber.home_cell
        elif not weekend and draw < d.WORK_SHARE:
            return subscriber.work_cell
        cells = self._all_cells if random() < d.TRAVEL_SHARE else subscriber.city_cells
        return cells[int(random() * len(cells))]


def _spread(weights: Sequence[float]) -> list[int]:
    """A table of _TABLE_SIZE indexes in which each index stands as often as its weight says."""
    limits = list(accumulate(weights))
    return [bisect(limits, (place + 0.5) / _TABLE_SIZE * limits[-1]) for place in range(_TABLE_SIZE)]


_CALL_MU = math.log(d.CALL_SECONDS[0])
_OCTETS_MU = math.log(d.SESSION_OCTETS[0])
_SESSION_MU = math.log(d.SESSION_SECONDS[0])
_AMOUNT_LIMITS = list(accumulate(d.TOP_UP_WEIGHTS))
_CHANNEL_LIMITS = list(accumulate(d.TOP_UP_CHANNEL_WEIGHTS))
