"""What we owe an ESME: within its account's window, until acknowledged, in order."""

from collections.abc import Callable

import msgspec
import pytest
from shard import LINK, Shard

from operator_push.domain.delivery_answers import DeliveryDisposition
from operator_push.domain.message import MessageState
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.delivery_lines import Delivery
from operator_push.gateway.esme_deliveries import (
    KIND_MO,
    LIFETIME_S,
    RETRY_MAX_S,
    RETRY_S,
    EsmeDeliveries,
)
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.kernel.meters import Meters
from operator_push.services.changes import Changes
from operator_push.services.finish_message import TOLD_BY_RECEIPT
from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.codec_errors import PduEncodeError
from operator_push.smpp.constants import CommandId
from operator_push.smpp.pdu import DeliverSm, DeliverSmResp, Pdu
from operator_push.store import schema

NOW_US = 1_800_000_000_000_000
ACCOUNT = 1


class Disk:
    def __init__(self) -> None:
        self.acknowledged: list[int] = []
        self.outcomes: list[int] = []

    def write(self, changes: Changes, done: Callable[[BaseException | None], None]) -> None:
        self.outcomes += [row[3] for row in changes.esme_delivery_ack]
        self.acknowledged += [row[2] for row in changes.esme_delivery_ack]
        done(None)


class Session:
    def __init__(self) -> None:
        self.open: list[tuple[Pdu, Delivery]] = []
        self.we_may_send: set[int] = {CommandId.deliver_sm}
        self.longest = 70_000

    def window_free(self) -> int:
        return 1000 - len(self.open)

    def send_request_body(self, command_id: int, body: bytes, now: float, context: Delivery) -> int:
        if len(body) > self.longest:
            raise PduEncodeError("no place for it")
        octets = (16 + len(body)).to_bytes(4, "big") + command_id.to_bytes(4, "big") + bytes(8) + body
        self.open.append((decode_pdu(octets), context))
        return len(self.open)

    def send_stored(self, command_id: int, stored: list[tuple[bytes, bytes, Delivery]], now: float) -> int:
        """All that fit, as the session does where it can; here up to the first that is too long."""
        for sent, (octets, more, context) in enumerate(stored):
            try:
                self.send_request_body(command_id, octets[16:] + more, now, context)
            except PduEncodeError:
                return sent
        return len(stored)


class Bind:
    def __init__(self) -> None:
        self.session = Session()

    def flush(self) -> None:
        return None


class Bench:
    def __init__(self) -> None:
        self.disk = Disk()
        self.later: list[tuple[float, Callable[[], None]]] = []

        def fail(error: BaseException) -> None:
            raise AssertionError(error)

        def call_later(seconds: float, call: Callable[[], None]) -> None:
            self.later.append((seconds, call))

        self.committer = Committer(self.disk, call_later, fail)
        self.deliveries = EsmeDeliveries(0, IdSequence(), self.committer, call_later, lambda: 0.0, Meters())

    def owe(self, count: int, source: str | None = None) -> None:
        """So many, each from a sender of its own, or numbered in their text where all are from `source`."""
        for number in range(count):
            body = encode_pdu(DeliverSm(source_addr=source or str(number), short_message=b"%d" % number))
            self.deliveries.owe(ACCOUNT, KIND_MO, 0, body, NOW_US, self.committer.changes)
        self.committer.kick()

    def bind(self, window: int = 10) -> Bind:
        bind = Bind()
        self.deliveries.bound(ACCOUNT, bind, window)  # type: ignore[arg-type]
        return bind

    def answer(self, bind: Bind, status: int = 0) -> Delivery:
        _, delivery = bind.session.open.pop(0)
        self.deliveries.answered([(delivery, DeliverSmResp(command_status=status))])
        self.committer.kick()
        return delivery


def senders(bind: Bind) -> list[str]:
    return [pdu.source_addr for pdu, _ in bind.session.open]  # type: ignore[attr-defined]


