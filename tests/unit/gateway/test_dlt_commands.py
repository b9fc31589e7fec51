"""dlt.import takes rows, and what messages say is read with the ids that their clients state."""

from control_desk import Written, call, committer_over

from operator_push.domain.dlt_register import DltRegister
from operator_push.domain.message import Origin, Submission, TrafficClass
from operator_push.gateway.content_reading import ENTITY_ID_TAG, TEMPLATE_ID_TAG, content_of
from operator_push.gateway.dlt_commands import DltCommands
from operator_push.services.accept_submissions import Offered
from operator_push.services.scrub_content import Content
from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import SubmitSm


def test_rows_are_applied_or_rejected_with_their_reason() -> None:
    written, register = Written(), DltRegister()
    handlers = DltCommands(register, committer_over(written)).handlers()
    rows = [
        {"line": 1, "kind": "entity", "code": "1101", "brand": "Chai"},
        {"line": 2, "kind": "header", "code": "CHAIIN", "entity": "1101", "kinds": "P"},
        {"line": 3, "kind": "header", "code": "CHAIIN", "entity": "1101", "kinds": "X"},
    ]
    answer = call(handlers, "dlt.import", rows=rows)
    assert (answer["applied"], [each["line"] for each in answer["rejected"]]) == (2, [3])
    assert register.entity_of("Chai") == "1101"
    (changes,) = written.committed
    assert [(table, row["code"]) for table, row in changes.upserts] == [
        ("dlt_registration", "1101"),
        ("dlt_registration", "CHAIIN"),
    ]


def offered(**fields: object) -> Offered:
    submission = Submission(1, 1, 8, TrafficClass.PROMOTIONAL, Origin.ESME, 7, "919812345678", "CHAIIN", 1)
    return Offered(submission, encode_pdu(SubmitSm(destination_addr="919812345678", **fields)), 0)  # type: ignore[arg-type]


def test_text_and_ids_of_an_offer() -> None:
    assert content_of(offered(short_message=b"Chai \x00 2")) == Content("Chai @ 2")
    ids = ((ENTITY_ID_TAG, b"1101\0"), (TEMPLATE_ID_TAG, b"7"))
    told = content_of(offered(short_message="चाय".encode("utf-16-be"), data_coding=8, tlvs=ids))
    assert told == Content("चाय", "1101", "7")
    piece = content_of(offered(short_message=b"\x05\x00\x03\x07\x02\x01Chai", esm_class=0x40))
    assert piece == Content("Chai")
