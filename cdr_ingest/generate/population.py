"""Population: cities with cells, and subscribers with a contract, a home, a work place and contacts."""

import math
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from cdr_ingest.generate import distributions as d
from cdr_ingest.generate.numbers import off_net_msisdn, subscriber_imsi, subscriber_msisdn
from cdr_ingest.generate.settings import SUBSCRIBERS_PER_NODE, GenerateSettings


@dataclass(frozen=True, slots=True)
class Cell:
    """A radio cell; `cell_id` starts with the code of its city."""

    cell_id: str
    city: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A generated person, with all that the record loop needs at hand."""

    msisdn: str
    imsi: str
    activated_on: date
    birth_year: int
    language: str
    plan: str
    prepaid: bool
    device_os: str
    home_cell: str
    work_cell: str
    city_cells: Sequence[str]
    activity: float
    contacts: tuple[str, ...]


def make_cells(seed: int) -> list[Cell]:
    """All cells of the generated country, scattered within some kilometres of their city's centre."""
    rng = Random(f"{seed}:cells")
    return [
        Cell(
            f"{city.code}{number:04d}",
            city.name,
            round(city.latitude + rng.gauss(0, 0.06), 6),
            round(city.longitude + rng.gauss(0, 0.06), 6),
        )
        for city in d.CITIES
        for number in range(1, city.weight * d.CELLS_PER_WEIGHT + 1)
    ]


def make_subscribers(settings: GenerateSettings, node: int, cells: Sequence[Cell]) -> list[Subscriber]:
    """The subscribers of one node; the result depends on the seed, the node and the settings only."""
    rng = Random(f"{settings.seed}:subscribers:{node}")
    cells_of_city = {
        city.name: tuple(cell.cell_id for cell in cells if cell.city == city.name) for city in d.CITIES
    }
    first = node * SUBSCRIBERS_PER_NODE
    until = min(first + SUBSCRIBERS_PER_NODE, settings.subscribers)
    return [_make_subscriber(rng, settings, index, cells_of_city) for index in range(first, until)]


def _make_subscriber(
    rng: Random, settings: GenerateSettings, index: int, cells_of_city: dict[str, tuple[str, ...]]
) -> Subscriber:
    city = d.CITIES[_weighted(rng, _CITY_LIMITS)]
    city_cells = cells_of_city[city.name]
    born = settings.as_of.year - round(
        min(
            max(rng.lognormvariate(math.log(d.AGE_MEDIAN_YEARS), d.AGE_SIGMA), d.AGE_MIN_YEARS),
            d.AGE_MAX_YEARS,
        )
    )
    plan, prepaid, _ = d.PLANS[_weighted(rng, _PLAN_LIMITS)]
    devices = d.DEVICE_WEIGHTS_YOUNG if born >= d.YOUNG_BORN_FROM else d.DEVICE_WEIGHTS_OLD
    factor = rng.lognormvariate(-(d.ACTIVITY_SIGMA**2) / 2, d.ACTIVITY_SIGMA)
    return Subscriber(
        msisdn=str(subscriber_msisdn(index)),
        imsi=str(subscriber_imsi(index)),
        activated_on=settings.first_day - timedelta(days=int(rng.expovariate(1 / d.TENURE_MEAN_DAYS)) % 5000),
        birth_year=born,
        language=_choice(rng, city.languages),
        plan=plan,
        prepaid=prepaid,
        device_os=_choice(rng, devices),
        home_cell=city_cells[int(rng.random() * len(city_cells))],
        work_cell=city_cells[int(rng.random() * len(city_cells))],
        city_cells=city_cells,
        activity=min(factor, d.ACTIVITY_FACTOR_MAX),
        contacts=_make_contacts(rng, settings.subscribers),
    )


def _make_contacts(rng: Random, subscribers: int) -> tuple[str, ...]:
    count = d.CONTACTS_MIN + int(rng.lognormvariate(math.log(d.CONTACTS_MEDIAN), d.CONTACTS_SIGMA))
    return tuple(
        str(
            subscriber_msisdn(int(rng.random() * subscribers))
            if rng.random() < d.ON_NET_SHARE
            else off_net_msisdn(rng.random())
        )
        for _ in range(min(count, d.CONTACTS_MAX))
    )


def _choice(rng: Random, weighted: Sequence[tuple[str, int]]) -> str:
    limits = list(accumulate(weight for _, weight in weighted))
    return weighted[_weighted(rng, limits)][0]


def _weighted(rng: Random, limits: Sequence[int]) -> int:
    return bisect(limits, rng.random() * limits[-1])


_CITY_LIMITS = list(accumulate(city.weight for city in d.CITIES))
_PLAN_LIMITS = list(accumulate(weight for _, _, weight in d.PLANS))
