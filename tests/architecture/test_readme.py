"""The README tells the truth: its map leads to files that exist, its commands run, its pictures are there.

The map is the table whose first heading begins with "I want to". A block fenced as `console` is run line by
line: `$ operator-push …` (or smsc-sim, cdr-ingest) in an empty folder, with the lines below it as expected
output, where `…` stands for anything; `$ make …` must name a target. A block that must not be run is fenced
otherwise.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

HOUSE = Path(__file__).parents[2]
README = (HOUSE / "README.md").read_text(encoding="utf-8")
PROGRAMS = ("operator-push", "smsc-sim", "cdr-ingest")
NOT_ROOMS = {"__pycache__"}


def map_rows() -> list[tuple[str, list[str]]]:
    """(wish, paths) of each row of the map."""
    rows = []
    inside = False
    for line in README.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if cells and cells[0].lower().startswith("i want to"):
            inside = True
        elif inside and len(cells) >= 2 and not set(cells[0]) <= set("-: "):
            rows.append((cells[0], re.findall(r"`([^`]+)`", " ".join(cells[1:]))))
        elif inside and not cells:
            inside = False
    return rows


def test_there_is_a_map() -> None:
    assert len(map_rows()) >= 10


def test_the_map_names_only_what_exists() -> None:
    for wish, paths in map_rows():
        assert paths, f"{wish}: leads nowhere"
        for path in paths:
            assert (HOUSE / path).exists(), f"{wish}: {path} does not exist"


def rooms() -> list[str]:
    house = HOUSE / "operator_push"
    found = [
        f"operator_push/{path.name}"
        for path in sorted(house.iterdir())
        if path.is_dir() and path.name not in NOT_ROOMS and any(path.glob("*.py"))
    ]
    top = ["cdr_ingest", "smsc_sim", "adapters", "benchmarks", "tests", "docs"]
    return found + top


def test_the_map_leads_to_every_room() -> None:
    paths = [path.rstrip("/") for _, named in map_rows() for path in named]
    missing = [room for room in rooms() if not any(f"{path}/".startswith(f"{room}/") for path in paths)]
    assert not missing


def test_links_and_pictures_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#\s]+)\)", README) + re.findall(r'src="([^"]+)"', README):
        if not re.match(r"[a-z]+:", target):
            assert (HOUSE / target).exists(), target


def test_the_readme_starts_with_the_two_commands() -> None:
    first_code = re.search(r"```\w*\n(.*?)```", README, re.DOTALL)
    assert first_code is not None
    commands = [line.removeprefix("$ ").split("#")[0].strip() for line in first_code[1].splitlines() if line]
    assert commands == ["make demo", "make test"]


def console_blocks() -> list[str]:
    return re.findall(r"```console\n(.*?)```", README, re.DOTALL)


def commands_of(block: str) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
    return found


def test_a_console_block_does_what_it_shows(tmp_path: Path) -> None:
    for number, block in enumerate(console_blocks()):
        folder = tmp_path / str(number)
        folder.mkdir()
        run_block(block, folder)


def run_block(block: str, folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPERATOR_PUSH_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    for command, expected in commands_of(block):
        words = shlex.split(command, comments=True)
        if words[0] == "make":
            makefile = (HOUSE / "Makefile").read_text()
            assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in words[1:]), command
            continue
        assert words[0] in PROGRAMS, f"{command}: only our own programs are run from the README"
        done = subprocess.run(
            command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        shown = "\n".join(expected).strip()
        pattern = ".*".join(re.escape(part) for part in shown.split("…"))
        assert not shown or re.fullmatch(pattern, done.stdout.strip(), re.DOTALL), f"{command}\n{done.stdout}"
