"""docs/smsc-sim.md tells the truth: its commands run, in order, in one shell, and say what the page shows.

The lines with `$` of every `console` block are one script, run by bash; below a command stands its expected
output, where `…` stands for anything. Instead of the page's ports the test takes free ones: a small
`smsc-sim` in front of the real one gives `run` and `load` the port, and the addresses in the commands are
changed alike.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from free_ports import free_port
from peers import require_program

HOUSE = Path(__file__).parents[2]
PAGE = HOUSE / "docs" / "smsc-sim.md"
PATIENCE_S = 110
MARK = "---8<--- "


def commands() -> list[tuple[str, str]]:
    """(command, expected output) of every line with a `$`, in order."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return [(command, "\n".join(expected).strip()) for command, expected in found]


def shim(folder: Path, port: int) -> Path:
    """A folder with an `smsc-sim` that adds --port to run and load."""
    folder.mkdir()
    program = folder / "smsc-sim"
    real = f"{shlex.quote(sys.executable)} -m smsc_sim"
    program.write_text(
        f'#!/bin/sh\ncase "$1" in\nrun|load) word=$1; shift; exec {real} "$word" --port {port} "$@";;\n'
        f'*) exec {real} "$@";;\nesac\n'
    )
    program.chmod(0o755)
    python = folder / "python3"
    python.symlink_to(sys.executable)
    return folder


def test_the_page_takes_a_person_from_nothing_to_a_reproduced_fault(tmp_path: Path) -> None:
    require_program("bash", package="bash")
    require_program("curl", package="curl")
    port, control = free_port(), free_port()
    steps = commands()
    assert len(steps) >= 20
    script = "".join(
        f"{command}\necho; echo '{MARK}'$?\n".replace("2775", str(port)).replace("2780", str(control))
        for command, _ in steps
    )
    tools = shim(tmp_path / "tools", port)
    work = tmp_path / "work"
    work.mkdir()
    shell = subprocess.Popen(
        ["bash", "-c", script],
        cwd=work,
        env=os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = shell.communicate(timeout=PATIENCE_S)
    finally:
        if shell.poll() is None:
            os.killpg(shell.pid, signal.SIGKILL)
    *parts, rest = re.split(rf"\n{MARK}(\d+)\n", output)
    assert rest == ""
    assert len(parts) == 2 * len(steps), output
    for (command, expected), shown, status in zip(steps, parts[::2], parts[1::2], strict=True):
        assert status == "0", f"{command}\n{shown}"
        told = shown.replace(str(port), "2775").replace(str(control), "2780").strip()
        pattern = ".*".join(re.escape(part) for part in expected.split("…"))
        assert not expected or re.fullmatch(pattern, told, re.DOTALL), f"{command}\n{told}"


def test_the_page_leads_to_pages_that_exist() -> None:
    for target in re.findall(r"\]\(([^)#\s]+)\)", PAGE.read_text(encoding="utf-8")):
        assert (PAGE.parent / target).exists(), target
