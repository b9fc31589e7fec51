"""Indicators of mobile-phone research: records per second and core, beside bandicoot where it is installed.

Both compute the same twelve indicators of the same people, one after the other in one process, in CPU time.
Without bandicoot only our figures are printed.
"""

import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
import pytest

from cdr_ingest.indicators.compute import Asked, compute
from cdr_ingest.indicators.reading import read_folder

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from bandicoot_judge import differences, require_bandicoot

PEOPLE, RECORDS = 300, 1_000
JUDGED_PEOPLE = 12
FIRST_SECOND = datetime.fromisoformat("2014-01-01 00:00:00")  # records name no zone
TWELVE = (
    "active_days",
    "call_duration",
    "percent_nocturnal",
    "entropy_of_contacts",
    "balance_of_contacts",
    "interevent_time",
    "response_rate_text",
    "number_of_antennas",
    "radius_of_gyration",
    "percent_at_home",
    "churn_rate",
    "number_of_contacts",
)
printed: list[str] = []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    (folder / "records").mkdir()
    random = Random(1)
    antennas = [f"{number},{40 + random.random() * 2},{-70 + random.random() * 3}" for number in range(200)]
    (folder / "antennas.csv").write_text("\n".join(["antenna_id,latitude,longitude", *antennas, ""]))
    for person in range(PEOPLE):
        rows = ["interaction,direction,correspondent_id,datetime,call_duration,antenna_id"]
        home = random.randint(0, 190)
        for second in sorted(random.randint(0, 90 * 86400) for _ in range(RECORDS)):
            kind = random.choice(["call", "text"])
            contact = min(int(random.expovariate(0.15)), 40)
            at = FIRST_SECOND + timedelta(seconds=second)
            duration = random.randint(1, 900) if kind == "call" else ""
            antenna = home + random.choice([0, 0, 0, 1, 2, 3, 5])
            rows.append(f"{kind},{random.choice(['in', 'out'])},c{contact},{at},{duration},{antenna}")
        (folder / "records" / f"p{person:04}.csv").write_text("\n".join([*rows, ""]))
    return folder


def test_twelve_indicators(folder: Path, benchmark: object) -> None:
    people = read_folder(folder)
    asked = Asked(names=TWELVE)
    benchmark(lambda: list(compute(people, asked)))  # type: ignore[operator]
    loading, computing = [], []
    for _ in range(5):
        start = time.process_time()
        people = read_folder(folder)
        read = time.process_time()
        found = list(compute(people, asked))
        loading.append(read - start)
        computing.append(time.process_time() - read)
    rate = len(people.records) / min(computing)
    whole = len(people.records) / (min(computing) + min(loading))
    printed.append(f"twelve indicators: {rate:,.0f} records/s of CPU, {whole:,.0f} with loading")
    try:
        bandicoot = require_bandicoot()
    except (pytest.skip.Exception, pytest.fail.Exception) as missing:
        printed.append(str(missing))
        return
    start = time.process_time()
    users = [
        bandicoot.read_csv(
            f"p{person:04}",
            str(folder / "records"),
            str(folder / "antennas.csv"),
            describe=False,
            warnings=False,
        )
        for person in range(JUDGED_PEOPLE)
    ]
    read = time.process_time()
    rooms = (bandicoot.individual, bandicoot.spatial)
    functions = [next(getattr(room, name) for room in rooms if hasattr(room, name)) for name in TWELVE]
    theirs = [
        {name: function(user) for name, function in zip(TWELVE, functions, strict=True)} for user in users
    ]
    end = time.process_time()
    records = JUDGED_PEOPLE * RECORDS
    printed.append(
        f"bandicoot: {records / (end - read):,.0f} and {records / (end - start):,.0f} records/s;"
        f" ratios {rate * (end - read) / records:.1f} and {whole * (end - start) / records:.1f}"
    )
    mine: list[dict[str, object]] = [{} for _ in users]
    for one in found:
        for person in range(JUDGED_PEOPLE):
            at, key = mine[person], one.name
            for step in one.path:
                at, key = at.setdefault(key, {}), step  # type: ignore[assignment]
            at[key] = one.told[person]
    assert not any(np.ravel([differences(a, b) for a, b in zip(theirs, mine, strict=True)]))
