"""The pair: one product and its simulator, started, watched, killed and restarted."""

import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from operator_push.bootstrap.death_points import ARMED, VARIABLE
from operator_push.cli.child_programs import program
from operator_push.cli.control_client import ControlClient
from operator_push.cli.demo.programs import Program, Programs
from operator_push.cli.demo.settings_files import LINK_NAME, product_toml
from operator_push.cli.demo.workspace import Installation
from operator_push.kernel.errors import ResourceError

POLL_S = 0.05
LINK_UP_S = 30.0
DEATH_S = 10.0  # from the arming of a point of death to the death there, under load
_OPEN_ENDS = ("open_messages", "unsent_segments", "in_flight", "deliveries_waiting", "deliveries_in_flight")


class SimulatorStatus(msgspec.Struct):
    """What is read of the simulator's status.json, which it replaces every second.

    `settled`: every message has ended, every receipt and MO has been taken and none is to come. `t`: when the
    file was written, microseconds since 1970.
    """

    settled: bool = False
    open_messages: int = 1
    submits_accepted: int = 0
    mo_sent: int = 0
    t: int = 0


class Pair:
    """One product and one simulator over an installation's folders. `name` is part of the logs' names."""

    def __init__(self, programs: Programs, installation: Installation, name: str) -> None:
        self._programs = programs
        self._name = name
        self._ready_files = 0
        self.binds_wanted = 0  # of ESMEs, beside the link: what a start waits for
        self.installation = installation
        self.smpp_port = 0
        self.control = ControlClient(installation.product)
        self.product: Program
        self.simulator: Program

    def start(
        self, scenario: str, features_file: Path, window: int, die_at: str = "", settings: str | None = None
    ) -> None:
        """Write both configurations, start the simulator, then the product, and wait until it is bound.

        `settings` stands in place of the demo's own product configuration, with {smpp_port} and {smsc_port}
        to be filled in; `die_at` as for `start_product`.
        """
        paths = self.installation
        paths.smsc_config.write_text(scenario, encoding="utf-8")
        command = [*program("smsc-sim"), "run", "--config", str(paths.smsc_config), "--out", str(paths.smsc)]
        ready_file = paths.smsc / "ready.json"
        self.simulator = self._programs.start(
            f"{self._name}-smsc-sim", [*command, "--ready-file", str(ready_file)]
        )
        smsc_port = int(self.simulator.wait_ready(ready_file)["port"])
        # A fixed port, so that clients find the product again after it was killed.
        smpp_port = _free_port()
        text = (
            product_toml(smpp_port, smsc_port, str(features_file), window)
            if settings is None
            else settings.format(smpp_port=smpp_port, smsc_port=smsc_port)
        )
        paths.product_config.write_text(text, encoding="utf-8")
        self.start_product(die_at)

    def start_product(self, die_at: str = "") -> None:
        """Start the product with its configuration (again), and wait until its link is bound.

        And until `binds_wanted` binds of ESMEs are back. `die_at`: a point of bootstrap.death_points at which
        it ends itself once it is armed by SIGUSR2.
        """
        paths = self.installation
        self._ready_files += 1
        ready_file = paths.product / f"ready-{self._ready_files}.json"
        command = [*program("operator-push"), "serve", "--config", str(paths.product_config)]
        self.product = self._programs.start(
            f"{self._name}-operator-push",
            [*command, "--ready-file", str(ready_file)],
            {VARIABLE: f"{die_at}:{ARMED}"} if die_at else None,
        )
        self.smpp_port = int(self.product.wait_ready(ready_file)["smpp_port"])
        self.control.close()
        self.wait_until(self._is_bound, LINK_UP_S, "bound to the SMSC, and its ESMEs to it")

    def _is_bound(self) -> bool:
        stats = self.stats()
        return bool(stats["links"].get(LINK_NAME)) and int(stats["esme_binds"]) >= self.binds_wanted

    def kill_product(self, die_at: str = "") -> int:
        """SIGKILL from outside, or by its own hand at the point that it was started with.

        Returns the moment: just before the SIGKILL, or when the death at the point was seen, microseconds
        since 1970.

        Raises:
            ResourceError: it passed the point alive.
        """
        at_us = time.time_ns() // 1000
        if die_at:
            self.product.process.send_signal(signal.SIGUSR2)
            if self.product.wait(DEATH_S) != -signal.SIGKILL:
                raise ResourceError(f"the product did not die at {die_at}:\n{self.product.log_tail()}")
            at_us = time.time_ns() // 1000
        else:
            self.product.kill()
        self._programs.forget(self.product)
        self.control.close()
        return at_us

    def stop(self) -> None:
        """End both in order: the product first, so that the simulator hears its unbind."""
        self.control.close()
        for child in (self.product, self.simulator):
            child.require_running()
            child.stop()
            self._programs.forget(child)

    def stats(self) -> dict[str, Any]:
        """The product's `stats`."""
        return self.control.call("stats")

    def simulator_status(self) -> SimulatorStatus:
        """The simulator's counters, at most a second old."""
        try:
            return msgspec.json.decode(self.installation.status.read_bytes(), type=SimulatorStatus)
        except FileNotFoundError:
            return SimulatorStatus()

    def simulator_status_line(self) -> str:
        """The simulator's side in a few words."""
        status = self.simulator_status()
        return f"{status.submits_accepted:,} segments at the SMSC, {status.mo_sent:,} answers from handsets"

    def product_is_settled(self) -> bool:
        """True where the product has nothing open, waiting, in the air or owed."""
        stats = self.stats()
        return bool(stats["committed"]) and not any(stats[name] for name in _OPEN_ENDS)

    def wait_until_settled(self, limit_s: float) -> None:
        """Wait until nothing is open on either side; the simulator must say so after the product did.

        Raises:
            ResourceError: not in time, or a child ended.
        """
        settled_us = 0

        def settled() -> bool:
            nonlocal settled_us
            if not self.product_is_settled():
                settled_us = 0
                return False
            settled_us = settled_us or time.time_ns() // 1000
            status = self.simulator_status()
            return status.settled and status.t >= settled_us

        self.wait_until(settled, limit_s, "settled (open messages, receipts that are owed)")

    def close_cdr_period(self) -> Path:
        """Have the simulator close its CDR period; returns the closed file."""
        before = set(self.installation.closed_cdr_files())
        self.simulator.process.send_signal(signal.SIGUSR1)
        self.wait_until(
            lambda: bool(set(self.installation.closed_cdr_files()) - before), 10.0, "a closed CDR period"
        )
        return max(set(self.installation.closed_cdr_files()) - before)

    def wait_until(self, condition: Callable[[], bool], limit_s: float, what: str) -> None:
        """Wait for a condition while the children run.

        Raises:
            ResourceError: it did not come about in time, or a child ended.
        """
        deadline = time.monotonic() + limit_s
        while not condition():
            self._programs.require_running()
            if time.monotonic() > deadline:
                raise ResourceError(
                    f"{self._name}: not {what} within {limit_s:.0f} s; logs: {self.product.log_file.parent}"
                )
            time.sleep(POLL_S)


def _free_port() -> int:
    """A port that is free now (bound and left), above those that outgoing connections get by chance."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
