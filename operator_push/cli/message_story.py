"""The story of a message in words and as JSON; recipients masked, no text."""

from collections.abc import Iterator
from typing import Any

from operator_push.domain.delivery import ReceiptOutcome
from operator_push.domain.delivery_answers import ACKNOWLEDGED, refused_with
from operator_push.domain.message import MessageState, Origin, RefusalReason, TrafficClass, Verdict
from operator_push.domain.policy import read_refusal, read_trail
from operator_push.domain.rating.rating_json import lines_json
from operator_push.domain.transfers import TransferKind
from operator_push.gateway.esme_deliveries import KIND_RECEIPT
from operator_push.kernel.ids import id_epoch_us
from operator_push.kernel.instants import iso
from operator_push.kernel.money import format_micros
from operator_push.kernel.numbering import mask_number
from operator_push.services.dispatch_outbox import STATUS_NEVER_ARRIVED, STATUS_WITHDRAWN
from operator_push.services.finish_message import (
    TOLD_BY_CDR,
    TOLD_BY_EXPIRY,
    TOLD_BY_RECEIPT,
    TOLD_BY_RESPONSE,
    TOLD_BY_US,
)
from operator_push.services.stored_charges import StoredCharges
from operator_push.smpp.constants import status_name
from operator_push.store.stored_messages import AttemptRow, ends_of, segment_state_of
from operator_push.store.stories import Story

_TOLD_BY = {
    TOLD_BY_RECEIPT: "a receipt",
    TOLD_BY_RESPONSE: "the submit_sm_resp",
    TOLD_BY_CDR: "the SMSC's CDR file",
    TOLD_BY_US: "ourselves",
    TOLD_BY_EXPIRY: "ourselves, as its hold expired",
}
_OUR_STATUSES = {
    STATUS_WITHDRAWN: "withdrawn before its octets left",
    STATUS_NEVER_ARRIVED: "never arrived, as the SMSC's CDR file shows",
}


def story_json(story: Story) -> dict[str, Any]:
    """The story as JSON values; amounts in micros, moments ISO 8601 in UTC."""
    return {
        **_asked_json(story),
        **_decided_json(story),
        "put_off": [
            {
                "at": iso(each.at_us),
                "until": iso(each.until_us),
                "reason": RefusalReason(each.reason).name,
                "trail": _trail_json(each.trail),
            }
            for each in story.put_off
        ],
        "priced_by": _priced_json(story),
        "is_whole": story.stored.is_whole,
        "segments": [_segment_json(story, number) for number in _numbers(story)],
        **_money_json(story),
        **_around_json(story),
    }


def story_lines(story: Story) -> Iterator[tuple[str, list[str]]]:
    """(what, lines) in the order in which things happened."""
    told = story_json(story)
    campaign = f", campaign {told['campaign']}" if told["campaign"] else ""
    yield "message", [str(told["message_id"])]
    others = ", ".join(map(str, told["same_id"]))
    if others or told["client_message_id"] != str(told["message_id"]):
        yield "its client's id", [told["client_message_id"] + (f", as of {others}" if others else "")]
    yield "from", [f"{told['account']} ({told['origin']}{campaign}) for {story.brand}"]
    yield "to", [f"{told['recipient']}, sender {told['source']}, {told['traffic_class']}"]
    yield "accepted" if told["verdict"] != "REFUSE" else "refused", [told["accepted_at"]]
    yield "decision", _decision_lines(told)
    if told["put_off"]:
        yield "put off", [f"{each['at']}: {each['reason']} until {each['until']}" for each in told["put_off"]]
    if told["verdict"] != "REFUSE":
        price, held = format_micros(told["price_micros"]), format_micros(told["held_micros"])
        yield "price", [f"{price} a segment, {told['segment_count']} of them; held {held}"]
    if told["priced_by"]:
        yield "priced by", list(_price_lines(told["priced_by"]))
    if told["is_whole"]:
        sent = ["all in one submit_sm, by message_payload", *_segment_lines(told["segments"][0])]
        yield f"segments 1 to {told['segment_count']}", sent
    else:
        for segment in told["segments"]:
            yield f"segment {segment['segment_no']}", list(_segment_lines(segment))
    if told["transfers"]:
        by_hand = [_correction_line(each) for each in told["corrections"]]
        yield "money", [_transfer_line(each) for each in told["transfers"]] + by_hand
    if told["end"]:
        end = told["end"]
        charged, back = format_micros(end["settled_micros"]), format_micros(end["released_micros"])
        yield "end", [f"{end['state']} at {end['at']}: charged {charged}, given back {back}"]
    elif told["verdict"] != "REFUSE":
        yield "end", ["not yet"]
    yield from _around_lines(told)


