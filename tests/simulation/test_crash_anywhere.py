"""A seeded world of one shard, its store and an SMSC, in which the product dies at any step and starts again.

Everything but the sockets is real: use cases, SQLite, loading. The SMSC keeps its own record and repeats a
receipt until it is acknowledged. At the end that record judges: nothing acknowledged is lost, nothing arrived
twice, nothing left after its STOP was acknowledged, and the ledger is exact.
"""

import random
from collections import Counter
from pathlib import Path

import pytest
from what_is_open import mark_open, what_is_open

from operator_push.bootstrap.state import State, load_state, waiting_messages
from operator_push.config import load_settings
from operator_push.domain.ledger_proof import verify
from operator_push.domain.message import MessageState, Origin, Submission, TrafficClass, is_final
from operator_push.domain.permission import PermissionReason, Purpose
from operator_push.gateway.cut_plan import PLAN_TAG, CutPlan, Way
from operator_push.kernel.meters import Meters
from operator_push.services.accept_submissions import AcceptSubmissions, Offered
from operator_push.services.changes import Changes
from operator_push.services.dispatch_outbox import Attempt, DispatchOutbox
from operator_push.services.finish_message import FinishMessage
from operator_push.services.hear_subscribers import HearSubscribers, Inbound
from operator_push.services.manage_accounts import ManageAccounts
from operator_push.services.manage_permission import ManagePermission
from operator_push.services.match_receipts import Receipt
from operator_push.services.open_messages import WHOLE
from operator_push.services.record_receipts import RecordReceipts
from operator_push.services.resolve_unknown import ResolveUnknown
from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import SubmitSm
from operator_push.store import facts
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch
from operator_push.store.loading import highest_id
from operator_push.store.migrate import upgrade
from operator_push.store.open_marks import read_since
from operator_push.store.since import EVERYTHING

CONFIG = """
data_dir = "."
[[smsc]]
name = "main"
host = "127.0.0.1"
port = 2775
system_id = "x"
password = "x"
[[tariff]]
price_per_segment = "0.10"
currency = "INR"
"""
KEY = bytes(32)
START_US = 1_800_000_000_000_000
WHOLE_SEGMENTS = 3  # what has so many leaves whole, also after a crash
WHOLE_BODY = encode_pdu(SubmitSm(tlvs=((PLAN_TAG, CutPlan(Way.PAYLOAD).to_octets()),)))
HOUR_US = 3_600_000_000
PEOPLE = [f"9198123456{number:02d}" for number in range(20)]
ENDS = [MessageState.DELIVERED] * 6 + [MessageState.EXPIRED, MessageState.UNDELIVERABLE]


class Smsc:
    """What the SMSC took (`arrived` by what only the judge knows), and what it still has to tell."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.taken: list[tuple[str, int, str, MessageState]] = []
        self.delivered = 0  # segments on the air
        self.arrived: Counter[tuple[int, int]] = Counter()
        self.receipts: list[Receipt] = []
        self.stops_acknowledged: set[str] = set()
        self.after_stop = 0

    def submit(self, attempt: Attempt) -> str:
        recipient = attempt.message.destination
        self.after_stop += recipient in self.stops_acknowledged
        self.arrived[(attempt.message.message_id, attempt.segment.segment_no)] += 1
        assert (attempt.segment.segment_no == WHOLE) == (attempt.message.segment_count == WHOLE_SEGMENTS)
        smsc_id = str(len(self.taken) + 1)
        state = self.chance.choice(ENDS)
        if state is MessageState.DELIVERED:
            self.delivered += attempt.message.segment_count if attempt.segment.segment_no == WHOLE else 1
        self.taken.append((recipient, attempt.user_message_reference, smsc_id, state))
        self.receipts.append(Receipt(smsc_id, state, "000", recipient, attempt.user_message_reference))
        return smsc_id


class Product:
    """One incarnation: memory that a crash throws away."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.changes = Changes()
        self.accepted: list[int] = []
        self.staged: list[Attempt] = []
        self.answers: list[tuple[Attempt, str]] = []
        self.acknowledge: list[Receipt] = []
        self.stops: list[str] = []
        meters = Meters()
        self.finish = FinishMessage(0, state.messages, state.balances, state.sequence)
        link_no = state.link_nos["main"]
        self.outbox = DispatchOutbox(
            0, link_no, link_no, state.incarnation, state.policy, state.messages, self.finish
        )
        self.receipts = RecordReceipts(0, state.ids, state.messages, self.finish, meters)
        self.hear = HearSubscribers(0, state.ids, state.facts.permission, state.vault.number_of, meters)
        self.accept = AcceptSubmissions(
            0, state.ids, state.policy, state.tariff, state.balances, state.messages, 10_000
        )
        self.accept.on_admitted = self.outbox.queue
        self.resolve = ResolveUnknown(0, state.ids, state.messages, self.finish, lambda _: self.outbox)
        self.link_no = link_no
        for message in waiting_messages(state.messages):
            self.outbox.queue(message)