def test_what_waits_goes_out_in_order_up_to_the_account_s_window():
    bench = Bench()
    bench.owe(5)
    bind = bench.bind(window=3)
    assert senders(bind) == ["0", "1", "2"]
    bench.answer(bind)
    assert senders(bind) == ["1", "2", "3"]


def test_an_acknowledgement_is_a_row():
    bench = Bench()
    bench.owe(1)
    bind = bench.bind()
    delivery = bench.answer(bind)
    assert bench.disk.acknowledged == [delivery.delivery_id]
    assert bench.deliveries.waiting == 0


def test_an_error_is_tried_again_later_and_costs_no_bind():
    bench = Bench()
    bench.owe(1)
    bind = bench.bind()
    bench.answer(bind, status=0x64)
    assert bench.disk.acknowledged == []
    ((seconds, again),) = bench.later
    assert seconds == RETRY_S
    again()
    assert senders(bind) == ["0"]


@pytest.mark.parametrize("late", [False, True])
def test_what_is_refused_for_good_is_a_row_and_the_next_of_its_line_goes_out(late: bool):
    bench = Bench()
    bench.owe(3, source="CHAI")
    bind = bench.bind(window=1)
    if late:
        _, delivery = bind.session.open.pop(0)
        bench.deliveries.unanswered(delivery)
        assert senders(bind) == []  # the younger ones wait behind it
        bench.deliveries.answered_late(delivery, DeliverSmResp(command_status=0x66))
        bench.committer.kick()
    else:
        bench.answer(bind, status=0x66)
    assert bench.disk.outcomes == [1000 + 0x66]
    assert texts(bind) == ["1"]
    bench.answer(bind)
    bench.answer(bind)
    assert bench.disk.outcomes == [1000 + 0x66, 1, 1]
    assert bench.deliveries.waiting == 0
    assert [again() for _, again in bench.later if not late] == []


def test_a_status_without_a_row_is_a_retry_and_a_row_can_be_changed():
    bench = Bench()
    bench.owe(2)
    bind = bench.bind()
    bench.answer(bind, status=0x451)
    assert bench.disk.outcomes == []
    bench.deliveries._dispositions = {0x451: DeliveryDisposition.DROP}
    bench.answer(bind, status=0x451)
    assert bench.disk.outcomes == [1000 + 0x451]


def test_answers_of_one_chunk_are_taken_together():
    bench = Bench()
    bench.owe(5)
    bind = bench.bind(window=3)
    (_, first), (_, second), (_, third) = bind.session.open
    bind.session.open.clear()
    refusal = DeliverSmResp(command_status=0x64)
    bench.deliveries.answered([(first, DeliverSmResp()), (second, refusal), (third, DeliverSmResp())])
    bench.committer.kick()
    assert bench.disk.acknowledged == [first.delivery_id, third.delivery_id]
    assert senders(bind) == ["3", "4"]
    assert (bench.deliveries.in_flight, bench.deliveries.waiting) == (2, 1)


def test_a_lost_bind_leaves_everything_owed_for_the_next():
    bench = Bench()
    bench.owe(3)
    bind = bench.bind()
    bench.deliveries.closed(ACCOUNT, bind)  # type: ignore[arg-type]
    bench.deliveries.bind_lost([delivery for _, delivery in bind.session.open])
    assert bench.deliveries.waiting == 3
    assert senders(bench.bind()) == ["0", "1", "2"]


def test_a_bind_on_its_way_out_gets_nothing_and_loses_nothing():
    bench = Bench()
    bench.owe(2)
    leaving = bench.bind(window=1)
    leaving.session.we_may_send.clear()
    bench.answer(leaving)
    assert bench.deliveries.waiting == 1
    assert senders(bench.bind()) == ["1"]


def test_an_acknowledgement_after_its_time_out_is_one_all_the_same():
    bench = Bench()
    bench.owe(1)
    bind = bench.bind()
    _, delivery = bind.session.open.pop()
    bench.deliveries.unanswered(delivery)
    bench.deliveries.answered_late(delivery, DeliverSmResp())
    bench.committer.kick()
    assert bench.disk.acknowledged == [delivery.delivery_id]
    ((_, again),) = bench.later
    again()
    assert senders(bind) == []


