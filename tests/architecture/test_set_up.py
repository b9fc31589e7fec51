"""The set-up installs what it names: every version pinned, every import declared, no host, no hash."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
PROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text())
CONSTRAINTS = [
    line for line in (HOUSE / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")
]
PINNED = dict(line.split("==") for line in CONSTRAINTS)
TARGETS = ("demo", "test", "check", "bench", "bench-peers", "soak", "clean", "help")


def plain(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name[0]).lower()


DECLARED = {
    plain(requirement)
    for group in (PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"].values())
    for requirement in group
}


def test_constraints_are_names_and_versions_and_nothing_else() -> None:
    for line in CONSTRAINTS:
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*==[0-9][A-Za-z0-9.+!-]*", line), line
    assert sorted(PINNED) == list(PINNED), "keep the names sorted"


@pytest.mark.parametrize("name", sorted(DECLARED | {"cython", "hatchling", "editables", "uv"}))
def test_everything_that_is_declared_is_pinned(name: str) -> None:
    assert name in PINNED


# pyspark is half a gigabyte and comes without a wheel: installed by who wants it (.ci/run does).
BY_HAND = {plain(requirement) for requirement in PROJECT["project"]["optional-dependencies"]["spark"]}


@pytest.mark.parametrize("name", sorted(DECLARED - BY_HAND))
def test_what_is_installed_here_is_what_is_pinned(name: str) -> None:
    assert version(name) == PINNED[name], "run make install"


def test_the_heavy_extras_bring_what_their_programs_import() -> None:
    """A third-party import in the packages has a declared distribution behind it."""
    provided = packages_distributions()
    ours = {"operator_push", "smsc_sim", "cdr_ingest", "operator_push_adapters"}
    brought_along = {"zope": "twisted"}  # by a declared package, on purpose
    for package in ("operator_push", "smsc_sim", "cdr_ingest", "adapters"):
        for path in sorted((HOUSE / package).rglob("*.py")):
            for name in imported(path) - ours - sys.stdlib_module_names:
                names = {plain(distribution) for distribution in provided.get(name, [name])}
                declared = names & DECLARED or brought_along.get(name) in DECLARED
                assert declared, (
                    f"{path.relative_to(HOUSE)} imports {name}, which pyproject.toml does not declare"
                )


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_make_without_a_target_prints_every_target() -> None:
    done = subprocess.run(["make"], cwd=HOUSE, capture_output=True, text=True, check=True)
    for target in TARGETS:
        if target not in ("help",):
            assert f"make {target} " in done.stdout


@pytest.mark.parametrize("target", TARGETS)
def test_each_target_can_be_planned(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=HOUSE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_make_bench_can_load_every_benchmark() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", "benchmarks"]
    done = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_ci_runs_the_very_commands_of_the_readme() -> None:
    script = HOUSE / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    lines = script.read_text().splitlines()
    assert lines[-2:] == ["make check", "make test"]
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0


def test_entry_points_lead_somewhere() -> None:
    for target in PROJECT["project"]["entry-points"]["operator_push.delivery_events"].values():
        module, _, name = target.partition(":")
        source = HOUSE / "adapters" / (module.replace(".", "/") + ".py")
        assert re.search(rf"^class {name}\b", source.read_text(), re.MULTILINE)
