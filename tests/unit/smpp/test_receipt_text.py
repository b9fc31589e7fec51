"""Receipt texts as SMSCs write them."""

from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from operator_push.smpp.constants import MessageState
from operator_push.smpp.receipt_text import (
    STAT_TEXTS,
    ReceiptFields,
    format_receipt,
    message_state_of,
    parse_receipt,
    receipt_date,
    receipt_facts,
)

pytestmark = pytest.mark.usefixtures("both_codecs")

SUBMITTED = datetime(2026, 11, 21, 21, 12)
DONE = datetime(2026, 11, 22, 0, 5)


def test_the_usual_form():
    dates = b"submit date:2611212112 done date:2611220005"
    text = b"id:7a sub:001 dlvrd:000 " + dates + b" stat:UNDELIV err:00B text:Hi all"
    assert parse_receipt(text) == ReceiptFields(
        "7a", "UNDELIV", 1, 0, "2611212112", "2611220005", "00B", b"Hi all"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"stat:DELIVRD id:1", {"id": "1", "stat": "DELIVRD", "sub": None, "err": "", "text": b""}),
        (b"ID:1 Stat:delivrd Text:x", {"id": "1", "stat": "DELIVRD", "text": b"x"}),
        (b"id:1 submit date:20261121211200 stat:EXPIRED", {"submit_date": "20261121211200"}),
        (
            b"id:1 sub:000 dlvrd:000 submit date:1 done date:1 stat:FAILED err:5 text:",
            {"sub": 0, "stat": "FAILED"},
        ),
        (b"id:1 stat:DELIVRD err:000 text:id:2 stat:REJECTD", {"id": "1", "stat": "DELIVRD"}),
        (b"text:hello id:5 stat:DELIVRD", {"id": "5", "stat": "DELIVRD"}),
        (b"id:1 stat:DELIVRD err:000 text:\x84\xff\0", {"text": b"\x84\xff\0"}),
        (b"id:1 sub:99999999999 dlvrd:x stat:DELIVRD", {"sub": None, "dlvrd": None}),
        (b"id: 1 stat: DELIVRD", {"id": "1", "stat": "DELIVRD"}),
        (b"ID=79;STATUS=DELIVERED;ERROR=003", {"id": "79", "stat": "DELIVERED", "err": "003"}),
        (b"status=UNDELIV, id=7a, done_date=2611220005", {"id": "7a", "done_date": "2611220005"}),
        (b"id:1 stat:DELIVRD text:STATUS=EXPIRED;id=9", {"id": "1", "stat": "DELIVRD"}),
        (b"id:1 su:002 dlvrd:001 stat:DELIVRD", {"sub": None, "dlvrd": 1}),
    ],
)
def test_variants(text, expected):
    fields = parse_receipt(text)
    assert {name: getattr(fields, name) for name in expected} == expected


@pytest.mark.parametrize(
    "text", [b"", b"hello", b"id:1", b"stat:DELIVRD", b"id: stat:", b"mid:1 xstat:DELIVRD"]
)
def test_no_receipt(text):
    assert parse_receipt(text) is None


@pytest.mark.parametrize("state", list(STAT_TEXTS))
def test_what_we_write_we_read(state):
    text = format_receipt("42", state, SUBMITTED, DONE, error_code="007", submitted=3, text=b"x" * 99)
    fields = parse_receipt(text)
    assert fields == ReceiptFields(
        "42",
        STAT_TEXTS[state],
        3,
        3 if state is MessageState.DELIVERED else 0,
        "2611212112",
        "2611220005",
        "007",
        b"x" * 20,
    )
    assert message_state_of(fields.stat) is state
    assert receipt_date(fields.done_date) == DONE


def test_delivered_can_be_told():
    text = format_receipt("1", MessageState.UNDELIVERABLE, SUBMITTED, DONE, submitted=3, delivered=2)
    assert b"sub:003 dlvrd:002" in text


@pytest.mark.parametrize(
    ("digits", "moment"),
    [
        ("2611212112", datetime(2026, 11, 21, 21, 12)),
        ("261121211259", datetime(2026, 11, 21, 21, 12, 59)),
        ("202611212112", datetime(2026, 11, 21, 21, 12)),
        ("20261121211259", datetime(2026, 11, 21, 21, 12, 59)),
        ("2613212112", None),
        ("26112121", None),
        ("", None),
        ("٢٦١١٢١٢١١٢", None),
        ("26-1121211", None),
    ],
)
def test_receipt_date(digits, moment):
    assert receipt_date(digits) == moment


@pytest.mark.parametrize(
    ("stat", "state"),
    [
        ("delivrd", MessageState.DELIVERED),
        ("FAILED", MessageState.UNDELIVERABLE),
        ("BUFFERED", MessageState.ENROUTE),
        ("WHATEVER", None),
    ],
)
def test_stat_words(stat, state):
    assert message_state_of(stat) is state


_LABELS = st.sampled_from(
    ["id:", " sub:", " dlvrd:", " submit date:", " done date:", " stat:", " err:", " Text:", " "]
)


@given(
    st.lists(_LABELS | st.text("01aD\0: t\xe9", max_size=4)).map(
        lambda parts: "".join(parts).encode("latin-1")
    )
)
@example(b"id:1 sub:001 dlvrd:001 submit date:1 done date:1 stat:delivrd err:000 text:stat:FAILED")
@example(b"id:1 sub:001 dlvrd:001 submit date:1 done date:1 stat:DELIVRD err:000")
@example(b"id:1 sub:001 dlvrd:001 submit date:1 done date:1 stat:DELIVRD err:000 more text:x")
def test_the_facts_are_those_of_the_fields(text):
    fields = parse_receipt(text)
    wanted = None if fields is None else (fields.id, fields.stat, fields.err)
    assert receipt_facts(text) == wanted
