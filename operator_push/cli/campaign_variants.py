"""Variants of a running campaign: their tally by now, and the one that has won, told to the server."""

from typing import Any

from operator_push.cli.audience_counting import Server
from operator_push.cli.store_reading import open_store
from operator_push.config import Settings
from operator_push.domain.variants import Tally, place_of, winner_of
from operator_push.kernel.instants import day_of
from operator_push.store.campaign_history import campaign_history

Campaign = dict[str, Any]
HOUR_US = 3_600_000_000
REPLY_WINDOW_H = 72


def tallies_of(settings: Settings, campaign: Campaign) -> list[Tally]:
    """Deliveries and answers of each variant until now; none where the campaign has one text."""
    terms = campaign.get("terms", {})
    variants = terms.get("variants") or []
    if not variants:
        return []
    window_us = int(terms.get("reply_window_h") or REPLY_WINDOW_H) * HOUR_US
    number, since_day = campaign["campaign_no"], day_of(campaign["created_us"])
    with open_store(settings) as store:
        history = store.read(
            lambda rows: campaign_history(rows, settings.shard, since_day, window_us, campaign_no=number)
        )
    counted = [[0, 0] for _ in variants]
    for outcome in history.delivered:
        of_variant = counted[place_of(number, outcome.subscriber_no, len(variants))]
        of_variant[0] += 1
        of_variant[1] += outcome.is_answered
    return [Tally(each["name"], *counts) for each, counts in zip(variants, counted, strict=True)]


def decide(settings: Settings, server: Server, campaign: Campaign, now_us: int) -> str | None:
    """Tell the server which variant has won, once one has; its name.

    After the agreed number of deliveries of each, or after the agreed hours by what there is then.
    """
    terms, progress = campaign["terms"], campaign["progress"]
    if not terms.get("variants") or progress.get("winner") or not progress.get("launched_us"):
        return None
    tallies = tallies_of(settings, campaign)
    winner = winner_of(tallies, int(terms.get("winner_after") or 0)) if terms.get("winner_after") else None
    hours = terms.get("winner_after_h")
    if winner is None and hours and now_us >= progress["launched_us"] + int(hours) * HOUR_US:
        winner = winner_of(tallies, 1) or tallies[0].name
    if winner is not None:
        server.call("campaign.winner", name=campaign["name"], variant=winner)
    return winner
