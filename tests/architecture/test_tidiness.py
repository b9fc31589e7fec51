"""What keeps a house findable: small files, speaking names, door plates, and nothing of anybody's machine."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).parents[2]
PACKAGES = ("operator_push", "smsc_sim", "cdr_ingest", "adapters")
FOLDERS = (*PACKAGES, "tests", "benchmarks", "docs", ".ci")
NOT_TEXT = {".pyc", ".png", ".gz", ".zip", ".parquet", ".db", ".so"}

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 90  # Style asks at 60; here is where asking ends.
SAYING_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc", "core"}
# Written in pieces, so that this file passes its own test.
UNFINISHED = r"\b(TO" + r"DO|FIX" + r"ME|HA" + r"CK)\b"
MACHINE_PATH = r"(^|[^A-Za-z0-9_.])/(wo" + r"rk|ro" + r"ot|ho" + r"me/[a-z]+)/"
PACKAGE_HOST = r"index-" + r"url|pythonhosted" + r"\.org|pypi\." + r"org/simple"
UNWANTED = re.compile("|".join((UNFINISHED, MACHINE_PATH, PACKAGE_HOST)))
SKIPS = {"skip", "skipif", "importorskip", "xfail"}


def files(*folders: str, suffix: str = "") -> Iterator[Path]:
    for folder in folders:
        for path in sorted((HOUSE / folder).rglob(f"*{suffix}")):
            if path.is_file() and path.suffix not in NOT_TEXT and "__pycache__" not in path.parts:
                yield path


def sources() -> list[tuple[Path, str]]:
    found = [(path, path.read_text(encoding="utf-8")) for path in files(*PACKAGES, suffix=".py")]
    assert len(found) > 50, "the packages are somewhere else"
    return found


def named(path: Path) -> str:
    return str(path.relative_to(HOUSE))


def none_of(faults: list[str]) -> None:
    assert not faults, "\n" + "\n".join(faults)


def test_a_file_is_one_room() -> None:
    lengths = [(len(text.splitlines()), path) for path, text in sources()]
    none_of([f"{named(path)}: {lines} lines" for lines, path in lengths if lines > FILE_LINES_MAX])


def test_a_function_can_be_taken_in() -> None:
    faults = []
    for path, text in sources():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    faults.append(f"{named(path)}:{node.lineno}: {node.name} has {lines} lines")
    none_of(faults)


def test_names_say_what_is_inside() -> None:
    faults = []
    for path, _ in sources():
        words = {word for name in path.relative_to(HOUSE).with_suffix("").parts for word in name.split("_")}
        if words & SAYING_NOTHING:
            faults.append(f"{named(path)}: {', '.join(words & SAYING_NOTHING)} says nothing")
    none_of(faults)


def test_every_module_has_a_door_plate() -> None:
    faults = []
    for path, text in sources():
        plate = ast.get_docstring(ast.parse(text)) or ""
        if len(plate.split()) < 3:
            faults.append(f"{named(path)}: the module does not say what lives here")
    none_of(faults)


def test_nothing_is_marked_unfinished_and_nothing_tells_of_a_machine() -> None:
    at_the_top = [path for path in HOUSE.iterdir() if path.suffix in (".md", ".toml", ".txt")]
    faults = []
    for path in [*files(*FOLDERS), *at_the_top, HOUSE / "Makefile"]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if UNWANTED.search(line):
                faults.append(f"{named(path)}:{number}: {line.strip()}")
    none_of(faults)


def test_a_skip_tells_how_not_to_be_skipped() -> None:
    """By an install line, or by the variable that names the missing data."""
    faults = []
    for path in files("tests", suffix=".py"):
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if not (isinstance(node, ast.Attribute) and node.attr in SKIPS):
                continue
            if ast.unparse(node.value) not in ("pytest", "pytest.mark", "mark"):
                continue
            says_how = " install " in text or "SMPP_VECTORS" in text
            if node.attr in ("xfail", "importorskip") or not says_how:
                faults.append(f"{named(path)}:{node.lineno}: {lines[node.lineno - 1].strip()}")
    none_of(faults)


def source_names(folder: Path) -> set[str]:
    """Names of the modules and rooms that a folder of unit tests stands for."""
    inside = folder.relative_to(HOUSE / "tests" / "unit")
    candidates = [HOUSE / "operator_push" / inside, HOUSE / inside]
    if inside.parts[:1] == ("adapters",):
        candidates = [HOUSE / "adapters" / "operator_push_adapters" / Path(*inside.parts[1:])]
    for candidate in candidates:
        if candidate.is_dir():
            return {path.stem for path in candidate.iterdir()}
    return set()


def test_unit_tests_stand_where_their_source_stands() -> None:
    """test_codec.py in tests/unit/smpp is about operator_push/smpp/codec.py, as test_codec_hostile.py is."""
    faults = []
    for path in files("tests/unit", suffix=".py"):
        subject = path.stem.removeprefix("test_")
        names = source_names(path.parent)
        if path.name.startswith("test_") and not any(
            subject == name or subject.startswith(f"{name}_") for name in names
        ):
            faults.append(f"{named(path)}: no source of that name")
    none_of(faults)


def numbered(folder: str, pattern: str) -> list[str]:
    """The numbers that stand before the names of a folder's files."""
    found = (re.match(pattern, path.name) for path in sorted((HOUSE / folder).iterdir()))
    return [match[1] for match in found if match]


def test_decisions_and_migrations_have_a_number_of_their_own_without_gaps() -> None:
    """Two of the same number are no conflict to git, but two migrations of one number open no store."""
    decisions = numbered("docs/adr", r"(\d{4})-")
    assert decisions == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    migrations = numbered("operator_push/store/migrations/versions", r"r(\d{4})_")
    assert migrations == [f"{number:04}" for number in range(1, len(migrations) + 1)]


def test_a_decision_says_its_number_in_its_first_line() -> None:
    for path in sorted((HOUSE / "docs/adr").iterdir()):
        assert path.read_text(encoding="utf-8").startswith(f"# {int(path.name[:4])}. "), path.name
