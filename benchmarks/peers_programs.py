"""What the peers' runs share: the simulator, CPU of a peer's processes, ports, programs that may lack."""

import json
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whole_path import SIMULATOR
from yardstick import slowness

from operator_push.cli.child_programs import ChildProgram, program

START_S = 60.0
RUN_S = 180.0
SYSTEM_FOLDERS = ("/usr/sbin", "/sbin", "/usr/lib/rabbitmq/bin")  # off a user's PATH, and off ours
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class MissingPeerError(Exception):
    """A peer that cannot be measured here; the text has the install line."""


def require(name: str, install: str) -> str:
    """The path of a program.

    Raises:
        MissingPeerError: it is not installed.
    """
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(SYSTEM_FOLDERS))
    if found is None:
        raise MissingPeerError(f"{name} is missing; install it: {install}")
    return found


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def until(
    true: Callable[[], bool], what: str, children: list[ChildProgram], limit_s: float = START_S
) -> None:
    """Wait for a condition while the children run.

    Raises:
        RuntimeError: it did not come about, or a child ended; with the end of a log.
    """
    deadline = time.monotonic() + limit_s
    while not true():
        for child in children:
            if child.process.poll() is not None:
                raise RuntimeError(f"waiting until {what}: {child.command[0]} ended\n{child.log_tail()}")
        if time.monotonic() > deadline:
            tails = "\n".join(child.log_tail() for child in children)
            raise RuntimeError(f"waited {limit_s:.0f} s in vain until {what}\n{tails}")
        time.sleep(0.1)


def listens(port: int) -> bool:
    """Whether somebody takes connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), 0.5).close()
    except OSError:
        return False
    return True


def cpu_s(pid: int) -> float:
    """User and system time of a process, its threads and the children that it has now, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    spent = (int(fields[11]) + int(fields[12])) / TICKS_PER_S  # proc(5): fields 14 and 15
    # A thread may start children too; the file of each lists its own.
    for thread in Path(f"/proc/{pid}/task").iterdir():
        spent += sum(cpu_s(int(child)) for child in (thread / "children").read_text().split())
    return spent


@contextmanager
def ended_at_the_end() -> Iterator[list[ChildProgram]]:
    """A list of children; the youngest is ended first, whatever happens."""
    children: list[ChildProgram] = []
    try:
        yield children
    finally:
        for child in reversed(children):
            child.stop()


def start_simulator(folder: Path, children: list[ChildProgram]) -> tuple[ChildProgram, int]:
    """The simulator with the settings of the whole path's run, and its port."""
    file, ready = folder / "smsc-sim.toml", folder / "smsc-sim.ready"
    file.write_text(SIMULATOR)
    command = [*program("smsc-sim"), "run", "--config", str(file), "--port", "0"]
    simulator = ChildProgram([*command, "--ready-file", str(ready)], folder / "smsc-sim.log")
    children.append(simulator)
    return simulator, int(simulator.wait_ready(ready)["port"])


@dataclass
class Measured:
    """CPU of a peer's programs while its load ran. `slow`: of the machine meanwhile (yardstick)."""

    cpu_s: dict[str, float]
    simulator_cpu_s: float
    slow: float
    told: dict[str, Any]


def measure(
    load: Callable[[], ChildProgram], result: Path, peer: dict[str, ChildProgram], simulator: ChildProgram
) -> Measured:
    """Run a load to its own end while the peer's programs are watched; `result` is the load's JSON."""
    before = {name: cpu_s(child.pid) for name, child in peer.items()}
    simulator_before = cpu_s(simulator.pid)
    running = load()
    try:
        deadline = time.monotonic() + RUN_S
        slow = slowness(lambda: running.process.poll() is not None or time.monotonic() > deadline)
        running.wait(1.0)
        if not result.exists():
            raise RuntimeError(f"the load ended without figures\n{running.log_tail()}")
    finally:
        running.kill()
    spent = {name: cpu_s(child.pid) - before[name] for name, child in peer.items()}
    told: dict[str, Any] = json.loads(result.read_text())
    return Measured(spent, cpu_s(simulator.pid) - simulator_before, slow, told)


def figures(name: str, front: str, store: str, run: Measured, told: dict[str, Any]) -> dict[str, Any]:
    """A row of the table; `told`: messages, failed, seconds, accepted_per_second of the load."""
    messages = max(1, told["messages"])
    cpu_us = sum(run.cpu_s.values()) * 1e6 / messages
    return {
        "system": name,
        "front": front,
        "store": store,
        **told,
        "messages_per_second": round(told["messages"] / told["seconds"], 1),
        "cpu_us_per_message": round(cpu_us / run.slow, 1),
        "cpu_us_per_message_raw": round(cpu_us, 1),
        "slowness": round(run.slow, 3),
        "programs_cpu_us_per_message": {
            each: round(spent * 1e6 / messages / run.slow, 1) for each, spent in run.cpu_s.items()
        },
        "simulator_cpu_us_per_message": round(run.simulator_cpu_s * 1e6 / messages, 1),
    }
