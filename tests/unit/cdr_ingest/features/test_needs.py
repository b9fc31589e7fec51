"""What a choice of features needs, and that nothing else is computed for it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from feature_files import read_features
from ingest_drop import EVERYTHING, Drop

from cdr_ingest.cli import main
from cdr_ingest.features.definitions import DEFINITIONS
from cdr_ingest.features.needs import PartialNeed, needs_of, used_columns
from cdr_ingest.features.partials import Partial
from cdr_ingest.features.sources import SOURCES
from cdr_ingest.features_option import ALL
from cdr_ingest.generate.settings import GenerateSettings
from cdr_ingest.generate.writing import generate
from operator_push.kernel.errors import OperatorError

# At least one of each source, and of each source one that needs less than others.
SOME = (
    "age", "calls_7d", "weekend_share_30d", "busiest_hour_30d", "contacts_7d", "contacts_entropy_30d",
    "places_30d", "home.city", "days_since_top_up",
)  # fmt: skip


@pytest.fixture(scope="module")
def drop(tmp_path_factory: pytest.TempPathFactory) -> Drop:
    """A generated set of which a run has kept the records."""
    root = tmp_path_factory.mktemp("needs")
    generate(GenerateSettings(root / "drop", 25, seed=9, days=10, as_of=date(2026, 10, 31)))
    lines = (root / "drop" / "subscribers.csv").read_text().splitlines()[1:]
    numbers = dict.fromkeys(line.split(",")[0] for line in lines if line[:2].isdecimal())
    drop = Drop(root, {number: (place, EVERYTHING) for place, number in enumerate(numbers, 1)})
    drop.run(features=(ALL,))
    return drop


def compute(drop: Drop, out: str, *more: str) -> tuple[dict[str, Any], Path]:
    """What `features compute --json` tells, and the folder of its features."""
    folder = drop.root / out
    asked = ["features", "compute", "--records", str(drop.out), "--out", str(folder), "--json", *more]
    done = CliRunner().invoke(
        main, [*asked, "--snapshot", str(drop.snapshot), "--key-file", str(drop.key_file)]
    )
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout), folder


def learnt(folder: Path, names: tuple[str, ...]) -> dict[int, tuple[Any, ...]]:
    """By person these features; sums of doubles depend on their order, so that their last digits are cut."""
    people = read_features(folder / "features.json")
    return {number: tuple(map(_cut, map(features.get, names))) for number, features in people.items()}


def _cut(value: Any) -> Any:
    return round(value, 9) if isinstance(value, float) else value


def test_every_definition_reads_columns_that_its_source_has() -> None:
    for name, definition in DEFINITIONS.items():
        assert used_columns(name) <= set(SOURCES[definition.view.source].columns), name


def test_a_choice_needs_the_sums_and_days_of_its_widest_window() -> None:
    partials = needs_of(["calls_7d", "night_share_30d", "last_top_up_on"]).partials
    assert partials == {
        Partial.ACTIVITY: PartialNeed({"calls", "sms", "night_talks"}, 30),
        Partial.TOP_UPS: PartialNeed(set(), None),
    }
    assert partials[Partial.ACTIVITY].covers(71, 100)
    assert not partials[Partial.ACTIVITY].covers(70, 100)
    assert not partials[Partial.TOP_UPS].covers(101, 100)


def test_chosen_features_have_the_values_that_all_have(drop: Drop) -> None:
    told, folder = compute(drop, "some", "--features", ",".join(SOME))
    assert told["features_computed"] == len(SOME)
    assert learnt(folder, SOME) == learnt(drop.out, SOME)
    for features in read_features(folder / "features.json").values():
        assert {name for name, value in features.items() if value is not None} <= set(SOME)


def test_only_what_is_needed_is_summed_and_the_choice_is_remembered(drop: Drop) -> None:
    _, folder = compute(drop, "few", "--features", "calls_7d, contacts_30d")
    kept = {path.parent.parent.name: path for path in (folder / "partials").rglob("*.parquet")}
    assert set(kept) == {"activity", "contacts"}
    assert pq.read_schema(kept["activity"]).names == ["subscriber_no", "calls"]
    assert pq.read_schema(kept["contacts"]).names == ["subscriber_no", "contact"]
    days = {path.parent.name for path in (folder / "partials" / "activity").rglob("*.parquet")}
    told, _ = compute(drop, "few")
    assert (told["features_computed"], told["days_summed"], len(days)) == (2, 0, 7)
    told, _ = compute(drop, "few", "--features", "calls_7d,sms_7d")
    assert told["days_summed"] == 7  # SMS were not counted before
    assert compute(drop, "few", "--features", "all")[0]["features_computed"] == len(DEFINITIONS)
    assert learnt(folder, tuple(DEFINITIONS)) == learnt(drop.out, tuple(DEFINITIONS))


@pytest.mark.parametrize(
    ("name", "said"), [("calls_31d", "is no feature"), ("interest.music", "is declared, not computed")]
)
def test_a_wrong_name_is_told(name: str, said: str) -> None:
    with pytest.raises(OperatorError, match=f"{name} {said}"):
        needs_of(["age", name])
