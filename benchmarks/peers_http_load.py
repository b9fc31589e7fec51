"""A closed loop of HTTP requests at Kannel's sendsms door, and the door that its receipts come back to.

    python benchmarks/peers_http_load.py --port SENDSMS --messages 10000 --window 100 --out load.json

The texts are those of the whole path's load: nine in ten of 160 characters, one in ten of 306 in two parts,
each part a message with a user data header of its own, so that the SMSC gets the same submit_sm. `--window`
connections have one request each; a message counts when its dlr-url was asked.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import uvloop
from prepared_store import FIRST_MSISDN

SENDER = "56070"
DLR_MASK = 1 | 2  # delivered, failed
ONE_SEGMENT, PART = "x" * 160, "x" * 153
TEN = 10  # of so many texts one has two parts
QUIET_S = 30.0  # without a receipt for so long, no more are coming
ACCEPTED = 202


def messages(count: int, subscribers: int) -> Iterator[tuple[int, str, str]]:
    """(msisdn, udh as it stands in a query, text) of each message."""
    made = text = 0
    while made < count:
        number = FIRST_MSISDN + text % subscribers
        if text % TEN == TEN - 1:
            for part in (1, 2):
                yield number, f"&udh=%05%00%03%{text % 256:02x}%02%{part:02x}", PART
                made += 1
        else:
            yield number, "", ONE_SEGMENT
            made += 1
        text += 1


class Run:
    """The counts of one run."""

    def __init__(self, port: int, sink_port: int, count: int, subscribers: int) -> None:
        self.waiting = enumerate(messages(count, subscribers))
        self.port, self._sink_port = port, sink_port
        self.accepted = self.refused = 0
        self.receipts: dict[int, str] = {}
        self.last_answer = self.last_receipt = 0.0

    def next_request(self) -> bytes | None:
        """The next message as a request, None where all are asked."""
        following = next(self.waiting, None)
        if following is None:
            return None
        number, (msisdn, udh, text) = following
        dlr = f"http%3A%2F%2F127.0.0.1%3A{self._sink_port}%2Fd%3Fn%3D{number}%26w%3D%25d"
        query = f"username=load&password=load&from={SENDER}&to=%2B{msisdn}{udh}&text={text}"
        return (
            f"GET /cgi-bin/sendsms?{query}&coding=0&dlr-mask={DLR_MASK}&dlr-url={dlr} HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{self.port}\r\nConnection: keep-alive\r\n\r\n"
        ).encode()

    def answered(self, status: int) -> None:
        """One request has its status."""
        self.last_answer = time.monotonic()
        if status == ACCEPTED:
            self.accepted += 1
        else:
            self.refused += 1


class Sender(asyncio.Protocol):
    """A connection with one request at a time; opened anew where Kannel closes it."""

    def __init__(self, run: Run, done: asyncio.Future[None]) -> None:
        self._run, self._done = run, done
        self._buffer = b""
        self._request: bytes | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._buffer = cast(asyncio.Transport, transport), b""
        if self._request is None:
            self._send()
        else:
            transport.write(self._request)

    def _send(self) -> None:
        self._request = self._run.next_request()
        if self._request is None:
            if not self._done.done():
                self._done.set_result(None)
            self._transport.close()
        else:
            self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, blank, body = self._buffer.partition(b"\r\n\r\n")
        if not blank:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        if len(body) >= length:
            self._buffer = b""
            self._run.answered(int(head[9:12]))
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._request is not None:
            again = asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._run.port)
            self._opening = asyncio.ensure_future(again)


class Sink(asyncio.Protocol):
    """Where dlr-url leads: every request is answered with 200."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._buffer = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        *requests, self._buffer = (self._buffer + data).split(b"\r\n\r\n")
        for request in requests:
            query = request.split(b" ", 2)[1].partition(b"?")[2].decode()
            told = dict(pair.split("=") for pair in query.split("&"))
            self._run.receipts[int(told["n"])] = told["w"]
            self._run.last_receipt = time.monotonic()
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


async def measure(port: int, count: int, window: int, subscribers: int) -> dict[str, object]:
    """Send everything, wait for the receipts, tell the figures."""
    loop = asyncio.get_running_loop()
    run = Run(port, 0, count, subscribers)
    server = await loop.create_server(lambda: Sink(run), "127.0.0.1", 0)
    run._sink_port = server.sockets[0].getsockname()[1]
    started, cpu_before = time.monotonic(), time.process_time()
    done = [loop.create_future() for _ in range(window)]
    for each in done:
        await loop.create_connection(lambda each=each: Sender(run, each), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.wait(done)
    quiet_from = time.monotonic()
    while len(run.receipts) < run.accepted and time.monotonic() < max(quiet_from, run.last_receipt) + QUIET_S:
        await asyncio.sleep(0.01)
    delivered = sum(what == "1" for what in run.receipts.values())
    return {
        "messages": delivered,
        "failed": count - delivered,
        "seconds": round(max(run.last_receipt, run.last_answer) - started, 3),
        "accepted_per_second": round(run.accepted / (run.last_answer - started), 1),
        "load_cpu_us_per_message": round((time.process_time() - cpu_before) * 1e6 / count, 1),
    }


def main() -> int:
    """Parse the options, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--port", type=int, required=True, help="of sendsms")
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--window", type=int, default=100)
    parser.add_argument("--subscribers", type=int, default=100_000)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    told = uvloop.run(measure(options.port, options.messages, options.window, options.subscribers))
    options.out.write_text(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