class World:
    def __init__(self, folder: Path, seed: int, *, clock_steps: bool = False) -> None:
        self.chance = random.Random(seed)
        self.marking = random.Random(f"{seed}:marks")
        self.clock_steps = clock_steps
        self.highest_id = 0
        self.now_us = START_US
        (folder / "operator-push.toml").write_text(CONFIG)
        self.settings = load_settings(folder / "operator-push.toml")
        upgrade(self.settings.database_url)
        self.database = Database.open(self.settings.database_url)
        self.smsc = Smsc(self.chance)
        self.acknowledged: set[int] = set()
        self.crashes = 0
        self.product = self.start()
        self.set_up()

    def start(self) -> Product:
        self.now_us += 1_000_000
        since = self.database.read(lambda connection: read_since(connection, 0))
        shortened, whole = (
            self.database.read(lambda connection, read=read: what_is_open(connection, 0, read))
            for read in (since, EVERYTHING)
        )
        assert shortened == whole
        return Product(
            self.database.run(lambda connection: load_state(connection, self.settings, KEY, self.now_us))
        )

    def set_up(self) -> None:
        product, state = self.product, self.product.state
        accounts = ManageAccounts(state.registry, state.facts, state.balances, state.ids, state.top_ups)
        asked = {"name": "shop", "traffic_class": "promotional", "prepaid_micros": 20_000_000}
        accounts.add(asked, "", self.now_us, product.changes)
        product.changes.vault_subscriber.extend(state.vault.enrol(PEOPLE, self.now_us).rows)
        consents = ManagePermission(0, state.ids, state.facts.permission, state.vault.number_of, lambda _: 1)
        rows = [
            {
                "msisdn": msisdn,
                "brand": "shop",
                "category": "*",
                "purpose": "marketing",
                "channel": "sms",
                "action": "grant",
                "at": "2026-01-01T00:00:00Z",
                "method": "web",
                "evidence": "form 1",
            }
            for msisdn in PEOPLE
        ]
        assert consents.record(rows, self.now_us, product.changes) == (len(PEOPLE), [])
        self.commit()

    # -- steps -------------------------------------------------------------------------------------------

    def submit(self) -> None:
        product = self.product
        for _ in range(self.chance.randint(1, 4)):
            msisdn = self.chance.choice(PEOPLE)
            segment_count = self.chance.choice([1, 1, 1, 2, WHOLE_SEGMENTS])
            whole = segment_count == WHOLE_SEGMENTS
            submission = Submission(
                account_no=1,
                brand_no=1,
                category=0,
                traffic_class=TrafficClass.PROMOTIONAL,
                origin=Origin.ESME,
                subscriber_no=product.state.vault.number_of(msisdn),
                destination=msisdn,
                source="SHOP",
                segment_count=segment_count,
                client_reference=-1,
            )
            (outcome,) = product.accept.accept(
                [Offered(submission, WHOLE_BODY if whole else b"body", 1, whole=whole)],
                self.now_us,
                product.changes,
            )
            # An id that died uncommitted may be given again: nobody has heard of it.
            assert outcome.message_id > self.highest_id, "ids ascend whatever the clock does"
            if outcome.reason is None:
                product.accepted.append(outcome.message_id)

    def fill(self) -> None:
        product = self.product
        product.staged += product.outbox.fill(self.chance.randint(1, 5), self.now_us, product.changes)

    def commit(self) -> None:
        product = self.product
        changes, product.changes = product.changes, Changes()
        self.database.run(lambda connection: write_batch(connection, changes, 0))
        if self.marking.random() < 0.1:  # every id that was given is on disk now
            mark_open(self.database, 0, self.database.read(lambda connection: highest_id(connection, 0)))
        self.acknowledged.update(product.accepted)
        self.highest_id = max((self.highest_id, *product.accepted))
        product.accepted = []
        for receipt in product.acknowledge:
            if receipt in self.smsc.receipts:
                self.smsc.receipts.remove(receipt)
        product.acknowledge = []
        staged, product.staged = product.staged, []
        if self.chance.random() < 0.1 and staged:
            staged = staged[: self.chance.randint(0, len(staged))]  # dies between the commit and the octets
            self.send(staged)
            self.crash()
            return
        self.send(staged)
        self.smsc.stops_acknowledged.update(product.stops)
        product.stops = []

    def send(self, attempts: list[Attempt]) -> None:
        product = self.product
        for attempt in attempts:
            if product.outbox.may_leave(attempt, self.now_us, product.changes):
                product.answers.append((attempt, self.smsc.submit(attempt)))

    def answer(self) -> None:
        product = self.product
        if product.answers:
            attempt, smsc_id = product.answers.pop(self.chance.randrange(len(product.answers)))
            if self.chance.random() < 0.1:
                product.outbox.unanswered(attempt)  # its answer got lost
                return
            product.outbox.answered(attempt, 0, smsc_id, self.now_us, product.changes)
            product.receipts.answered(product.link_no, smsc_id, self.now_us, product.changes)

    def receive(self) -> None:
        if self.smsc.receipts:
            receipt = self.chance.choice(self.smsc.receipts)
            self.product.receipts.record(self.product.link_no, receipt, self.now_us, self.product.changes)
            if self.chance.random() < 0.8:  # otherwise its acknowledgement gets lost and it comes again
                self.product.acknowledge.append(receipt)

    def stop(self) -> None:
        if self.chance.random() < 0.3:
            msisdn = self.chance.choice(PEOPLE)
            inbound = Inbound(msisdn, "56070", "STOP", b"pdu")
            self.product.hear.hear(self.product.link_no, inbound, self.now_us, self.product.changes)
            self.product.stops.append(msisdn)

    def crash(self) -> None:
        self.crashes += 1
        self.product = self.start()

    # -- the whole ---------------------------------------------------------------------------------------

    def run(self, steps: int) -> None:
        doing = [self.submit, self.fill, self.commit, self.answer, self.receive, self.stop]
        for _ in range(steps):
            self.now_us += self.chance.randint(1, 50_000)
            if self.clock_steps and self.chance.random() < 0.02:
                self.now_us += self.chance.choice([-HOUR_US, HOUR_US])
            if self.chance.random() < 0.02:
                self.crash()
            else:
                self.chance.choices(doing, weights=[4, 6, 6, 10, 8, 1])[0]()
        self.settle()

    def settle(self) -> None:
        """Let everything be told, then let the SMSC's complete record speak for what nobody answered."""
        for _ in range(2_000):
            self.now_us += 10_000
            for step in (self.fill, self.commit, self.answer, self.receive):
                step()
            product = self.product
            if not (product.answers or product.staged or self.smsc.receipts or len(product.outbox)):
                if not len(product.state.messages):
                    return
                self.reconcile()
        raise AssertionError(f"{len(self.product.state.messages)} messages never ended")

    def reconcile(self) -> None:
        product = self.product
        known = {(recipient, reference) for recipient, reference, _, _ in self.smsc.taken}
        findings = [
            {
                "message_id": message.message_id,
                "segment_no": segment.segment_no,
                "link_no": product.link_no,
                "kind": "never_arrived",
                "attempt_no": segment.attempt_no,
            }
            for message in product.state.messages
            for segment in message.segments
            if not is_final(segment.state)
            and (message.destination, segment.user_message_reference) not in known
        ]
        product.resolve.resolve(findings, self.now_us, product.changes)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_dies_when_everything_adds_up(tmp_path: Path, seed: int):
    judged(World(tmp_path, seed))


