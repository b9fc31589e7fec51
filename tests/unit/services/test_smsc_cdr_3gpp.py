"""SC-SMO and SC-SMT as rows of the join; a submission without an end is a row, not an absence."""

import pytest
from cdr_samples import NOON_US, smsc_message

from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.smsc_writing import sc_smo, sc_smt
from operator_push.domain.message import MessageState
from operator_push.services.smsc_cdr import SmscRecord
from operator_push.services.smsc_cdr_3gpp import SmscRecordReader

NODE = "19990000001"


def test_an_end_becomes_a_record() -> None:
    message = smsc_message(concat=(9, 3, 2), error_code=27, state="EXPIRED")
    (found,) = SmscRecordReader().read(sc_smo(message, NODE, 1) + sc_smt(message, NODE, 2), "a.cdr")
    assert found == SmscRecord(
        "0a1b2c3d",
        "push",
        "MYSHOP",
        "919800000001",
        4711,
        NOON_US,
        NOON_US + 5_000_000,
        MessageState.EXPIRED,
        "27",
        part=2,
        segments=3,
    )


def test_a_submission_without_an_end_is_unknown_whatever_the_order_of_files() -> None:
    reader = SmscRecordReader(lambda text: text.upper())
    ended, open_one = smsc_message(smsc_message_id="a"), smsc_message(smsc_message_id="b")
    assert len(list(reader.read(sc_smt(ended, NODE, 1), "2.cdr"))) == 1
    assert not list(reader.read(sc_smo(ended, NODE, 1) + sc_smo(open_one, NODE, 2), "1.cdr"))
    (left,) = reader.without_end()
    assert (left.smsc_message_id, left.state) == ("B", MessageState.UNKNOWN)


def test_a_broken_record_is_told_with_file_and_octet() -> None:
    octets = sc_smt(smsc_message(), NODE, 1)
    with pytest.raises(CdrError, match=f"a.cdr: octet {len(octets)}: "):
        list(SmscRecordReader().read(octets + octets[:-1], "a.cdr"))
