"""The armed fault: its statuses, its commands, and which clock its delays run by."""

import pytest

from smsc_sim.faults.armed import ArmedFault, command_ids, one_of, status_number
from smsc_sim.faults.pdu_tables import Latency, ReceiptBeforeResponse, ResponseOutOfOrder, Stall
from smsc_sim.faults.tables import ReceiptDoubled, ReceiptLate, ReceiptLost, ReceiptText, Refuse


def test_statuses_by_name_number_and_chance():
    assert (status_number("ESME_RTHROTTLED"), status_number(0x42E)) == (0x58, 0x42E)
    statuses = ("ESME_RSYSERR", 0x42E)
    assert [one_of(statuses, unit) for unit in (0.0, 0.49, 0.5, 0.99)] == [8, 8, 0x42E, 0x42E]
    assert one_of("ESME_RSYSERR", 0.7) == 8


def test_commands_are_numbers_and_receipts_have_none():
    assert command_ids(Refuse()) == {0x04, 0x103, 0x21}
    assert command_ids(ReceiptLost()) == frozenset()


@pytest.mark.parametrize(
    ("table", "seconds"),
    [
        (Latency(delay_ms=1000), 1.0),
        (Stall(for_ms=1000), 1.0),
        (ResponseOutOfOrder(max_ms=1000), 1.0),
        (ReceiptBeforeResponse(max_ms=1000), 1.0),
        (ReceiptLate(by_ms=1000), 0.1),
        (ReceiptDoubled(after_ms=1000), 0.1),
        (ReceiptText(final_after_ms=1000), 0.1),
    ],
)
def test_responses_are_late_in_real_time_and_receipts_by_the_run_s_clock(table, seconds):
    fault = ArmedFault(table, "f", 7, 0.0, 10.0)
    assert fault.draw_s(0.5) == pytest.approx(seconds)
