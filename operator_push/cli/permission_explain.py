"""operator-push permission explain: may this person be told this, at that moment, and why."""

from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy import Connection

from operator_push.cli.moments import moment_of
from operator_push.cli.printing import json_option, print_fields, print_json
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.domain.consent import CATEGORY_MAX, EVERY, Purpose, channel_of
from operator_push.domain.consent_record import purpose_of
from operator_push.domain.contact_channels import SENT_BY
from operator_push.domain.jurisdictions import is_jurisdiction
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso, to_epoch_us
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.explain_permission import Question, explain
from operator_push.store.consent_rows import acts_of
from operator_push.store.facts_then import facts_then
from operator_push.store.small_rows import brands

JUST_NOW_US = 60_000_000  # Ours: who asks about this minute asks about now
NO_SUCH_BRAND = -1  # nobody has said anything about it: only acts about all brands count


@click.command("explain")
@click.option("--to", "number", required=True, metavar="MSISDN", help="Whose permission.")
@click.option("--brand", default="*", show_default=True, help="Who wants to tell them something.")
@click.option("--category", default="*", show_default=True, help="1..8 (TRAI's list), or *: none of them.")
@click.option("--channel", default="sms", show_default=True, help="By what it comes; * for any.")
@click.option("--purpose", default="marketing", show_default=True, help="Ours, or dpv:DirectMarketing …")
@click.option("--at", metavar="MOMENT", help="With its zone: as it stood then, or will stand [default: now].")
@click.option("--known-at", metavar="MOMENT", help="Only by what the product had heard up to this moment.")
@click.option("--jurisdiction", help="Whose law, where it is not that of the number's country (ISO 3166).")
@json_option
@with_settings
def explain_command(
    settings: Settings,
    as_json: bool,
    number: str,
    brand: str,
    category: str,
    channel: str,
    purpose: str,
    at: str | None,
    known_at: str | None,
    jurisdiction: str | None,
) -> None:
    """Tell whether a message is permitted, which act decided, and what each rule said.

    A promotional SMS or USSD text is also judged by the national register, the control group, quiet hours
    on the person's clock, wishes and frequency caps. The person's acts are folded anew up to the moment, by
    the code that decides when a message is sent. Of a moment that has passed, acts, wishes, register, home
    zone, quiet hours, control group, caps and what counted towards them are those of then; what is not kept
    is as of now, and the answer says so. Who asked about whom is written down by the running server first.
    """
    try:
        wanted = purpose_of(purpose)
    except ValueError as error:
        raise OperatorError(str(error), key="--purpose") from error
    at_us = _moment(at, "--at") if at is not None else to_epoch_us(datetime.now(UTC))
    known_us = _moment(known_at, "--known-at") if known_at is not None else None
    if jurisdiction is not None and not is_jurisdiction(jurisdiction.lower()):
        raise OperatorError(f"{jurisdiction!r} is not two letters of ISO 3166", key="--jurisdiction")
    asked: dict[str, Any] = {}
    try:
        channel = channel_of(channel)
    except ValueError as error:
        raise OperatorError(str(error), key="--channel") from error
    asks_rules = wanted is Purpose.MARKETING and channel in SENT_BY
    is_past = at_us < to_epoch_us(datetime.now(UTC)) - JUST_NOW_US
    if asks_rules and not is_past:
        asked = {"rules_at": iso(at_us), "category": _category(category), "channel": channel}
    with server_of(settings) as server:
        found = server.call("permission.look_up", number=number, brand=brand, by=who_asks(), **asked)
    not_kept: list[str] = []
    if asks_rules and is_past and found["subscriber_no"]:
        of_it = {"category": _category(category), "channel": channel}
        found |= _rules_then(settings, number, found, of_it, at_us, not_kept)
    brand_no = found["brand_no"] if found["brand_no"] is not None else NO_SUCH_BRAND
    country = jurisdiction or found["country"]
    question = Question(
        found["subscriber_no"], brand_no, _category(category), wanted, channel, country, at_us, known_us
    )

    def work(connection: Connection) -> dict[str, Any]:
        names = {**dict(brands(connection)), EVERY: "*", NO_SUCH_BRAND: brand}
        acts = acts_of(connection, settings.shard, question.subscriber_no) if question.subscriber_no else []
        return explain(question, acts, lambda each: names.get(each, f"brand {each}"))

    told = with_rules(read_store(settings, work), found.get("rules"))
    told["not_kept"] = not_kept
    if as_json:
        print_json(told)
    else:
        _print(told)


