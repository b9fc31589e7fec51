"""Generated sets: the same octets for the same seed, the documented shapes, faults that are found."""

import csv
import hashlib
from collections import Counter
from datetime import date
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest
from ingest_drop import EVERYTHING, NOW, Drop

from cdr_ingest.generate import distributions as d
from cdr_ingest.generate.numbers import off_net_msisdn, subscriber_imsi, subscriber_msisdn
from cdr_ingest.generate.settings import SUBSCRIBERS_PER_NODE, GenerateSettings
from cdr_ingest.generate.writing import GenerateSummary, generate
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import is_msisdn

SAMPLE = Path(__file__).parents[4] / "docs" / "sample-input"
SUBSCRIBERS = 1_500


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, GenerateSummary]:
    out = tmp_path_factory.mktemp("made") / "drop"
    return out, generate(GenerateSettings(out, SUBSCRIBERS, seed=3))


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_gives_the_same_octets_and_another_seed_does_not(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate(GenerateSettings(tmp_path / name, 60, seed, days=3))
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert digests(tmp_path / "a").keys() == digests(tmp_path / "c").keys()
    same = {
        name for name, digest in digests(tmp_path / "a").items() if digest == digests(tmp_path / "c")[name]
    }
    assert same == set()


def test_the_sample_in_the_documentation_is_what_its_command_writes(tmp_path: Path) -> None:
    settings = GenerateSettings(tmp_path / "s", 24, seed=7, days=3, records_per_subscriber=8)
    generate(settings)
    assert digests(tmp_path / "s") == digests(SAMPLE)


def test_numbers_are_unique_and_never_end_with_a_zero() -> None:
    numbers = [subscriber_msisdn(index) for index in range(50_000)]
    assert len(set(numbers)) == len(numbers)
    assert all(number % 10 for number in numbers)
    assert all(
        is_msisdn(str(number)) and str(number)[:2] == "91" and str(number)[2] in "6789" for number in numbers
    )
    assert len({subscriber_imsi(index) for index in range(50_000)}) == 50_000
    off_net = {off_net_msisdn(step / 1_000) for step in range(1_000)}
    assert not off_net & set(numbers)


def test_a_set_has_the_files_that_mediation_would_drop(made: tuple[Path, GenerateSummary]) -> None:
    out, summary = made
    names = set(digests(out))
    assert {"subscribers.csv", "consents.csv", "cells.csv", "README.md"} <= names
    assert len([name for name in names if name.startswith("cdr/msc001_202610")]) == 30
    assert {name for name in names if name.startswith("topups/")} == {
        f"topups/topups001_202610{day}.csv" for day in ("02", "12", "22")
    }
    assert summary.files == len(names)


def test_a_second_node_starts_after_so_many_subscribers(tmp_path: Path) -> None:
    assert GenerateSettings(tmp_path, SUBSCRIBERS_PER_NODE, 1).node_count == 1
    assert GenerateSettings(tmp_path, SUBSCRIBERS_PER_NODE + 1, 1).node_count == 2


def test_activity_has_its_mean_and_a_heavy_tail(made: tuple[Path, GenerateSummary]) -> None:
    out, _ = made
    count = Counter(row["msisdn"] for path in (out / "cdr").iterdir() for row in rows_of(path))
    per_person = sorted(count[row["msisdn"]] for row in rows_of(out / "subscribers.csv"))
    assert 23 < mean(per_person) < 34
    assert mean(per_person) > 1.4 * median(per_person)
    busiest = per_person[-len(per_person) // 10 :]
    assert sum(busiest) > 0.28 * sum(per_person)


def test_days_and_hours_have_their_peaks(made: tuple[Path, GenerateSummary]) -> None:
    out, _ = made
    hours: Counter[int] = Counter()
    days: Counter[int] = Counter()
    for path in (out / "cdr").iterdir():
        for row in rows_of(path):
            moment = row["started_at"] or ""
            if moment.startswith("2026-10-"):
                hours[int(moment[11:13])] += 1
                days[date.fromisoformat(moment[:10]).weekday()] += 1
    assert hours[11] > hours[14] < hours[20]  # two peaks with a dip between them
    assert hours[3] < hours[11] / 8
    assert days[6] / 4 < days[2] / 4  # four Sundays, four Wednesdays


def test_consents_have_their_shares_and_their_evidence(made: tuple[Path, GenerateSummary]) -> None:
    out, _ = made
    last: dict[tuple[str, str, str], dict[str, str]] = {}
    for row in rows_of(out / "consents.csv"):
        key = (row["msisdn"], row["brand"], row["purpose"])
        assert row["at"] >= last.get(key, row)["at"]  # the acts of one person follow each other
        assert row["evidence"]
        assert row["at"] <= "2026-10-02T00:00:00Z"  # before the first record
        last[key] = row
    for offer in d.CONSENT_OFFERS:
        granted = sum(
            row["action"] == "grant"
            for (_, brand, purpose), row in last.items()
            if (brand, purpose) == (offer.brand, offer.purpose)
        )
        assert granted / SUBSCRIBERS == pytest.approx(offer.share, abs=0.05)
    assert any(row["action"] == "withdraw" for row in last.values())


def test_every_fault_is_found_for_its_reason_and_every_repeat_is_counted(
    made: tuple[Path, GenerateSummary], tmp_path: Path
) -> None:
    out, summary = made
    drop = Drop(tmp_path, {})
    drop.input = out
    numbers = dict.fromkeys(
        row["msisdn"] for row in rows_of(out / "subscribers.csv") if is_msisdn(row["msisdn"])
    )
    drop.permit({msisdn: (number, EVERYTHING) for number, msisdn in enumerate(numbers, 1)})
    report = drop.run(now=NOW)
    assert report["rejected_by_reason"] == dict(sorted(summary.faults.items()))
    rows = summary.rows
    assert report["read"] == rows["subscribers"] + rows["cdr"] + rows["topups"]
    assert report["duplicates"] == sum(summary.repeated.values())
    assert report["not_permitted"] == 0
    assert report["cells"]["read"] == rows["cells"]


def test_settings_outside_their_range_are_named(tmp_path: Path) -> None:
    wrong: list[dict[str, Any]] = [
        {"subscribers": 0},
        {"days": 0},
        {"days": 400},
        {"records_per_subscriber": 0.5},
    ]
    for change in wrong:
        with pytest.raises(OperatorError, match=f"--{next(iter(change)).replace('_', '-')}"):
            GenerateSettings(**{"out": tmp_path, "subscribers": 1, "seed": 1} | change)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    with pytest.raises(OperatorError, match="not empty"):
        generate(GenerateSettings(tmp_path, 10, seed=1))
    assert (tmp_path / "precious").read_text() == "x"