def test_an_answer_that_does_not_come_holds_up_nothing_else():
    """Neither while it is waited for again, nor where it came too late and nothing is to be sent again."""
    bench = Bench()
    bench.owe(3)
    bind = bench.bind(window=1)
    _, late = bind.session.open.pop()
    bench.deliveries.unanswered(late)
    assert senders(bind) == ["1"]
    bench.deliveries.answered_late(late, DeliverSmResp())
    bench.answer(bind)
    assert senders(bind) == ["2"]


def test_what_is_acknowledged_while_it_waits_for_its_second_try_is_not_sent_again():
    bench = Bench()
    bench.owe(2)
    bind = bench.bind(window=1)
    _, late = bind.session.open.pop()
    bench.deliveries.unanswered(late)  # the second delivery takes the only place in the window
    ((_, again),) = bench.later
    again()
    assert senders(bind) == ["1"]
    bench.deliveries.answered_late(late, DeliverSmResp())
    bench.answer(bind)
    assert senders(bind) == []
    assert bench.deliveries.waiting == 0
    assert len(bench.disk.acknowledged) == 2


def test_what_nobody_takes_within_its_lifetime_is_given_up_and_no_sooner():
    bench = Bench()
    bench.owe(2)
    bench.deliveries.expire(NOW_US + int(LIFETIME_S * 1_000_000))
    assert bench.deliveries.waiting == 2
    bench.deliveries.expire(NOW_US + int(LIFETIME_S * 1_000_000) + 1)
    bench.committer.kick()
    assert bench.deliveries.waiting == 0
    assert len(bench.disk.acknowledged) == 2


def test_a_delivery_that_is_refused_again_and_again_waits_longer_each_time():
    bench = Bench()
    body = encode_pdu(DeliverSm(source_addr="0", short_message=b"x"))
    bench.deliveries.owe(ACCOUNT, KIND_MO, 0, body, now_us(), bench.committer.changes)
    bench.committer.kick()
    bind = bench.bind()
    waits = []
    for _ in range(9):
        bench.answer(bind, status=8)
        seconds, again = bench.later.pop()
        waits.append(seconds)
        again()
    assert waits[:4] == [RETRY_S, 2 * RETRY_S, 4 * RETRY_S, 8 * RETRY_S]
    assert waits[-1] == RETRY_MAX_S


def long_for_a_3_3_peer(bench: Bench) -> Bind:
    """A bind that takes no message_payload, and a long MO of three parts for it."""
    octets = encode_pdu(DeliverSm(source_addr="918", tlvs=((0x0424, b"x" * 400),)))
    bench.deliveries.owe(ACCOUNT, KIND_MO, 0, octets, NOW_US, bench.committer.changes)
    bench.committer.kick()
    bind = Bind()
    bind.session.longest = 300
    bench.deliveries.bound(ACCOUNT, bind, 10)  # type: ignore[arg-type]
    return bind


def test_a_3_3_peer_gets_a_long_text_in_parts_by_header_and_acknowledges_all() -> None:
    bench = Bench()
    bind = long_for_a_3_3_peer(bench)
    pdus = [pdu for pdu, _ in bind.session.open if isinstance(pdu, DeliverSm)]
    assert [(pdu.short_message[:3], pdu.short_message[4:6]) for pdu in pdus] == [
        (b"\5\0\3", bytes((3, number))) for number in (1, 2, 3)
    ]
    assert {(pdu.esm_class, pdu.tlvs, pdu.source_addr) for pdu in pdus} == {(0x40, (), "918")}
    assert b"".join(pdu.short_message[6:] for pdu in pdus) == b"x" * 400
    for _ in pdus:
        assert bench.disk.acknowledged == []
        bench.answer(bind)
    assert len(bench.disk.acknowledged) == 1
    assert (bench.deliveries.waiting, bench.deliveries.in_flight) == (0, 0)


