"""What a bind costs that does nothing: memory of one, and CPU of a thousand.

    python benchmarks/idle_binds.py [--binds 1000] [--seconds 30]

Binds that many transceivers to `operator-push serve` as it comes (default settings, one SMSC link), lets them
stand and answers the product's enquire_link, which goes to each of them once in 30 s. Prints one JSON line:

- `kib_a_bind`: what the product's resident memory grew by, divided by the binds, right after the last bind;
  `kib_a_bind_asked` the same after the enquire_links;
- `percent_of_a_core`: CPU of the product while they stand; `percent_without_binds` before the first.

A few binds come and go before anything is measured: code and buffers that are there once do not count.
Exit status 1 where a bind was refused or lost.
"""

import argparse
import json
import resource
import selectors
import socket
import struct
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from prepared_store import ACCOUNT, PASSWORD
from processes import cpu_s, rss_kib
from whole_path import Asked, WholePath, prepare

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import CommandId
from operator_push.smpp.pdu import BindTransceiver, EnquireLinkResp, UnbindResp

BINDS = 1_000
SECONDS = 30.0  # one interval of enquire_link: each bind is asked once
WARM_UP_BINDS = 20
UNANSWERED_BINDS_MAX = 50  # at once; the product takes 100 unbound connections from one address
BIND_TIMEOUT_S = 120.0
SPARE_FILES = 64
KIB_A_BIND_MAX = 40.0
PERCENT_MAX = 2.0
_HEADER = struct.Struct(">IIII")


class IdleEsmes:
    """Many transceivers on one selector; they answer enquire_link and do nothing else."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._selector = selectors.DefaultSelector()
        self._waiting = 0
        self.bound = 0
        self.refused = 0
        self.lost = 0
        self.asked = 0

    def bind(self, count: int) -> None:
        """Bind so many more, and return when each has its answer.

        Raises:
            TimeoutError: some have none after two minutes.
        """
        deadline = time.monotonic() + BIND_TIMEOUT_S
        started = 0
        while started < count or self._waiting:
            while started < count and self._waiting < UNANSWERED_BINDS_MAX:
                self._connect()
                started += 1
            self._take(0.05)
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._waiting} of {count} binds have no answer")

    def stand(self, seconds: float) -> None:
        """Do nothing but answer, for so long."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._take(left)

    def hang_up(self) -> None:
        """Close every connection."""
        for key in list(self._selector.get_map().values()):
            self._close(key.fileobj)
        self.bound = 0

    def _connect(self) -> None:
        connection = socket.create_connection(("127.0.0.1", self._port), timeout=10.0)
        request = BindTransceiver(1, system_id=ACCOUNT, password=PASSWORD, interface_version=0x34)
        connection.sendall(encode_pdu(request))
        connection.setblocking(False)
        self._selector.register(connection, selectors.EVENT_READ, bytearray())
        self._waiting += 1

    def _take(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            connection: Any = key.fileobj
            octets = connection.recv(4096)
            if not octets:
                self.lost += 1
                self._close(connection)
                continue
            key.data.extend(octets)
            while len(key.data) >= _HEADER.size:
                length, command, status, number = _HEADER.unpack_from(key.data)
                if len(key.data) < length:
                    break
                del key.data[:length]
                self._answer(connection, command, status, number)

    def _answer(self, connection: Any, command: int, status: int, number: int) -> None:
        if command == CommandId.bind_transceiver_resp:
            self._waiting -= 1
            self.bound += status == 0
            self.refused += status != 0
        elif command == CommandId.enquire_link:
            self.asked += 1
            connection.sendall(encode_pdu(EnquireLinkResp(number)))
        elif command == CommandId.unbind:
            connection.sendall(encode_pdu(UnbindResp(number)))

    def _close(self, connection: Any) -> None:
        self._selector.unregister(connection)
        connection.close()


def measure_idle_binds(folder: Path, prepared: Path, binds: int, seconds: float) -> dict[str, Any]:
    """The figures of the module, by starting the programs in `folder` on a copy of the store `prepared`."""
    _allow_files(binds + SPARE_FILES)
    programs = WholePath(folder.absolute(), prepared, Asked())
    try:
        port = programs.start_product(programs.start_simulator())
        pids = programs.product_pids
        warm_up = IdleEsmes(port)
        warm_up.bind(WARM_UP_BINDS)
        warm_up.hang_up()
        esmes = IdleEsmes(port)
        time.sleep(1.0)  # the product forgets the binds that hung up
        without = _percent(pids, lambda: esmes.stand(seconds / 2))
        before_kib = sum(map(rss_kib, pids))
        esmes.bind(binds)
        bound_kib = sum(map(rss_kib, pids))
        percent = _percent(pids, lambda: esmes.stand(seconds))
        asked_kib = sum(map(rss_kib, pids))
        esmes.hang_up()
    finally:
        programs.stop()
    return {
        "binds": binds,
        "refused": esmes.refused,
        "lost": esmes.lost,
        "enquire_links": esmes.asked,
        "kib_a_bind": round((bound_kib - before_kib) / binds, 1),
        "kib_a_bind_asked": round((asked_kib - before_kib) / binds, 1),
        "percent_of_a_core": round(percent, 2),
        "percent_without_binds": round(without, 2),
        "seconds": seconds,
    }


def _percent(pids: list[int], stand: Any) -> float:
    before, started = sum(map(cpu_s, pids)), time.monotonic()
    stand()
    return (sum(map(cpu_s, pids)) - before) * 100 / (time.monotonic() - started)


def _allow_files(count: int) -> None:
    """As many open files as the connections need; the product inherits the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count if hard < 0 else min(count, hard), hard))


def main() -> int:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binds", type=int, default=BINDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long they stand")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="operator-push-bench-") as temporary:
        prepared = prepare(Path(temporary) / "prepared", 1)
        figures = measure_idle_binds(Path(temporary) / "run", prepared, options.binds, options.seconds)
    print(json.dumps(figures))
    return 1 if figures["refused"] or figures["lost"] else 0


if __name__ == "__main__":
    sys.exit(main())
