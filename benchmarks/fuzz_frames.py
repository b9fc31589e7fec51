"""A fuzz of mutated frames through bound streams, while a neighbour sends and our memory is watched.

    python benchmarks/fuzz_frames.py [--frames 1000000] [--streams 4] [--seed 7] [--keep DIR] [--out FILE]

Valid PDUs are mutated (bits, octets, lengths, TLVs, command_ids; seeded) and sent in chunks; a chunk counts
when the product has answered the enquire_link behind it. Some chunks end with a command_length that is wrong.
A stream that the product ends is bound again. Judged afterwards: the product lives, its log has no uncaught
exception, its memory does not grow with the frames, the neighbour was answered and got every receipt, and
every charge is proved: the ledger from its rows, and messages × ledger × the simulator's CDR.

Prints one JSON object, and writes it to `--out`; exit status 1 where something did not hold.
"""

import argparse
import json
import select
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from neighbour import (
    PRICE_MICROS,
    Esme,
    Neighbour,
    log_faults,
    open_account,
    product_and_simulator,
    rss_mb,
    wait_for,
)

from operator_push.cli.demo.pair import Pair
from operator_push.cli.demo.reconciling import close_and_reconcile
from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import CommandId, TlvTag
from operator_push.smpp.pdu import (
    BindTransceiver,
    CancelSm,
    DataSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    QuerySm,
    ReplaceSm,
    SmeDestination,
    SubmitMulti,
    SubmitSm,
)
from operator_push.store.database import Database
from operator_push.store.ledger_audit import verify_ledger

FUZZ, NEXT = "fuzz", "next"
PAID_MESSAGES = 2_000  # of the fuzz: enough that many are charged; then it hears of its empty account
CHUNK = 200  # frames between two looks at whether the product keeps up
STUCK_S = 60.0
LOST_S = 0.05  # how long a stream whose framing is lost is listened to
_LAST = 0x7FFF_FFFF
_QUESTION = encode_pdu(EnquireLink(sequence_number=_LAST))
_LAST_ANSWER = encode_pdu(EnquireLinkResp(sequence_number=_LAST))
BASELINE_S = 3.0
FRAME_OCTETS_MAX = 2_000
LENGTH_WRONG = 0.1  # of the chunks are followed by one: framing is lost, and the stream with it
GROWTH_MAX_MB = 48.0  # in the second half of the frames: above it something is kept for every frame
LATENCY_P99_MAX_MS = 2_000.0


def corpus() -> list[bytes]:
    """Valid frames of every operation that an ESME may send, with every kind of field and TLV."""
    address = {"source_addr": "FUZZ", "source_addr_ton": 5}
    to: dict[str, Any] = {"destination_addr": "919811100001", "dest_addr_ton": 1, "dest_addr_npi": 1}
    text = b"hello world, this is a frame"
    tlvs = (
        (int(TlvTag.user_message_reference), b"\x00\x07"),
        (int(TlvTag.sar_msg_ref_num), b"\x00\x01"),
        (int(TlvTag.sar_total_segments), b"\x02"),
        (int(TlvTag.sar_segment_seqnum), b"\x01"),
        (0x1400, b"operator"),
    )
    parts = b"\x05\x00\x03\x07\x02\x01" + text
    pdus: list[Pdu] = [
        SubmitSm(**address, **to, short_message=text, registered_delivery=1),
        SubmitSm(**address, **to, short_message=text, tlvs=tlvs),
        SubmitSm(**address, **to, short_message=parts, esm_class=0x40),
        SubmitSm(**address, **to, short_message="नमस्ते".encode("utf-16-be"), data_coding=8),
        SubmitSm(**address, **to, tlvs=((int(TlvTag.message_payload), text * 12),)),
        DataSm(**address, **to, tlvs=((int(TlvTag.message_payload), text),)),
        SubmitMulti(
            **address,
            dest_address=tuple(SmeDestination(1, 1, f"91981110000{n}") for n in range(3)),
            short_message=text,
        ),
        QuerySm(message_id="123456789", **address),
        CancelSm(message_id="123456789", **address),
        ReplaceSm(message_id="123456789", short_message=text, **address),
        EnquireLink(),
        DeliverSmResp(),
        GenericNack(),
        BindTransceiver(system_id="fuzz", password="pwfuzz"),
    ]
    return [encode_pdu(pdu) for pdu in pdus]


def frames(seed: str, count: int) -> Iterator[bytes]:
    """So many mutated frames, the same for the same seed."""
    chance = Random(seed)
    originals = corpus()
    for number in range(count):
        yield mutated(chance, bytearray(chance.choice(originals)), number)