@pytest.mark.parametrize("seed", range(2))
def test_a_clock_that_steps_back_and_forth_changes_nothing_of_that(tmp_path: Path, seed: int):
    judged(World(tmp_path, seed, clock_steps=True))


def judged(world: World) -> None:
    world.run(600)
    assert world.crashes > 0
    mark = world.database.read(lambda connection: read_since(connection, 0)).mark
    assert mark.above_id > 0
    assert world.smsc.after_stop == 0
    assert max(world.smsc.arrived.values()) == 1

    def rows(connection):  # type: ignore[no-untyped-def]
        ended = connection.exec_driver_sql("SELECT message_id FROM message_final").scalars().all()
        delivered = connection.exec_driver_sql("SELECT SUM(segments_delivered) FROM message_final").scalar()
        return set(ended), delivered, list(facts.transfers(connection, 0)), facts.balances(connection, 0)

    ended, delivered, transfers, balances = world.database.read(rows)
    assert world.acknowledged <= ended
    assert delivered == world.smsc.delivered
    assert any(segment_no == WHOLE for _, segment_no in world.smsc.arrived)
    proof = verify(transfers)
    assert proof.first_error is None
    assert proof.imbalance_micros == 0
    assert not proof.open_holds
    assert sum(balances.values()) == 0
    world.database.close()


def test_consents_and_stops_survive_a_crash(tmp_path: Path):
    world = World(tmp_path, 1)
    number = world.product.state.vault.number_of(PEOPLE[0])
    assert world.product.state.facts.permission.allows(number, 1, 0, Purpose.MARKETING)
    world.product.hear.hear(1, Inbound(PEOPLE[0], "1", "STOP", b""), world.now_us, world.product.changes)
    world.commit()
    world.crash()
    answer = world.product.state.facts.permission.answer(number, 1, 0, Purpose.MARKETING)
    assert not answer.allowed
    assert answer.reason is PermissionReason.WITHDRAWN
    world.database.close()
