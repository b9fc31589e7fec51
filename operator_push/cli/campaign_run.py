"""operator-push campaign run: what was approved is carried out when it is due, round after round.

A program of its own beside the server: it counts audiences and hands people in, so that nothing of it burdens
the gateway. Two of them at once do no harm, and one that dies leaves nothing half done.
"""

import base64
import logging
from collections import Counter
from typing import Any

from pyroaring import BitMap

from operator_push.cli.audience_counting import Server, encode_subscribers
from operator_push.cli.campaign_channels import recipient_arguments
from operator_push.cli.campaign_hand_in import hand_in
from operator_push.cli.campaign_launch import RETRYABLE_NAMES, audience_now, enter_all
from operator_push.cli.campaign_own_hour import due_now
from operator_push.cli.campaign_variants import decide
from operator_push.cli.store_reading import open_store
from operator_push.config import Settings
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import MICROS_PER_DAY
from operator_push.store.campaign_rows import received_before

Campaign = dict[str, Any]
log = logging.getLogger(__name__)


def run_round(settings: Settings, server: Server, now_us: int, slack_s: int = 0) -> dict[str, Counter[str]]:
    """One look at every campaign: what became of the people of each that had any.

    `slack_s`: how long the round before may be ago, without a pace being behind.
    A campaign that cannot be carried out now is left for the next round, and the log says why.

    Raises:
        ResourceError: no server runs, or it went away.
    """
    handed_in: dict[str, Counter[str]] = {}
    for campaign in _due(server, now_us):
        name = campaign["name"]
        try:
            outcomes = _carry_out(settings, server, campaign, now_us, slack_s)
        except OperatorError as error:
            log.warning("campaign %s: %s", name, error)
            continue
        if +outcomes:
            handed_in[name] = +outcomes
    return handed_in


def _due(server: Server, now_us: int) -> list[Campaign]:
    """The campaigns that have something to do, those that recurring ones have made just now among them."""
    due = []
    for campaign in server.call("campaign.list")["campaigns"]:
        terms, state = campaign["terms"], campaign["state"]
        if terms.get("every"):
            if state == "approved":
                try:
                    made = server.call("campaign.spawn", name=campaign["name"])["campaign"]
                except OperatorError as error:
                    log.warning("campaign %s: %s", campaign["name"], error)
                    continue
                if made is not None and made["state"] == "approved":
                    due.append(made)
        elif state == "running" or (state == "approved" and terms.get("starts_us", _BY_HAND) <= now_us):
            due.append(campaign)
    return list({campaign["name"]: campaign for campaign in due}.values())


_BY_HAND = 1 << 62  # no campaign starts by itself that says neither when nor that it goes on


def _carry_out(
    settings: Settings, server: Server, campaign: Campaign, now_us: int, slack_s: int
) -> Counter[str]:
    name, terms = campaign["name"], campaign["terms"]
    goes_on = bool(terms.get("standing") or terms.get("after") or terms.get("trigger"))
    if campaign["state"] == "approved":
        if terms.get("after"):
            server.call("campaign.launch", name=name, audience=encode_subscribers(BitMap()))
        else:
            enter_all(settings, server, campaign)
            server.call("campaign.launch", name=name)
    if goes_on and (campaign["state"] == "running" or terms.get("after")):
        people, limits = _people_now(settings, server, campaign, now_us)
        server.call("campaign.extend", name=name, audience=encode_subscribers(people), **limits)
    decide(settings, server, campaign, now_us)
    if terms.get("trigger"):
        return Counter()  # people come one by one, by campaign.trigger
    left = server.call("campaign.rest", name=name)["rest"]
    if left is None:
        return Counter()  # whoever launched it hands it in, such as the issue of a channel
    rest = BitMap.deserialize(base64.b64decode(left))
    due = due_now(settings, server, campaign, rest, now_us)
    values = recipient_arguments(settings, server, campaign, due)
    outcomes = hand_in(server, name, due, patient=False, values=values, slack_s=slack_s)
    waiting = sum(outcomes[reason] for reason in RETRYABLE_NAMES)
    if not goes_on and not waiting and sum(outcomes.values()) == len(rest):
        server.call("campaign.finish", name=name)
    return outcomes


def _people_now(
    settings: Settings, server: Server, campaign: Campaign, now_us: int
) -> tuple[BitMap, dict[str, Any]]:
    """Whom a campaign that goes on is for now."""
    terms, (people, limits) = campaign["terms"], audience_now(settings, server, campaign)
    if not terms.get("after"):
        return people, limits
    until_us = now_us - int(terms["after_days"]) * MICROS_PER_DAY
    asked = settings.shard, campaign["account_no"], terms["after"], until_us
    with open_store(settings) as store:
        return people & store.read(lambda rows: received_before(rows, *asked)), limits