def mutated(chance: Random, frame: bytearray, number: int) -> bytes:
    """One to four mutations; command_length is made right again."""
    frame[12:16] = (number % 0x7FFF_FFFE + 1).to_bytes(4, "big")
    for _ in range(chance.randint(1, 4)):
        kind = chance.randrange(7)
        at = chance.randrange(4, len(frame)) if kind < 5 else chance.randrange(4, 16)
        match kind:
            case 0:
                frame[at] ^= 1 << chance.randrange(8)
            case 1:
                frame[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF))
            case 2 if len(frame) < FRAME_OCTETS_MAX:
                frame[at:at] = chance.randbytes(chance.randint(1, 40))
            case 3 if len(frame) > 20:
                del frame[max(16, at) : at + chance.randint(1, 20)]
            case 4:
                frame += chance.randbytes(chance.randint(1, 8))
            case 5:
                frame[4:8] = int(chance.choice(list(CommandId))).to_bytes(4, "big")
            case _:
                frame[at] = chance.randrange(256)
    if frame[4:8] == b"\x00\x00\x00\x06":
        frame[7] = 0x15  # an unbind is answered and the stream ends: true, and of no use here
    frame[0:4] = len(frame).to_bytes(4, "big")
    return bytes(frame)


class Fuzzer:
    """One bound stream after the other, in a thread."""

    def __init__(self, port: int, seed: str, count: int) -> None:
        self.looked_at = 0
        self.binds = 0
        self.ended_streams = 0
        self.failure = ""
        self._port = port
        self._chance = Random(f"{seed}:lengths")
        self._frames = frames(seed, count)
        self._seen = b""
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            while self._stream():
                pass
        except Exception as error:  # told in the result, which then does not hold
            self.failure = f"{type(error).__name__}: {error}"

    def _stream(self) -> bool:
        """Bind and send until the stream ends (True) or the frames do (False)."""
        esme = Esme(self._port, FUZZ)
        self.binds += 1
        esme.socket.setblocking(False)
        try:
            while chunk := [frame for _, frame in zip(range(CHUNK), self._frames, strict=False)]:
                self._write(esme.socket, b"".join(chunk) + _QUESTION)
                self._wait_for_the_last(esme.socket)
                self.looked_at += len(chunk)
                if self._chance.random() < LENGTH_WRONG:
                    self._lose_framing(esme.socket)
                    return True
            return False
        except (ConnectionError, EOFError):
            self.ended_streams += 1
            return True
        finally:
            esme.socket.close()

    def _write(self, stream: socket.socket, octets: bytes) -> None:
        """Write all of it while reading whatever comes, as a peer that is not slow."""
        self._seen = b""
        while octets:
            readable, writable, _ = select.select([stream], [stream], [], STUCK_S)
            if readable:
                self._read(stream)
            if writable:
                octets = octets[stream.send(octets) :]
            if not readable and not writable:
                raise TimeoutError("the product neither reads nor writes")

    def _wait_for_the_last(self, stream: socket.socket) -> None:
        while _LAST_ANSWER not in self._seen:
            if not select.select([stream], [], [], STUCK_S)[0]:
                raise TimeoutError("the last enquire_link is not answered")
            self._read(stream)

    def _lose_framing(self, stream: socket.socket) -> None:
        """A length that is not the frame's: it is refused, or waits for octets that are other frames."""
        frame = next(self._frames, _QUESTION)
        length = self._chance.randrange(0, 1 << self._chance.randint(4, 31))
        self._write(stream, length.to_bytes(4, "big") + frame[4:] + _QUESTION)
        self.looked_at += 1
        deadline = time.monotonic() + LOST_S
        while time.monotonic() < deadline:
            if select.select([stream], [], [], LOST_S)[0]:
                self._read(stream)

    def _read(self, stream: socket.socket) -> None:
        answers = stream.recv(1 << 18)
        if not answers:
            raise EOFError
        self._seen = self._seen[-16:] + answers


