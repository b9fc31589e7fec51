"""Receipts: one each, in any order."""

from smsc_sim.load import receipt_ledger
from smsc_sim.load.receipt_ledger import ReceiptLedger
from smsc_sim.load.tally import Tally

LEDGER = """
expect   a  10
receipt  a  12   matched
receipt  a  13   doubled
receipt  b  14   early
receipt  b  15   doubled
expect   b  13   matched
receipt  b  16   doubled
receipt  c  17   early
expect   d  18
"""


def test_a_receipt_settles_once_in_any_order():
    tally = Tally(1)
    ledger = ReceiptLedger(tally)
    for line in LEDGER.split("\n")[1:-1]:
        what, name, at, *outcome = line.split()
        before = (tally.receipts, tally.receipts_doubled)
        if what == "expect":
            ledger.expect(name.encode(), float(at))
        else:
            ledger.receipt(name.encode(), float(at))
        change = (tally.receipts - before[0], tally.receipts_doubled - before[1])
        assert change == {"matched": (1, 0), "doubled": (0, 1)}.get("".join(outcome), (0, 0)), line
    assert ledger.open_count == 1
    assert tally.receipt.max_us == 2_000_000
    ledger.finish(25.0)
    assert tally.receipts_orphaned == 1
    assert (tally.receipts, tally.receipt.total, tally.receipt.max_us) == (2, 3, 7_000_000)


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(receipt_ledger, "SETTLED_KEPT", 2)
    monkeypatch.setattr(receipt_ledger, "_EARLY_MAX", 2)
    tally = Tally(1)
    ledger = ReceiptLedger(tally)
    for name in (b"a", b"b", b"c", b"d"):
        ledger.expect(name, 1.0)
        ledger.receipt(name, 2.0)
    ledger.receipt(b"d", 3.0)
    assert tally.receipts_doubled == 1
    for name in (b"w", b"x", b"y", b"z"):
        ledger.receipt(name, 4.0)
    assert tally.receipts_orphaned == 2
    ledger.finish(5.0)
    assert tally.receipts_orphaned == 4
