"""The product and the simulator as programs, for end-to-end tests: real sockets, a folder of their own."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from operator_push.cli.child_programs import ChildProgram, program
from operator_push.cli.control_client import ControlClient

CONFIG = """
data_dir = "."
{database}
[smpp_server]
port = 0
{server}
[[smsc]]
name = "main"
host = "127.0.0.1"
port = {sim_port}
system_id = "gateway"
password = "secret"
window = 50
reconnect_min_s = 0.1
reconnect_max_s = 0.5

[[tariff]]
price_per_segment = "0.10"
currency = "INR"
{more}
"""

SIMULATOR = """
seed = 7
{more}
"""


class Programs:
    """Two children in one folder; `control` speaks to the product."""

    def __init__(self, folder: Path, *, server: str = "", more: str = "", database: str = "") -> None:
        self.folder = folder
        self._settings = {"server": server, "more": more, "database": database}
        self.simulator: ChildProgram | None = None
        self.product: ChildProgram | None = None
        self.sim_port = 0
        self.smpp_port = 0

    def start_simulator(self, scenario: str | None = None) -> None:
        ready = self.folder / "sim.ready.json"
        command = [*program("smsc-sim"), "run", "--out", str(self.folder / "smsc")]
        command += ["--ready-file", str(ready), "--port", str(self.sim_port)]
        if scenario is not None:
            file = self.folder / "smsc-sim.toml"
            file.write_text(scenario)
            command += ["--config", str(file)]
        self.simulator = ChildProgram(command, self.folder / "smsc-sim.log")
        self.sim_port = int(self.simulator.wait_ready(ready)["port"])

    def start_product(self) -> None:
        ready = self.folder / "product.ready.json"
        ready.unlink(missing_ok=True)
        file = self.folder / "operator-push.toml"
        file.write_text(CONFIG.format(sim_port=self.sim_port, **self._settings))
        command = [*program("operator-push"), "serve", "--config", str(file), "--ready-file", str(ready)]
        self.product = ChildProgram(command, self.folder / "operator-push.log")
        self.smpp_port = int(self.product.wait_ready(ready)["smpp_port"])

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        with ControlClient(self.folder) as control:
            return control.call(do, **args)

    def add_account(self, name: str = "shop", **more: Any) -> None:
        asked = {
            "password": "pw",
            "traffic_class": "transactional",
            "any_destination": True,
            "prepaid_micros": 10_000_000,
        }
        self.call("account.add", name=name, **(asked | more))

    def witness(self) -> list[dict[str, Any]]:
        """Every line that the simulator has written so far."""
        lines = (self.folder / "smsc" / "witness.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def stop(self) -> None:
        for child in (self.product, self.simulator):
            if child is not None:
                child.stop()


@contextmanager
def running(folder: Path, scenario: str | None = None, **settings: str) -> Iterator[Programs]:
    """Both programs, ended at the end."""
    programs = Programs(folder, **settings)
    try:
        programs.start_simulator(scenario)
        programs.start_product()
        yield programs
    finally:
        programs.stop()


def until(true: Callable[[], bool], what: str, timeout_s: float = 60.0) -> None:
    """Wait for something that must come; fail with its name otherwise."""
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, f"waited {timeout_s} s in vain for {what}"
        time.sleep(0.05)