def fuzz(folder: Path, count: int, streams: int, seed: int) -> dict[str, Any]:
    """Run everything; what was seen as JSON values."""
    with product_and_simulator(folder, "fuzz") as pair:
        open_account(pair, FUZZ, PAID_MESSAGES, window=1_000, max_binds=4 * streams)
        open_account(pair, NEXT, 1_000_000)
        neighbour = Neighbour(pair.smpp_port, NEXT, 919_822_000_000)
        time.sleep(BASELINE_S)
        calm = neighbour.mark()
        memory = [rss_mb(pair.product.pid)]
        started = time.monotonic()
        fuzzers = [Fuzzer(pair.smpp_port, f"{seed}:{n}", count // streams) for n in range(streams)]
        half = 0.0
        while any(fuzzer.thread.is_alive() for fuzzer in fuzzers):
            time.sleep(0.2)
            memory.append(rss_mb(pair.product.pid))
            if not half and sum(fuzzer.looked_at for fuzzer in fuzzers) >= count / 2:
                half = memory[-1]
        seconds = time.monotonic() - started
        rough = neighbour.mark()
        end = rss_mb(pair.product.pid)
        neighbour.stop()
        figures = {
            "frames": sum(fuzzer.looked_at for fuzzer in fuzzers),
            "seconds": round(seconds, 1),
            "binds": sum(fuzzer.binds for fuzzer in fuzzers),
            "ended_streams": sum(fuzzer.ended_streams for fuzzer in fuzzers),
            "fuzzer_failures": [fuzzer.failure for fuzzer in fuzzers if fuzzer.failure],
            "neighbour_alone": neighbour.phase(0, calm),
            "neighbour_beside": neighbour.phase(calm, rough),
            "neighbour_failure": neighbour.failure,
            "neighbour_refused": len(neighbour.refused),
            "neighbour_receipts_missing": neighbour.submitted - len(neighbour.refused) - neighbour.receipts,
            "rss_mb": {"before": memory[0], "half": half, "end": end, "most": max(memory)},
            "rss_growth_second_half_mb": round(end - (half or end), 1),
            **_settled(pair),
        }
        pair.stop()
    figures["log_faults"] = log_faults(folder / "logs" / "fuzz-operator-push.log")[:5]
    return figures | _charges(pair, neighbour)


def _settled(pair: Pair) -> dict[str, Any]:
    """Wait until nothing moves, and join with a closed CDR period."""
    moving = ("unsent_segments", "in_flight")
    quiet = wait_for(lambda: not any(pair.stats()[name] for name in moving), 60.0)
    wait_for(lambda: pair.simulator_status().settled, 30.0)
    time.sleep(1.0)  # the last receipts are on their way to the product
    reconciliation = close_and_reconcile(pair)
    return {
        "quiet": quiet,
        "open_messages": pair.stats()["open_messages"],
        "matched": reconciliation.matched,
        "mismatched": reconciliation.mismatched,
    }


def _charges(pair: Pair, neighbour: Neighbour) -> dict[str, Any]:
    database = Database.open(f"sqlite:///{pair.installation.database}")
    try:
        proof = database.read(lambda connection: verify_ledger(connection, 0))
        held = database.read(
            lambda connection: connection.exec_driver_sql(
                "SELECT coalesce(sum(m.held_micros), 0) FROM message m JOIN account a"
                " ON a.account_no = m.account_no WHERE a.name = ?",
                (NEXT,),
            ).scalar_one()
        )
    finally:
        database.close()
    expected = (neighbour.submitted - len(neighbour.refused)) * PRICE_MICROS
    return {
        "imbalance_micros": proof.imbalance_micros,
        "ledger_error": proof.first_error or "",
        "neighbour_charge_off_micros": int(held) - expected,
    }


def broken_promises(figures: dict[str, Any], count: int, streams: int) -> list[str]:
    """The names of the figures that are not as promised."""
    empty = ("fuzzer_failures", "neighbour_failure", "neighbour_refused", "neighbour_receipts_missing")
    empty += ("log_faults", "mismatched", "imbalance_micros", "ledger_error", "neighbour_charge_off_micros")
    broken = [name for name in empty if figures[name]]
    if figures["frames"] < count // streams * streams - CHUNK * figures["ended_streams"]:
        broken.append("frames")
    if not figures["quiet"]:
        broken.append("quiet")
    if figures["rss_growth_second_half_mb"] > GROWTH_MAX_MB:
        broken.append("rss_growth_second_half_mb")
    if figures["neighbour_beside"]["p99_ms"] > LATENCY_P99_MAX_MS:
        broken.append("neighbour_beside")
    return broken


def main() -> int:
    """Parse the options, fuzz, write, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--streams", type=int, default=4)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="a folder for the records; default: a temporary one")
    parser.add_argument("--out", type=Path, help="a file for the figures too")
    options = parser.parse_args()
    asked = (options.frames, options.streams, options.seed)
    if options.keep is not None:
        figures = fuzz(options.keep.absolute(), *asked)
    else:
        with tempfile.TemporaryDirectory(prefix="operator-push-fuzz-") as folder:
            figures = fuzz(Path(folder), *asked)
    broken = broken_promises(figures, options.frames, options.streams)
    figures["broken"] = broken
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
