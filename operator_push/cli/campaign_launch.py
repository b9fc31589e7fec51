"""operator-push campaign launch: the audience is counted and judged again, fixed, and handed in.

What is fixed stays: a launch that was broken off, by Ctrl-C or by a crash of either side, goes on with the
same people, and nobody is handed in twice, since the server knows by its message rows who was.
"""

import base64
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pyroaring import BitMap

from operator_push.cli.audience_answering import find_for, judged_at_launch
from operator_push.cli.audience_counting import Audience, Server, encode_subscribers
from operator_push.cli.campaign_channels import recipient_arguments
from operator_push.cli.campaign_hand_in import at_most, hand_in
from operator_push.cli.campaign_lookup import Campaign, channel_of_campaign, find_campaign
from operator_push.cli.campaign_own_hour import due_now
from operator_push.cli.campaign_variants import decide
from operator_push.cli.hand_in_progress import HandInProgress
from operator_push.cli.store_reading import open_store, read_store
from operator_push.config import Settings
from operator_push.domain.arbitration import TIRED_DAYS, TIRED_LEVELS
from operator_push.domain.message import RETRYABLE_REFUSALS
from operator_push.domain.pacing import Pace
from operator_push.domain.several_numbers import one_number_each
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import day_of, to_epoch_us
from operator_push.store.campaign_reach import messages_of_brand, reached_on
from operator_push.store.link_proof_rows import persons_of_several_numbers
from operator_push.store.short_link_rows import link_people

DECIDE_S = 10.0  # Ours: how soon an answer counts for the winner among several texts.
_SPREAD = (Pace.EVEN.value, Pace.HOURS.value)
RETRYABLE_NAMES = frozenset(reason.name for reason in RETRYABLE_REFUSALS)


def launch_campaign(settings: Settings, server: Server, found: Campaign) -> tuple[Campaign, Counter[str]]:
    """Hand in everybody who is still to be; returns the campaign as it is then, and what became of them.

    It is finished once nobody is left. Whoever another try may help (money, a full queue), or whose own hour
    is another one, stays for the next launch, and the campaign runs on.

    Raises:
        OperatorError: it cannot be launched now; the message says why.
        ResourceError: the server went away; launch again once it is back.
    """
    name = found["name"]
    if found["terms"].get("every"):
        raise OperatorError(
            f"campaign {name!r} recurs: `operator-push campaign run` launches each of its times"
        )
    if found["state"] == "paused":
        raise OperatorError(f"campaign {name!r} is paused; go on with: operator-push campaign resume")
    if found["state"] != "running":
        enter_all(settings, server, found)
        server.call("campaign.launch", name=name)
    if found["terms"].get("trigger"):
        return find_campaign(server, name), Counter()
    left = server.call("campaign.rest", name=name)
    if left["rest"] is None:  # launched by a version that fixed nobody
        rest, _ = audience_now(settings, server, found)
        total = len(rest)
    else:
        rest, total = BitMap.deserialize(base64.b64decode(left["rest"])), int(left["people"])
    due = due_now(settings, server, found, rest, to_epoch_us(datetime.now(UTC)))
    paced = found["terms"].get("pace") in _SPREAD or found["terms"].get("rate_per_s")
    ends_us = left.get("ends_us") if paced else None
    left_s = None if ends_us is None else (ends_us - to_epoch_us(datetime.now(UTC))) / 1_000_000
    with HandInProgress(total, total - len(rest), left_s) as progress:
        outcomes = hand_in(
            server,
            name,
            due,
            progress.tell,
            meanwhile=_deciding(settings, server, name),
            values=recipient_arguments(settings, server, found, due),
        )
    goes_on = any(found["terms"].get(kind) for kind in ("standing", "after")) or due != rest
    if goes_on or any(outcomes[reason] for reason in RETRYABLE_NAMES):
        return find_campaign(server, name), outcomes
    return server.call("campaign.finish", name=name), outcomes


def _deciding(settings: Settings, server: Server, name: str) -> Callable[[], object]:
    """Looks at most every DECIDE_S seconds whether one of the campaign's texts has won."""
    last_s = 0.0

    def look() -> None:
        nonlocal last_s
        if time.monotonic() - last_s >= DECIDE_S:
            last_s = time.monotonic()
            decide(settings, server, find_campaign(server, name), to_epoch_us(datetime.now(UTC)))

    return look


def enter_all(settings: Settings, server: Server, found: Campaign) -> None:
    """Enter a campaign and every other that has a say in the slots of today, before anybody is handed in.

    So it makes no difference which of them is launched first. Another one that cannot be launched now has no
    say; what is wrong with it is told when somebody launches it.
    """
    others = set(server.call("campaign.contestants")["names"])
    if found["name"] not in others and found["state"] == "approved":
        others.add(found["name"])  # it begins later, or has entered: the server knows
    for each in server.call("campaign.list")["campaigns"]:
        if each["name"] not in others:
            continue
        try:
            _enter(settings, server, each)
        except OperatorError:
            if each["name"] == found["name"]:
                raise


def _enter(settings: Settings, server: Server, found: Campaign) -> None:
    recipients, limits = audience_now(settings, server, found)
    prefer = found.get("terms", {}).get("prefer")
    with open_store(settings) as store:
        since_day = day_of(to_epoch_us(datetime.now(UTC))) - TIRED_DAYS + 1
        tired = store.read(lambda rows: messages_of_brand(rows, found["brand"], since_day, TIRED_LEVELS))
        asked = found["account"], found["category"]
        rule = f"({found['rule']}) && ({prefer})"
        by = channel_of_campaign(found)
        prefers = BitMap()
        if prefer:
            prefers = find_for(settings, server, store, rule, *asked, channel=by).subscribers
    server.call(
        "campaign.enter",
        name=found["name"],
        audience=encode_subscribers(recipients),
        prefers=encode_subscribers(prefers & recipients),
        tired=[encode_subscribers(level & recipients) for level in tired],
        **limits,
    )


def audience_now(settings: Settings, server: Server, found: Campaign) -> tuple[BitMap, dict[str, Any]]:
    """The people of this moment, as many as were quoted, judged by everything that this client knows; and
    what the server is told of sales rules, so that it holds each message against them."""
    judged = _judged_now(settings, server, found)
    once = once_each(settings, found, judged.subscribers)
    people = at_most(once, found["audience"], found["campaign_no"])
    per_day, today = judged.sale.per_subscriber_per_day or 0, day_of(to_epoch_us(datetime.now(UTC)))
    limits: dict[str, Any] = {"per_day": per_day, "apart": dict(judged.sale.apart)}
    if per_day:
        with open_store(settings) as store:
            reached = store.read(lambda rows: reached_on(rows, today, per_day))
        limits["reached"] = [encode_subscribers(level & people) for level in reached if level & people]
    return people, limits


def _judged_now(settings: Settings, server: Server, found: Campaign) -> Audience:
    with open_store(settings) as store:
        asked = found["rule"], found["account"], found["category"]
        audience = find_for(settings, server, store, *asked, channel=channel_of_campaign(found))
        judged = judged_at_launch(settings, store, audience)
    judged.require_disclosed()
    return judged


def once_each(settings: Settings, found: Campaign, people: BitMap) -> BitMap:
    """The people, or one number of each person where that was agreed, who is known to have several."""
    if found.get("terms", {}).get("once") != "person":
        return people
    number, account_no = found["campaign_no"], found["account_no"]
    persons, taken = read_store(
        settings, lambda rows: (persons_of_several_numbers(rows, account_no), link_people(rows, number))
    )
    return one_number_each(people, persons, number, taken)
