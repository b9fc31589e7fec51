"""Our indicators are bandicoot's: of a folder, as it told them, and of others, where it is installed.

indicators/ holds a folder of hostile records and indicators/told.json what bandicoot 0.6.0 said of it;
networks/ and networks/told.json people who know one another, without top-ups: it stops at those.
`python tests/golden/test_indicators.py` with tests/ on the path writes both anew.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from bandicoot_judge import PATHS, differences, judged, require_bandicoot
from cdr_samples import SHARED
from indicator_people import write_network, write_people

from cdr_ingest.indicators.catalogue import NAMES, NETWORK_NAMES
from cdr_ingest.indicators.compute import Asked, compute
from cdr_ingest.indicators.network import networks
from cdr_ingest.indicators.reading import read_folder
from cdr_ingest.indicators.report import nest

FOLDER = Path(__file__).parent / "indicators"
NETWORKS = Path(__file__).parent / "networks"
SAMPLES = SHARED / "bandicoot_tests"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the judge
OLDER_SHARE = "percent_pareto_interactions"
ASKED = {
    "weeks": Asked(extended=True, split_week=True, split_day=True),
    "altogether": Asked(group_by="none"),
    "altogether, all": Asked(group_by="none", extended=True, split_week=True, split_day=True),
    "days": Asked(group_by="day", split_day=True),
}


def ours(folder: Path, asked: Asked) -> dict[str, Any]:
    people = read_folder(folder)
    return nest(people, asked, compute(people, asked))


def ours_of_networks(folder: Path, group_by: str) -> dict[str, Any]:
    network = networks(read_folder(folder, with_attributes=True))
    asked = Asked(group_by=group_by, names=(*NAMES, *NETWORK_NAMES))
    return nest(network.people, asked, compute(network.people, asked), network)


def as_bandicoot_asks(asked: Asked) -> dict[str, Any]:
    return {
        "groupby": None if asked.group_by == "none" else asked.group_by,
        "summary": "extended" if asked.extended else "default",
        "split_week": asked.split_week,
        "split_day": asked.split_day,
    }


@pytest.mark.parametrize("name", ["weeks", "altogether"])
def test_the_folder_of_hostile_people(name: str) -> None:
    told = json.loads((FOLDER / "told.json").read_text())[name]
    assert differences(told, ours(FOLDER, ASKED[name])) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_other_people(seed: int, tmp_path: Path) -> None:
    bandicoot = require_bandicoot()
    write_people(tmp_path / "people", seed, sizes=(0, 1, 2, 8, 40, 300, 3))
    for asked in ASKED.values():
        theirs = judged(bandicoot, tmp_path / "people", **as_bandicoot_asks(asked))
        assert differences(theirs, ours(tmp_path / "people", asked)) == []


@pytest.mark.parametrize("has_file", [True, False], ids=["antennas.csv", "no antennas.csv"])
def test_records_with_coordinates_of_their_own(has_file: bool, tmp_path: Path) -> None:
    bandicoot = require_bandicoot()
    write_people(tmp_path / "people", 3, sizes=(2, 40, 200), coordinates=True)
    if not has_file:
        (tmp_path / "people" / "antennas.csv").unlink()
    asked = Asked(group_by="day", split_day=True)
    theirs = judged(bandicoot, tmp_path / "people", **as_bandicoot_asks(asked))
    assert differences(theirs, ours(tmp_path / "people", asked)) == []


def test_the_folder_of_people_who_know_one_another() -> None:
    told = json.loads((NETWORKS / "told.json").read_text())
    assert differences(told, ours_of_networks(NETWORKS, "none")) == []
    removed = [name for name, person in told.items() if person["reporting"]["number_of_records"] == 0]
    assert "u0" in removed
    assert told["u0"]["reporting"]["start_time"]
    assert any(0 < person.get(NETWORK_NAMES[1], 0) < 1 for person in told.values())


@pytest.mark.parametrize(("seed", "has_antennas"), [(1, True), (2, False)])
def test_others_who_know_one_another(seed: int, has_antennas: bool, tmp_path: Path) -> None:
    bandicoot = require_bandicoot()
    write_network(tmp_path / "people", seed, people=20)
    if not has_antennas:
        (tmp_path / "people" / "antennas.csv").unlink()
    theirs = judged(bandicoot, tmp_path / "people", network=True)
    assert differences(theirs, ours_of_networks(tmp_path / "people", "week")) == []


def test_what_people_of_flesh_and_blood_worked_out(tmp_path: Path) -> None:
    if not SAMPLES.is_dir():
        pytest.skip("shared/data/cdr is not here; install it beside the project or set SHARED_DATA")
    (tmp_path / "records").mkdir()
    (tmp_path / "recharges").mkdir()
    for name in ("records/A.csv", "recharges/A.csv"):
        source = SAMPLES / "manual" / name.removeprefix("records/")
        (tmp_path / name).write_bytes(source.read_bytes())
    (tmp_path / "antennas.csv").write_bytes((SAMPLES / "towers.csv").read_bytes())
    told = json.loads((SAMPLES / "manual" / "A.json").read_text())
    found = ours(tmp_path, Asked(group_by="none"))["A"]
    # A share of the contacts by hand and in its kept results, of the interactions in the released code.
    assert _off(told, found) == [(1.0, 0.2)]
    kept = json.loads((SAMPLES / "regressions" / "manual_a.json").read_text())["A"]
    flat = dict(_flat(ours(tmp_path, ASKED["weeks"])["A"]))
    names = [name for name in kept if name in flat and not name.startswith(("name", "reporting"))]
    assert len(names) > 500
    found_off = differences({name: kept[name] for name in names}, {name: flat[name] for name in names})
    assert all(OLDER_SHARE in one for one in found_off)


def _off(told: Any, found: Any) -> list[Any]:
    if isinstance(told, dict):
        return [row for name in told for row in _off(told[name], found[name])]
    return [] if found == pytest.approx(told, abs=1e-4) else [(told, found)]


def _flat(nested: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    out = []
    for name, value in nested.items():
        path = f"{before}__{name}" if before else name
        out += _flat(value, path) if isinstance(value, dict) else [(path, value)]
    return out


def _renew() -> None:
    write_people(FOLDER, seed=5, sizes=(0, 2, 60, 150))
    bandicoot = require_bandicoot()
    told = {
        name: judged(bandicoot, FOLDER, **as_bandicoot_asks(ASKED[name])) for name in ("weeks", "altogether")
    }
    for person in (person for people in told.values() for person in people.values()):
        person["reporting"]["antennas_path"] = "antennas.csv"
    (FOLDER / "told.json").write_text(json.dumps(told))
    write_network(NETWORKS, seed=6, people=9)
    of_networks = judged(bandicoot, NETWORKS, network=True, groupby=None)
    for person in of_networks.values():
        person["reporting"] |= dict.fromkeys(PATHS, "here")
    (NETWORKS / "told.json").write_text(json.dumps(of_networks))


if __name__ == "__main__":
    _renew()
