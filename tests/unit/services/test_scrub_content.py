"""Scrubbing: senders and texts against the register, in the trail of the one door, parts included."""

import msgspec
import pytest
from shard import Shard

from operator_push.domain.concatenated_parts import Part, follows
from operator_push.domain.dlt_register import DltRegister, take_row
from operator_push.domain.message import RefusalReason
from operator_push.domain.policy import read_trail
from operator_push.kernel.errors import OperatorError
from operator_push.services.accept_submissions import Offered
from operator_push.services.scrub_content import Content, ScrubContent

ENTITY = "1101"


def registered() -> DltRegister:
    register = DltRegister()
    take_row(register, "entity", ENTITY, brand="Chai")
    take_row(register, "header", "CHAIIN", ENTITY, kinds="P")
    take_row(register, "template", "1", ENTITY, kinds="P", text="Dear {#var#}, chai today")
    return register


def shard_over(register: DltRegister, **said: str) -> Shard:
    """A shard whose offers carry their text as body, and state these ids."""
    shard = Shard()

    def content_of(offer: Offered) -> Content:
        return Content(offer.body.decode(), **said)

    scrub = ScrubContent(register, content_of, lambda msisdn: msisdn.startswith("91"), lambda brand: "Chai")
    shard.accept_use_case.scrub = scrub.scrub
    return shard


def offer(shard: Shard, text: str, source: str = "CHAIIN", destination: str = "") -> Offered:
    one = shard.offer()
    submission = msgspec.structs.replace(
        one.submission, source=source, destination=destination or one.submission.destination
    )
    return msgspec.structs.replace(one, submission=submission, body=text.encode())


@pytest.mark.parametrize(
    ("text", "source", "said", "reason"),
    [
        ("Dear Asha, chai today", "CHAIIN", {}, None),
        ("Dear Asha, chai today", "VM-CHAIIN-P", {"entity_id": ENTITY, "template_id": "1"}, None),
        ("Dear Asha, chai today", "OTHERS", {}, RefusalReason.BAD_HEADER),
        ("Dear Asha, chai today", "CHAIIN", {"entity_id": "1102"}, RefusalReason.BAD_HEADER),
        ("Dear Asha, tea today", "CHAIIN", {}, RefusalReason.BAD_TEMPLATE),
        ("Dear Asha, chai today", "CHAIIN", {"template_id": "2"}, RefusalReason.BAD_TEMPLATE),
    ],
)
def test_sender_and_text_must_be_registered(
    text: str, source: str, said: dict[str, str], reason: RefusalReason | None
) -> None:
    shard = shard_over(registered(), **said)
    (accepted,) = shard.accept(offer(shard, text, source))
    assert accepted.reason is reason
    outcome = "passed" if reason is None else f"refused {reason.name}"
    assert read_trail(accepted.trail)[-1] == ("registered content", outcome)


def test_other_countries_are_not_asked_and_nothing_registered_is_no() -> None:
    shard = shard_over(registered())
    (accepted,) = shard.accept(offer(shard, "anything", "CHAI", "12125550100"))
    assert read_trail(accepted.trail)[-1] == ("registered content", "not asked")
    shard = shard_over(DltRegister())
    (refused,) = shard.accept(offer(shard, "Dear Asha, chai today"))
    assert refused.reason is RefusalReason.BAD_HEADER


def test_parts_that_follow_are_pieces_of_a_registered_text_too() -> None:
    shard = shard_over(registered())

    def part(text: str, number: int, reference: int) -> Offered:
        return msgspec.structs.replace(offer(shard, text), part=Part(reference, 2, number))

    good = shard.accept(part("Dear Asha, ch", 1, 7), part("ai today", 2, 7))
    assert [each.reason for each in good] == [None, None]
    assert follows(good[1].trail)
    bad = shard.accept(part("Dear Asha, ch", 1, 8), part("eap cars", 2, 8))
    assert [each.reason for each in bad] == [None, RefusalReason.BAD_TEMPLATE]
    assert follows(bad[1].trail)


@pytest.mark.parametrize(
    "row",
    [
        {"kind": "sender", "code": "A"},
        {"kind": "entity", "code": ""},
        {"kind": "entity", "code": "1"},
        {"kind": "header", "code": "CHAIIN", "kinds": "P"},
        {"kind": "header", "code": "no!", "entity": "1", "kinds": "P"},
        {"kind": "template", "code": "1", "entity": "1", "kinds": "P", "text": "{#var#}"},
    ],
)
def test_a_row_that_is_none_is_refused(row: dict[str, str]) -> None:
    with pytest.raises(OperatorError):
        take_row(DltRegister(), **row)