def test_where_a_part_is_refused_or_the_bind_is_lost_all_parts_are_sent_again() -> None:
    bench = Bench()
    bind = long_for_a_3_3_peer(bench)
    for status in (0, 0x14, 0):
        bench.answer(bind, status)
    assert bench.disk.acknowledged == []
    while bench.later and not bind.session.open:
        bench.later.pop(0)[1]()
    assert len(bind.session.open) == 3
    lost = [delivery for _, delivery in bind.session.open]
    bind.session.open.clear()
    bench.deliveries.bind_lost(lost)
    bench.deliveries.pump(ACCOUNT)
    assert len(bind.session.open) == 3
    for _ in range(3):
        bench.answer(bind)
    assert len(bench.disk.acknowledged) == 1


def test_where_a_part_is_refused_for_good_so_is_the_whole() -> None:
    bench = Bench()
    body = encode_pdu(DeliverSm(tlvs=((0x0424, b"x" * 400),)))
    bench.deliveries.owe(ACCOUNT, KIND_MO, 0, body, NOW_US, bench.committer.changes)
    bench.committer.kick()
    bind = Bind()
    bind.session.longest = 300
    bench.deliveries.bound(ACCOUNT, bind, 10)  # type: ignore[arg-type]
    assert len(bind.session.open) > 1
    bench.answer(bind, status=0x66)
    while bind.session.open:
        assert bench.disk.outcomes == []
        whole = bench.answer(bind)
    assert bench.disk.outcomes == [1000 + 0x66]
    assert (whole.closed, bench.later, bench.deliveries.in_flight) == (True, [], 0)


def test_what_a_3_3_peer_cannot_take_is_given_up_and_does_not_stop_the_others() -> None:
    """A long MO needs message_payload, which SMPP 3.3 does not have."""
    bench = Bench()
    long = encode_pdu(DeliverSm(tlvs=((0x0424, b"x" * 400),)))
    bench.deliveries.owe(ACCOUNT, KIND_MO, 0, long, NOW_US, bench.committer.changes)
    bench.owe(2)
    bind = Bind()
    bind.session.longest = 60
    bench.deliveries.bound(ACCOUNT, bind, 10)  # type: ignore[arg-type]
    assert len(bind.session.open) == 2
    bench.committer.kick()
    assert len(bench.disk.acknowledged) == 1
    assert bench.deliveries.waiting == 0


def texts(bind: Bind) -> list[str]:
    return [pdu.short_message.decode() for pdu, _ in bind.session.open]  # type: ignore[attr-defined]


def test_what_is_refused_holds_up_the_younger_between_the_same_addresses():
    bench = Bench()
    bench.owe(3, "918")
    bind = bench.bind(window=1)
    bench.answer(bind, status=0x14)
    bench.owe(1, "919")
    assert senders(bind) == ["919"]
    assert bench.deliveries.owed_to(ACCOUNT) == 3
    bench.answer(bind)
    ((_, again),) = bench.later
    again()
    assert texts(bind) == ["0"]
    bench.answer(bind)
    assert texts(bind) == ["1"]
    bench.answer(bind)
    bench.answer(bind)
    assert len(bench.disk.acknowledged) == 4
    assert bench.deliveries.waiting == 0


def test_all_that_a_window_holds_is_refused_and_comes_again_in_order():
    bench = Bench()
    bench.owe(4, "918")
    bind = bench.bind(window=3)
    bind.session.open.reverse()  # the ESME answers the youngest first
    for _ in range(3):
        bench.answer(bind, status=0x14)
    assert senders(bind) == []
    ((_, again),) = bench.later
    again()
    assert texts(bind) == ["0"]
    bench.answer(bind)
    assert texts(bind) == ["1", "2", "3"]