def _around_lines(told: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    deliveries = [
        f"{each['kind']} {each['outcome']} {each['at'] or ''}".rstrip() for each in told["deliveries"]
    ]
    asides = [
        f"receipt {each['state']} of {each['smsc_message_id']}: {each['outcome']} at {each['at']}"
        for each in told["receipts_aside"]
    ]
    cases = [f"segment {each['segment_no'] or 'all'}: {each['detail']}" for each in told["cases"]]
    disputes = [
        f"{each['dispute']} by the {each['by']}, {each['state'].replace('_', ' ')}: {each['reason']}"
        for each in told["disputes"]
    ]
    found = {"to the ESME": deliveries, "put aside": asides, "case": cases, "dispute": disputes}
    for name, lines in found.items():
        if lines:
            yield name, lines


def _trail_json(trail: bytes) -> list[dict[str, str]]:
    return [{"rule": rule, "outcome": outcome} for rule, outcome in read_trail(trail)]


def _numbers(story: Story) -> range:
    """The segments of an admitted message; a refused one has none that lived."""
    row = story.stored.row
    return range(0) if row.verdict == Verdict.REFUSE else range(1, row.segment_count + 1)


def _asked_json(story: Story) -> dict[str, Any]:
    row = story.stored.row
    return {
        "message_id": row.message_id,
        "client_message_id": story.client_message_id,
        "same_id": list(story.same_id),
        "account": story.account,
        "brand": story.brand,
        "campaign": story.campaign or None,
        "origin": Origin(row.origin).name.lower(),
        "traffic_class": TrafficClass(row.traffic_class).name.lower(),
        "category": row.category or None,
        "channel": story.channel,
        "source": row.source,
        "recipient": mask_number(row.destination),
        "client_reference": row.client_reference if row.client_reference >= 0 else None,
    }


def _decided_json(story: Story) -> dict[str, Any]:
    row = story.stored.row
    return {
        "accepted_at": iso(id_epoch_us(row.message_id)),
        "not_before": iso(row.not_before_us) if row.not_before_us else None,
        "verdict": Verdict(row.verdict).name,
        "reason": RefusalReason(row.reason).name if row.reason else None,
        "trail": _trail_json(bytes(row.trail)),
        "segment_count": row.segment_count,
        "price_micros": row.price_micros,
        "held_micros": row.held_micros,
    }


def _priced_json(story: Story) -> dict[str, Any] | None:
    """The price by its tariff document again: of the segments that are charged, or while open of all."""
    stored, tariff = story.stored, story.tariff
    if stored.price is None or tariff is None:
        return None
    charge = StoredCharges(lambda number: tariff).charge(stored.price)
    ends = ends_of(stored)
    charged = charge.charged_segments(ends) if stored.final else len(ends)
    rating = charge.rating(max(charged, 1))
    return {
        "tariff": tariff.tariff,
        "version": tariff.version,
        "currency": rating.currency,
        "at": iso(stored.price.priced_us),
        "charged_segments": charged,
        "lines": lines_json(charge.lines(charged)),
        "total_micros": charge.amount(charged),
        "rules": [{"rule": each.rule, "says": each.sentence} for each in rating.applied],
    }


def _money_json(story: Story) -> dict[str, Any]:
    final = story.stored.final
    end = final and {
        "state": MessageState(final.state).name,
        "segments_delivered": final.segments_delivered,
        "settled_micros": final.settled_micros,
        "released_micros": final.released_micros,
        "at": iso(final.at_us),
    }
    transfers = [
        {
            "kind": each.kind.name,
            "debit": each.debit.name,
            "credit": each.credit.name,
            "amount_micros": each.amount_micros,
            "currency": each.currency,
            "at": iso(each.at_us),
        }
        for each in story.stored.transfers
    ]
    corrections = [
        {
            "kind": TransferKind(each.kind).name,
            "reference": each.client_reference,
            "posting": each.reference,
            "amount_micros": each.amount_micros,
            "tax_micros": each.tax_micros,
            "reason": each.reason,
            "by": each.changed_by,
            "at": iso(each.at_us),
        }
        for each in story.corrections
    ]
    return {"transfers": transfers, "corrections": corrections, "end": end}


def _around_json(story: Story) -> dict[str, Any]:
    return {
        "deliveries": [
            {
                "kind": "receipt" if each.kind == KIND_RECEIPT else "mo",
                "outcome": _delivery_outcome(each.outcome),
                "at": iso(each.at_us) if each.at_us else None,
            }
            for each in story.deliveries
        ],
        "receipts_aside": [
            {
                "smsc_message_id": each.smsc_message_id,
                "state": MessageState(each.state).name,
                "outcome": ReceiptOutcome(each.outcome).name,
                "at": iso(each.at_us),
            }
            for each in story.asides
        ],
        "cases": [
            {"segment_no": each.segment_no, "class": each.kind, "detail": each.detail, "at": iso(each.at_us)}
            for each in story.cases
        ],
        "disputes": [
            {
                "dispute": each.dispute_no,
                "state": each.state.value,
                "by": each.raised_by,
                "reason": each.reason,
                "at": iso(each.at_us),
                "steps": [
                    {"state": step.state.value, "note": step.note, "at": iso(step.at_us)}
                    for step in each.events[1:]
                ],
            }
            for each in story.disputes
        ],
    }


def _segment_json(story: Story, number: int) -> dict[str, Any]:
    outcome = story.stored.outcome_of(number)
    return {
        "segment_no": number,
        "state": segment_state_of(story.stored, number).name,
        "told_by": _TOLD_BY.get(outcome.told_by, "") if outcome else None,
        "smsc_message_id": (outcome.smsc_message_id or None) if outcome else None,
        "error_code": (read_refusal(outcome.error_code) or None) if outcome else None,
        "at": iso(outcome.at_us) if outcome else None,
        "attempts": [_attempt_json(story, attempt) for attempt in story.stored.attempts_of(number)],
    }


def _attempt_json(story: Story, attempt: AttemptRow) -> dict[str, Any]:
    status = attempt.command_status
    return {
        "attempt_no": attempt.attempt_no,
        "link": story.links.get(attempt.link_no, f"link {attempt.link_no}"),
        "incarnation": attempt.incarnation,
        "user_message_reference": attempt.user_message_reference,
        "at": iso(attempt.at_us),
        "answer": None if status is None else _OUR_STATUSES.get(status) or status_name(status),
        "smsc_message_id": attempt.smsc_message_id or None,
        "answered_at": iso(attempt.answered_us) if attempt.answered_us else None,
    }


def _decision_lines(told: dict[str, Any]) -> list[str]:
    reason = f" because of {told['reason']}" if told["reason"] else ""
    words = {"ADMIT": "admitted", "DEFER": "admitted for later", "REFUSE": "refused"}[told["verdict"]]
    lines = [f"{words}{reason}"]
    lines += [f"  {each['rule']}: {each['outcome']}" for each in told["trail"]]
    if told["not_before"]:
        lines.append(f"  not before {told['not_before']}")
    return lines


def _price_lines(priced: dict[str, Any]) -> Iterator[str]:
    total = f"{format_micros(priced['total_micros'])} {priced['currency']}"
    count = priced["charged_segments"]
    yield f"{priced['tariff']} version {priced['version']}: {count} segments charged, {total}"
    for line in priced["lines"]:
        unit, amount = format_micros(line["unit_price_micros"]), format_micros(line["amount_micros"])
        yield f"  {line['what']}: {line['units']} at {unit}, {amount}"
    for each in priced["rules"]:
        yield f"  {each['rule']}: {each['says']}"


def _segment_lines(segment: dict[str, Any]) -> Iterator[str]:
    told_by = f", told by {segment['told_by']} at {segment['at']}" if segment["told_by"] else ""
    error = f", error {segment['error_code']}" if segment["error_code"] else ""
    yield f"{segment['state']}{told_by}{error}"
    for attempt in segment["attempts"]:
        smsc_id = f", SMSC id {attempt['smsc_message_id']}" if attempt["smsc_message_id"] else ""
        answer = attempt["answer"] or "no answer: nobody knows yet"
        answered = f" at {attempt['answered_at']}" if attempt["answered_at"] else ""
        yield (
            f"  attempt {attempt['attempt_no']} over {attempt['link']}, start {attempt['incarnation']}, "
            f"key {attempt['user_message_reference']}, at {attempt['at']}: {answer}{smsc_id}{answered}"
        )


def _transfer_line(each: dict[str, Any]) -> str:
    amount = f"{format_micros(each['amount_micros'])} {each['currency']}"
    return f"{each['kind']} {amount}, {each['debit']} to {each['credit']}, at {each['at']}"


def _correction_line(each: dict[str, Any]) -> str:
    tax = f" and its tax {format_micros(each['tax_micros'])}" if each["tax_micros"] else ""
    amount = format_micros(each["amount_micros"])
    return f"{each['kind']} {amount}{tax}, {each['reference']}: {each['reason']}, at {each['at']}"


def _delivery_outcome(outcome: int | None) -> str:
    if outcome is None:
        return "owed"
    refused = refused_with(outcome)
    if refused is not None:
        return f"refused for good with {status_name(refused) if refused else 'an error of its own'}"
    return "acknowledged" if outcome == ACKNOWLEDGED else "given up"
