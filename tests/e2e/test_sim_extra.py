"""`pip install operator-push[sim]` is enough for smsc-sim: the built wheel runs where nothing else is.

The wheel is built from this house without a network, unpacked into an empty environment, and joined by
exactly the distributions that its metadata asks for with the extra [sim], taken from the environment of the
tests.
"""

import json
import re
import subprocess
import sys
import time
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

HOUSE = Path(__file__).parents[2]
PATIENCE_S = 60
FORBIDDEN = ("sqlalchemy", "duckdb", "pyarrow", "pydantic", "alembic", "asyncpg", "phonenumbers", "pysnmp")


def wanted(name, extras, found):
    """Fill `found` with the distributions that these requirements lead to."""
    key = (name.lower().replace("_", "-"), frozenset(extras))
    if key in found:
        return
    installed = found[key] = distribution(name)
    follow(installed, extras, found)


def follow(installed, extras, found):
    for line in installed.requires or ():
        requirement = Requirement(line)
        environments = [{"extra": extra} for extra in (*extras, "")]
        if requirement.marker is None or any(
            requirement.marker.evaluate(default_environment() | one) for one in environments
        ):
            wanted(requirement.name, requirement.extras, found)


def link(installed, site):
    """Let a distribution's packages be found in `site` too."""
    tops = {Path(file).parts[0] for file in installed.files or () if ".." not in Path(file).parts}
    for top in tops - {"__pycache__"}:
        place = site / top
        if not place.exists():
            place.symlink_to(Path(installed.locate_file(top)).resolve())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """The interpreter of an environment that has the wheel and what [sim] asks for."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=PATIENCE_S
    )
    [site] = folder.glob("lib/python3*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    [info] = site.glob("operator_push-*.dist-info")
    found: dict[tuple[str, frozenset[str]], Distribution] = {}
    follow(Distribution.at(info), ("sim",), found)
    for installed in found.values():
        link(installed, site)
    return folder / "bin" / "python"


def run(python, *words, cwd, status=0):
    done = subprocess.run(
        [str(python), *words], cwd=cwd, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_has_what_the_simulator_reads_at_run_time(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    here = {
        str(path.relative_to(HOUSE))
        for path in (HOUSE / "smsc_sim").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert here <= names
    assert "smsc_sim/scenarios/mo-survey.csv" in names


@pytest.mark.parametrize("name", FORBIDDEN)
def test_nothing_heavy_is_there(python, name, tmp_path):
    told = run(
        python, "-c", f"import importlib.util as u; print(u.find_spec({name!r}) is None)", cwd=tmp_path
    )
    assert told.strip() == "True"


def test_run_and_load_work_together(python, tmp_path):
    ready, out = tmp_path / "ready.json", tmp_path / "run"
    simulator = subprocess.Popen(
        [
            *(str(python), "-m", "smsc_sim", "run", "--scenario", "friendly", "--port", "0"),
            *("--control-port", "0", "--ready-file", str(ready), "--out", str(out), "--seed", "7"),
            *("--until", "settled", "--for", "60s", "--junit", str(tmp_path / "junit.xml")),
        ],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        end = time.monotonic() + PATIENCE_S
        while not ready.exists():
            assert simulator.poll() is None, simulator.communicate()[0]
            assert time.monotonic() < end
            time.sleep(0.02)
        port = str(json.loads(ready.read_text())["port"])
        told = run(
            *(python, "-m", "smsc_sim", "load", "--port", port, "--count", "200", "--rate", "400", "--quiet"),
            *("--mix", "everyday", "--expect", "failed_share == 0", "--out", "report"),
            cwd=tmp_path,
        )
        assert "load.html" in told
        output, _ = simulator.communicate(timeout=PATIENCE_S)
        assert simulator.returncode == 0, output
    finally:
        if simulator.poll() is None:
            simulator.kill()
            simulator.communicate()
    assert re.search(r'failures="0"', (tmp_path / "junit.xml").read_text())
    report = json.loads((tmp_path / "report" / "load.json").read_text())
    assert report["figures"]["accepted"] >= 200
    assert report["figures"]["receipts_missing"] == 0


def test_every_command_tells_of_itself(python, tmp_path):
    for words in (["--help"], ["faults"], ["scenarios"], ["assertions"], ["scenario", "show", "friendly"]):
        assert run(python, "-m", "smsc_sim", *words, cwd=tmp_path)
