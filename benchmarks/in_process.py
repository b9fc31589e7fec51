"""The product's parts on one thread, without sockets: what each stage of a message costs in CPU.

The gateway is put together by the product's own bootstrap over a real SQLite file (synchronous=FULL); only
the streams, the reactor and the SMSC are stand-ins. What is missing here of the whole path is the kernel's
part of the sockets, Twisted's, and the hand-over to the writer thread.

    python benchmarks/in_process.py [--messages 100] [--rounds 60] [--subscribers 20000]
"""

import argparse
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from prepared_store import ACCOUNT, FIRST_MSISDN, PASSWORD, prepare_store
from twisted.internet.task import Clock
from yardstick import REFERENCE_US, work

from operator_push.bootstrap.assembly import assemble
from operator_push.bootstrap.program import pseudonym_key
from operator_push.bootstrap.state import load_state
from operator_push.config.loading import load_settings
from operator_push.gateway.clock import now_us
from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.framer import Framer
from operator_push.smpp.pdu import (
    BindTransceiver,
    BindTransceiverResp,
    DeliverSm,
    DeliverSmResp,
    SubmitSm,
    SubmitSmResp,
)
from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.smpp.tlv import TlvTag
from operator_push.smpp_twisted.protocol import SmppProtocol
from operator_push.store.database import Database

SETTINGS = """
data_dir = "."
[smpp_server]
window = 10000
[[smsc]]
name = "main"
host = "127.0.0.1"
system_id = "gateway"
password = "secret"
window = 10000
[[tariff]]
price_per_segment = "0.10"
currency = "INR"
[policy.caps]
per_handset_per_day = 1000
"""
TEXT = b"x" * 160
RECEIPT = b"id:%b sub:001 dlvrd:001 submit date:2611212210 done date:2611212210 stat:DELIVRD err:000 text:"
STAGES = {
    "submit_in": "submit_sm in: decode, permission, price, hold, attempt",
    "submit_out": "after the commit: submit_sm_resp and submit_sm out",
    "answers_in": "submit_sm_resp of the SMSC in",
    "receipts_in": "receipts in: decode, match, settle, owe",
    "receipts_out": "after the commit: deliver_sm out, deliver_sm_resp to the SMSC",
    "acknowledgements_in": "deliver_sm_resp of the ESME in",
    "rows": "rows of all that: four transactions, SQLite synchronous=FULL",
}


class StandInReactor(Clock):  # type: ignore[misc]
    """Time by hand, and threads that work at once."""

    def getThreadPool(self) -> "StandInReactor":  # noqa: N802
        """Itself."""
        return self

    def callFromThread(self, call: Callable[..., object], *args: object) -> None:  # noqa: N802
        """At once."""
        call(*args)

    def callInThreadWithCallback(self, told: Any, call: Any, *args: Any) -> None:  # noqa: N802
        """At once."""
        told(True, call(*args))


class StandInWriter:
    """Keeps the committer's transaction until it is asked to run it, so that it can be timed alone."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._jobs: list[tuple[Any, Any]] = []

    def submit(self, job: Any, done: Any) -> None:
        """One transaction."""
        self._jobs.append((job, done))

    def write(self) -> list[Any]:
        """Run what waits; the calls that tell of it are returned, for the caller to make."""
        jobs, self._jobs = self._jobs, []
        outcomes = [(done, self._database.run(job)) for job, done in jobs]
        return [partial(done, outcome) for done, outcome in outcomes]


class StandInTransport:
    """Takes what is written."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, octets: bytes) -> None:
        """From the protocol."""
        self._written.append(octets)

    def take(self) -> list[bytes]:
        """The PDUs written since."""
        octets, self._written = b"".join(self._written), []
        return Framer().feed(octets)

    def getPeer(self) -> str:  # noqa: N802
        """Nobody."""
        return ""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args: None