def _rules_then(
    settings: Settings,
    number: str,
    found: dict[str, Any],
    of_it: dict[str, Any],
    at_us: int,
    not_kept: list[str],
) -> dict[str, Any]:
    """{"rules"} of a moment that has passed; `not_kept` takes the sentences on what is as of now."""
    msisdn, person = normalise_msisdn(number) or "", found["subscriber_no"]
    then = read_store(settings, lambda store: facts_then(store, settings.shard, person, msisdn, at_us))
    not_kept.extend(then.not_kept)
    facts = {
        "wishes": [[*each.scope, *each.wish] for each in then.said],
        "slots": then.slots,
        "caps": then.caps,
        "rule_set": then.rule_set,
        "registered": then.registered,
        "noted": then.noted,
        "settings": then.settings,
    }
    asked = {"subscriber_no": person, "brand_no": found["brand_no"] or EVERY, **of_it}
    with server_of(settings) as server:
        told: dict[str, Any] = server.call(
            "permission.rules_then", number=msisdn, at=iso(at_us), then=facts, **asked
        )
    return told


def with_rules(told: dict[str, Any], rules: dict[str, Any] | None) -> dict[str, Any]:
    """The decision about permission with what the other rules say to a promotion: a refusal of theirs
    refuses, a deferral allows from a later moment on. `rules` None: they were not asked."""
    if rules is None:
        return told
    trail = rules["trail"] if told["allowed"] else [_unasked(step) for step in rules["trail"]]
    decided: dict[str, Any] = {"rule_set": rules["rule_set"], "not_before": None}
    if rules["way_out_due"] is not None:
        decided["way_out_due"] = told["allowed"] and rules["way_out_due"]
    if told["allowed"] and rules["decision"] != "allow":
        decided |= {"decision": rules["decision"], "reason": rules["reason"]}
        decided |= {"allowed": rules["decision"] != "refuse", "not_before": rules["not_before"]}
    return {**told, **decided, "trail": [*told["trail"], *trail]}


def _unasked(step: dict[str, Any]) -> dict[str, Any]:
    return {**step, "outcome": "not asked", "why": ""}


def _moment(text: str, key: str) -> int:
    try:
        return to_epoch_us(moment_of(text))
    except OperatorError as error:
        raise OperatorError(str(error), key=key) from error


def _category(text: str) -> int:
    if text == "*":
        return EVERY
    if not text.isdecimal() or not 1 <= int(text) <= CATEGORY_MAX:
        raise OperatorError(f"{text!r} is not 1..{CATEGORY_MAX} or *", key="--category")
    return int(text)


def _print(told: dict[str, Any]) -> None:
    asked, act = told["asked"], told["decided_by"]
    print_fields(
        [
            ("decision", f"{told['decision']}: {told['reason']}"),
            ("state", told["state"]),
            ("asked", f"{asked['purpose']}, brand {asked['brand']}, category {asked['category']}"),
            ("at", told["at"]),
            *([("allowed from", told["not_before"])] if told.get("not_before") else []),
            *([("first message", "must tell how to end them")] if told.get("way_out_due") else []),
            ("decided by", f"act {act['event_id']}, {act['action']} at {act['at']}" if act else "no act"),
        ]
    )
    for sentence in told["not_kept"]:
        click.echo(f"  as of now: {sentence}")
    for step in told["trail"]:
        click.echo(f"  {step['outcome']:9}  {step['rule']} (version {step['version']}): {step['why']}")
