"""A neighbour: an ordinary ESME that sends one message at a time while others misbehave beside it.

Also here: the product and its simulator for such runs, and what /proc says of the product's memory.
"""

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from operator_push.cli.demo.pair import Pair
from operator_push.cli.demo.programs import Programs
from operator_push.cli.demo.settings_files import (
    LINK_NAME,
    SMSC_PASSWORD,
    SMSC_SYSTEM_ID,
)
from operator_push.cli.demo.workspace import Workspace
from operator_push.smpp.codec import decode_pdu, encode_pdu, response_to
from operator_push.smpp.pdu import (
    BindTransceiver,
    BindTransceiverResp,
    DeliverSm,
    Pdu,
    SubmitSm,
    SubmitSmResp,
)

PAUSE_S = 0.02
TIMEOUT_S = 60.0
SCENARIO = f"""\
seed = 7
[listen]
port = 0
[[accounts]]
system_id = "{SMSC_SYSTEM_ID}"
password = "{SMSC_PASSWORD}"
[receipts]
delay_ms = [10.0, 50.0]
"""
SETTINGS = f"""\
data_dir = "."
log_level = "warning"
[smpp_server]
port = {{smpp_port}}
max_binds = 1200
[[smsc]]
name = "{LINK_NAME}"
host = "127.0.0.1"
port = {{smsc_port}}
system_id = "{SMSC_SYSTEM_ID}"
password = "{SMSC_PASSWORD}"
window = 500
[[tariff]]
price_per_segment = "0.10"
currency = "INR"
"""
PRICE_MICROS = 100_000


@contextmanager
def product_and_simulator(folder: Path, name: str) -> Iterator[Pair]:
    """Both programs, ended in order at the end."""
    workspace = Workspace(folder)
    workspace.prepare()
    with Programs(workspace.logs) as programs:
        pair = Pair(programs, workspace.crash, name)
        pair.start(SCENARIO, folder, 0, settings=SETTINGS)
        yield pair


def open_account(pair: Pair, name: str, messages: int, **more: object) -> None:
    """An account that may write to any number, with money for so many segments."""
    asked = {"password": f"pw{name}"[:8], "traffic_class": "transactional", "any_destination": True}
    pair.control.call("account.add", name=name, prepaid_micros=messages * PRICE_MICROS, **(asked | more))


class Esme:
    """One bound stream of blocking sockets."""

    def __init__(self, port: int, name: str) -> None:
        """Bind as a transceiver.

        Raises:
            OSError, EOFError: the server did not take the stream.
            PermissionError: it refused the bind.
        """
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        self.sequence = 0
        self.send(BindTransceiver(system_id=name, password=f"pw{name}"[:8]))
        answer = self.read()
        if not isinstance(answer, BindTransceiverResp) or answer.command_status:
            self.socket.close()
            raise PermissionError(f"bind refused with {answer.command_status:#x}")

    def send(self, pdu: Pdu) -> None:
        """With the next sequence_number."""
        self.sequence += 1
        pdu.sequence_number = self.sequence
        self.socket.sendall(encode_pdu(pdu))

    def read(self) -> Pdu:
        """The next PDU."""
        head = self._exactly(4)
        return decode_pdu(head + self._exactly(struct.unpack("!I", head)[0] - 4))

    def _exactly(self, count: int) -> bytes:
        octets = b""
        while len(octets) < count:
            more = self.socket.recv(count - len(octets))
            if not more:
                raise EOFError("the server closed")
            octets += more
        return octets


class Neighbour:
    """Submits one message, waits for its answer, rests; in a thread until `stop`. Latencies in seconds."""

    def __init__(self, port: int, name: str, first_number: int) -> None:
        self.latencies: list[float] = []
        self.refused: list[int] = []
        self.receipts = 0
        self.failure = ""
        self._esme = Esme(port, name)
        self._number = first_number
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def submitted(self) -> int:
        """Messages with an answer."""
        return len(self.latencies)

    def mark(self) -> int:
        """Where a phase begins, for `phase`."""
        return len(self.latencies)

    def phase(self, begin: int, end: int | None = None) -> dict[str, float]:
        """Milliseconds of the answers of a phase."""
        some = sorted(self.latencies[begin:end])
        if not some:
            return {"answers": 0, "p50_ms": 0.0, "p99_ms": 0.0, "max_ms": 0.0}
        return {
            "answers": len(some),
            "p50_ms": round(some[len(some) // 2] * 1e3, 2),
            "p99_ms": round(some[len(some) * 99 // 100] * 1e3, 2),
            "max_ms": round(some[-1] * 1e3, 2),
        }

    def stop(self, receipts_within_s: float = 20.0) -> None:
        """Submit no more; wait for the receipts that are owed."""
        self._stopping.set()
        self._thread.join(TIMEOUT_S)
        deadline = time.monotonic() + receipts_within_s
        while not self.failure and self.receipts < self.submitted and time.monotonic() < deadline:
            self._esme.socket.settimeout(max(0.1, deadline - time.monotonic()))
            try:
                self._take(self._esme.read())
            except (OSError, EOFError) as error:
                self.failure = f"waiting for receipts: {error}"
        self._esme.socket.close()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._submit()
                time.sleep(PAUSE_S)
        except (OSError, EOFError) as error:
            self.failure = str(error) or type(error).__name__

    def _submit(self) -> None:
        self._number += 1
        pdu = SubmitSm(
            source_addr="NEXT",
            source_addr_ton=5,
            destination_addr=str(self._number),
            short_message=b"neighbourly",
            registered_delivery=1,
        )
        started = time.monotonic()
        self._esme.send(pdu)
        while not isinstance(answer := self._esme.read(), SubmitSmResp):
            self._take(answer)
        self.latencies.append(time.monotonic() - started)
        if answer.command_status:
            self.refused.append(answer.command_status)

    def _take(self, pdu: Pdu) -> None:
        if isinstance(pdu, DeliverSm):
            self.receipts += 1
            self._esme.socket.sendall(encode_pdu(response_to(pdu)))


def rss_mb(pid: int) -> float:
    """Resident memory of a process, megabytes; 0.0 where there is no /proc."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def log_faults(log: Path) -> list[str]:
    """Lines of the product's log that nobody may ever see: exceptions that nobody caught, and worse."""
    words = ("Traceback", "Unhandled", "CRITICAL", "could not be written to")
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line[:200] for line in lines if any(word in line for word in words)]


def wait_for(true: Callable[[], bool], limit_s: float) -> bool:
    """True as soon as it is true, False where it did not become so in time."""
    deadline = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
