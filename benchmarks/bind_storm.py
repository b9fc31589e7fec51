"""A storm of binds: a thousand ESMEs at once, beside a neighbour that sends.

    python benchmarks/bind_storm.py [--binds 1000] [--keep DIR] [--out FILE]

Every client connects at the same moment, as after an outage; one that is turned away (the product holds no
more than so many streams that have not bound) tries again a little later, as clients do. Judged: all are
bound in the end, then each gets its enquire_link answered; the neighbour is never refused; the log is clean.

Prints one JSON object, and writes it to `--out`; exit status 1 where something did not hold.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

from neighbour import Neighbour, log_faults, open_account, product_and_simulator, rss_mb

from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.pdu import BindTransceiver, EnquireLink, Pdu

STORM, NEXT = "storm", "next"
BASELINE_S = 3.0
AGAIN_S = (0.1, 1.0)
ALL_WITHIN_S = 120.0

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Storm:
    """All clients; `tries` counts binds that were asked for."""

    def __init__(self, port: int, count: int) -> None:
        self._port = port
        self._chance = Random("storm")
        self.count = count
        self.tries = 0
        self.bound: list[Stream] = []

    async def break_loose(self) -> float:
        """Bind them all; returns the seconds until the last was bound."""
        started = time.monotonic()
        async with asyncio.timeout(ALL_WITHIN_S):
            await asyncio.gather(*(self._client() for _ in range(self.count)))
        return time.monotonic() - started

    async def ask_all(self) -> int:
        """How many binds answer an enquire_link."""
        answers = await asyncio.gather(
            *(_ask(stream, EnquireLink(sequence_number=2)) for stream in self.bound)
        )
        return sum(answer is not None and not answer.command_status for answer in answers)

    def close(self) -> None:
        """Hang up."""
        for _, writer in self.bound:
            writer.close()

    async def _client(self) -> None:
        while not await self._try():
            await asyncio.sleep(self._chance.uniform(*AGAIN_S))

    async def _try(self) -> bool:
        self.tries += 1
        try:
            stream = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        bind = BindTransceiver(system_id=STORM, password=f"pw{STORM}"[:8], sequence_number=1)
        answer = await _ask(stream, bind)
        if answer is None or answer.command_status:
            stream[1].close()
            return False
        self.bound.append(stream)
        return True


async def _ask(stream: Stream, pdu: Pdu) -> Pdu | None:
    """The answer, or None where the server closed."""
    reader, writer = stream
    try:
        writer.write(encode_pdu(pdu))
        head = await reader.readexactly(4)
        return decode_pdu(head + await reader.readexactly(max(0, int.from_bytes(head, "big") - 4)))
    except (OSError, asyncio.IncompleteReadError):
        return None


async def _storm(port: int, count: int) -> dict[str, Any]:
    storm = Storm(port, count)
    seconds = await storm.break_loose()
    figures = {
        "bound": len(storm.bound),
        "tries": storm.tries,
        "seconds_until_all_bound": round(seconds, 2),
        "enquire_links_answered": await storm.ask_all(),
    }
    storm.close()
    return figures


def measure(folder: Path, count: int) -> dict[str, Any]:
    """Run it; what was seen as JSON values."""
    with product_and_simulator(folder, "storm") as pair:
        open_account(pair, STORM, 1, max_binds=count)
        open_account(pair, NEXT, 100_000)
        neighbour = Neighbour(pair.smpp_port, NEXT, 919_833_000_000)
        time.sleep(BASELINE_S)
        calm, before = neighbour.mark(), rss_mb(pair.product.pid)
        figures = asyncio.run(_storm(pair.smpp_port, count))
        rough = neighbour.mark()
        neighbour.stop()
        figures |= {
            "neighbour_alone": neighbour.phase(0, calm),
            "neighbour_beside": neighbour.phase(calm, rough),
            "neighbour_failure": neighbour.failure,
            "neighbour_refused": len(neighbour.refused),
            "rss_mb": {"before": before, "after": rss_mb(pair.product.pid)},
        }
        pair.stop()
    return figures | {"log_faults": log_faults(folder / "logs" / "storm-operator-push.log")[:5]}


def broken_promises(figures: dict[str, Any], count: int) -> list[str]:
    """The names of the figures that are not as promised."""
    broken = [name for name in ("bound", "enquire_links_answered") if figures[name] != count]
    return broken + [
        name for name in ("neighbour_failure", "neighbour_refused", "log_faults") if figures[name]
    ]


def main() -> int:
    """Parse the options, let it break loose, write, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binds", type=int, default=1_000)
    parser.add_argument("--keep", type=Path, help="a folder for the records; default: a temporary one")
    parser.add_argument("--out", type=Path, help="a file for the figures too")
    options = parser.parse_args()
    if options.keep is not None:
        figures = measure(options.keep.absolute(), options.binds)
    else:
        with tempfile.TemporaryDirectory(prefix="operator-push-storm-") as folder:
            figures = measure(Path(folder), options.binds)
    figures["broken"] = broken_promises(figures, options.binds)
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures))
    return 1 if figures["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