def test_a_line_waits_again_where_its_first_is_refused_again():
    bench = Bench()
    bench.owe(2, "918")
    bind = bench.bind(window=1)
    for seconds in (RETRY_S, 2 * RETRY_S):
        bench.answer(bind, status=0x14)
        ((waits, again),) = bench.later
        bench.later.clear()
        assert waits == seconds
        again()
        assert texts(bind) == ["0"]


def test_a_late_answer_frees_the_line():
    bench = Bench()
    bench.owe(2, "918")
    bind = bench.bind(window=1)
    _, late = bind.session.open.pop()
    bench.deliveries.unanswered(late)
    assert texts(bind) == []
    bench.deliveries.answered_late(late, DeliverSmResp())
    assert texts(bind) == ["1"]


def test_what_is_given_up_in_a_line_frees_the_others():
    bench = Bench()
    bench.owe(1, "918")
    bind = bench.bind(window=1)
    delivery = bind.session.open[0][1]
    delivery.delivery_id += 1 << 50  # as young as the clock of this machine says: no end of its own
    bench.answer(bind, status=0x14)
    bench.owe(1, "918")
    bench.deliveries.expire(NOW_US)
    assert texts(bind) == []
    delivery.delivery_id -= 1 << 50
    bench.deliveries.expire(NOW_US + int(LIFETIME_S * 1_000_000) + 1)
    bench.committer.kick()
    assert bench.deliveries.waiting == 0
    assert len(bench.disk.acknowledged) == 2


def test_binds_that_are_lost_one_after_the_other_leave_the_oldest_first():
    bench = Bench()
    bench.owe(4)
    first, second = bench.bind(window=2), bench.bind(window=2)
    mixed = [first.session.open[0], second.session.open[0], first.session.open[1], second.session.open[1]]
    ids = sorted(delivery.delivery_id for _, delivery in mixed)
    for bind in (first, second):
        bench.deliveries.closed(ACCOUNT, bind)  # type: ignore[arg-type]
    bench.deliveries.bind_lost([mixed[0][1], mixed[1][1]])
    bench.deliveries.bind_lost([mixed[2][1], mixed[3][1]])
    assert [delivery.delivery_id for _, delivery in bench.bind().session.open] == ids


def receipts_of(at_us: int) -> tuple[Changes, EsmeDeliveries]:
    """A delivered message of which its ESME wanted a receipt, and what its end at a moment has staged."""
    shard, bench = Shard(), Bench()
    changes = bench.committer.changes
    shard.finish.on_final.append(bench.deliveries.message_final)
    offer = msgspec.structs.replace(shard.offer(), registered_delivery=1, body=b"")
    (accepted,) = shard.accept(offer)
    assert accepted.message is not None
    (segment,) = accepted.message.segments
    state = MessageState.DELIVERED
    shard.finish.segment_ended(LINK, accepted.message, segment, state, TOLD_BY_RECEIPT, "", at_us, changes)
    return changes, bench.deliveries


def test_a_receipt_of_the_message_s_day_is_in_the_row_of_its_end():
    changes, deliveries = receipts_of(NOW_US)
    (end,) = changes.message_final
    names = [column.name for column in schema.message_final.columns]
    row = dict(zip(names, end, strict=True))
    assert changes.esme_delivery == []
    assert changes.segment_outcome == []
    assert id_day(row["receipt_id"]) == row["day"]
    assert (row["told_by"], row["state"]) == (TOLD_BY_RECEIPT, MessageState.DELIVERED)
    assert str(row["message_id"]).encode() in row["receipt"]
    assert deliveries.owed_to(ACCOUNT) == 0  # it is not on disk yet


def test_a_receipt_of_a_later_day_has_a_row_under_that_day():
    """An archive holds a day; the acknowledgement will be of the delivery's."""
    changes, _ = receipts_of(NOW_US + 86_400_000_000)
    (end,), (owed,) = changes.message_final, changes.esme_delivery
    assert end[-2:] == (0, None)
    assert owed[1] == end[1] + 1
    assert owed[5] == end[2]