class Rig:
    """One gateway with one bound ESME and, where wanted, one bound SMSC."""

    def __init__(self, folder: Path, subscribers: int, with_smsc: bool = True) -> None:
        url = f"sqlite:///{folder / 'operator-push.db'}"
        prepare_store(url, folder, subscribers)
        (folder / "operator-push.toml").write_text(SETTINGS)
        settings = load_settings(folder / "operator-push.toml")
        self._database = Database.open(url)
        key = pseudonym_key(folder)
        state = self._database.run(lambda connection: load_state(connection, settings, key, now_us()))
        self._writer = StandInWriter(self._database)
        self._subscribers = subscribers
        self._sent = self._number = 0
        self.cpu_s: dict[str, float] = defaultdict(float)
        reactor = StandInReactor()
        self._gateway = assemble(reactor, settings, state, self._writer, _fail)  # type: ignore[arg-type]
        self._esme = self._bind(SessionRole.SMSC, self._gateway.server, reactor)
        self._esme.dataReceived(
            encode_pdu(BindTransceiver(1, system_id=ACCOUNT, password=PASSWORD, interface_version=0x34))
        )
        if with_smsc:
            self._smsc = self._bind(SessionRole.ESME, self._gateway.links.links["main"], reactor)
            answer = BindTransceiverResp(1, tlvs=((int(TlvTag.sc_interface_version), b"\x34"),))
            self._smsc.dataReceived(encode_pdu(answer))
            self._smsc.transport.take()  # type: ignore[attr-defined]
        self._esme.transport.take()  # type: ignore[attr-defined]

    def close(self) -> None:
        """Let the store go."""
        self._database.close()

    def accept(self, messages: int) -> None:
        """Submit, store, answer."""
        chunk = self._submissions(messages)
        with self._timed("submit_in"):
            self._esme.dataReceived(chunk)
        self._commit("submit_out")
        answers = self._esme.transport.take()  # type: ignore[attr-defined]
        assert len(answers) == messages
        assert not decode_pdu(answers[0]).command_status

    def live(self, messages: int) -> None:
        """The whole life of so many messages."""
        self.accept(messages)
        submits = [decode_pdu(octets) for octets in self._smsc.transport.take()]  # type: ignore[attr-defined]
        assert len(submits) == messages
        answers, receipts = [], []
        for submit in submits:
            assert isinstance(submit, SubmitSm)
            self._number += 1
            identifier = b"%016d" % self._number
            answers.append(encode_pdu(SubmitSmResp(submit.sequence_number, message_id=identifier.decode())))
            receipts.append(encode_pdu(_receipt(submit, self._number, identifier)))
        with self._timed("answers_in"):
            self._smsc.dataReceived(b"".join(answers))
        self._commit("answers_in")
        with self._timed("receipts_in"):
            self._smsc.dataReceived(b"".join(receipts))
        self._commit("receipts_out")
        deliveries = self._esme.transport.take()  # type: ignore[attr-defined]
        assert len(deliveries) == messages
        numbers = [decode_pdu(octets).sequence_number for octets in deliveries]
        chunk = b"".join(encode_pdu(DeliverSmResp(number)) for number in numbers)
        with self._timed("acknowledgements_in"):
            self._esme.dataReceived(chunk)
        self._commit("acknowledgements_in")
        assert not len(self._gateway.state.messages)
        self._smsc.transport.take()  # type: ignore[attr-defined]

    def _bind(self, role: SessionRole, owner: Any, reactor: Any) -> SmppProtocol:
        session = SmppSession(role, SessionSettings(window=10_000), 0.0)
        bind = SmppProtocol(session, owner, reactor, reactor.seconds)
        bind.transport = StandInTransport()  # type: ignore[assignment]
        bind.connectionMade()
        return bind

    def _submissions(self, messages: int) -> bytes:
        parts = []
        for _ in range(messages):
            self._sent += 1
            submit = SubmitSm(
                self._sent,
                source_addr_ton=3,
                source_addr="56070",
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr=str(FIRST_MSISDN + self._sent % self._subscribers),
                registered_delivery=1,
                short_message=TEXT,
            )
            parts.append(encode_pdu(submit))
        return b"".join(parts)

    def _commit(self, after: str) -> None:
        with self._timed("rows"):
            told = self._writer.write()
        with self._timed(after):
            for tell in told:
                tell()

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = time.thread_time()
        yield
        self.cpu_s[stage] += time.thread_time() - started


def measure_stages(subscribers: int = 20_000, messages: int = 100, rounds: int = 60) -> dict[str, float]:
    """Microseconds of CPU a message by stage, the medians of `rounds`, for `messages` at a time."""
    with tempfile.TemporaryDirectory(prefix="operator-push-bench-") as folder:
        rig = Rig(Path(folder), subscribers)
        found = _medians(rig, lambda: rig.live(messages), messages, rounds)
        rig.close()
    return found


def measure_accept(subscribers: int = 20_000, messages: int = 100, rounds: int = 60) -> float:
    """Microseconds of CPU to accept, store, hold and answer one message; no SMSC is bound."""
    with tempfile.TemporaryDirectory(prefix="operator-push-bench-") as folder:
        rig = Rig(Path(folder), subscribers, with_smsc=False)
        found = _medians(rig, lambda: rig.accept(messages), messages, rounds)
        rig.close()
    return sum(found.values())


def _medians(rig: Rig, once: Callable[[], None], messages: int, rounds: int) -> dict[str, float]:
    taken: dict[str, list[float]] = defaultdict(list)
    for turn in range(rounds + 5):
        rig.cpu_s.clear()
        started = time.thread_time()
        work()
        slow = (time.thread_time() - started) * 1e6 / REFERENCE_US
        once()
        if turn >= 5:  # the first ones compile statements and codecs
            for stage, cpu_s in rig.cpu_s.items():
                taken[stage].append(cpu_s * 1e6 / messages / slow)
    return {stage: median(taken[stage]) for stage in STAGES if stage in taken}


def _receipt(submit: SubmitSm, number: int, identifier: bytes) -> DeliverSm:
    reference = submit.tlv(TlvTag.user_message_reference) or b"\0\0"
    return DeliverSm(
        number,
        source_addr=submit.destination_addr,
        destination_addr=submit.source_addr,
        esm_class=4,
        short_message=RECEIPT % identifier,
        tlvs=(
            (int(TlvTag.receipted_message_id), identifier + b"\0"),
            (int(TlvTag.message_state), b"\2"),
            (int(TlvTag.user_message_reference), reference),
        ),
    )


def _fail(error: BaseException) -> None:
    raise error


def main() -> None:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--messages", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--subscribers", type=int, default=20_000)
    options = parser.parse_args()
    stages = measure_stages(options.subscribers, options.messages, options.rounds)
    accept_us = measure_accept(options.subscribers, options.messages, options.rounds)
    rounded = {stage: round(cpu_us, 2) for stage, cpu_us in stages.items()}
    print(json.dumps({"stages_us": rounded, "sum_us": round(sum(stages.values()), 1)}))
    print(json.dumps({"accept_us": round(accept_us, 1), "accept_per_second": round(1e6 / accept_us)}))


if __name__ == "__main__":
    main()
