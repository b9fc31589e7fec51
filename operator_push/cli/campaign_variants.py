"""Variants of a running campaign: their tally by now, and the one that has won, told to the server."""

from typing import Any

from operator_push.cli.audience_counting import Server
from operator_push.cli.store_reading import open_store
from operator_push.config import Settings
from operator_push.domain.link_visits import VisitKind
from operator_push.domain.variants import Tally, WonBy, place_of, winner_of
from operator_push.kernel.instants import day_of
from operator_push.store.campaign_history import campaign_history
from operator_push.store.short_link_rows import people_of_visits

Campaign = dict[str, Any]
HOUR_US = 3_600_000_000
REPLY_WINDOW_H = 72
_JUDGED = (VisitKind.CLICK, VisitKind.CONVERSION)


def tallies_of(settings: Settings, campaign: Campaign) -> list[Tally]:
    """What became of each variant until now; none where the campaign has one text.

    Who was handed in after one had won got that one.
    """
    terms, progress = campaign.get("terms", {}), campaign.get("progress", {})
    variants = terms.get("variants") or []
    if not variants:
        return []
    window_us = int(terms.get("reply_window_h") or REPLY_WINDOW_H) * HOUR_US
    number, since_day = campaign["campaign_no"], day_of(campaign["created_us"])
    with open_store(settings) as store:
        history = store.read(
            lambda rows: campaign_history(rows, settings.shard, since_day, window_us, campaign_no=number)
        )
        clicked, converted = store.read(
            lambda rows: [people_of_visits(rows, number, kind) for kind in _JUDGED]
        )
    names = [each["name"] for each in variants]
    winner, winner_us = progress.get("winner"), progress.get("winner_us", 0)
    counted = [[0, 0, 0, 0] for _ in variants]
    for outcome in history.delivered:
        person = outcome.subscriber_no
        is_winners = bool(winner) and outcome.came_us >= winner_us
        place = names.index(winner) if is_winners else place_of(number, person, len(variants))
        did = True, outcome.is_answered, person in clicked, person in converted
        counted[place] = [count + each for count, each in zip(counted[place], did, strict=True)]
    return [Tally(each["name"], *counts) for each, counts in zip(variants, counted, strict=True)]


def decide(settings: Settings, server: Server, campaign: Campaign, now_us: int) -> str | None:
    """Tell the server which variant has won, once one has; its name.

    After the agreed number of deliveries of each, or after the agreed hours by what there is then.
    """
    terms, progress = campaign["terms"], campaign["progress"]
    if not terms.get("variants") or progress.get("winner") or not progress.get("launched_us"):
        return None
    tallies, by = tallies_of(settings, campaign), WonBy(terms.get("winner_by") or WonBy.REPLIED)
    after = terms.get("winner_after")
    winner = winner_of(tallies, int(after), by) if after else None
    hours = terms.get("winner_after_h")
    if winner is None and hours and now_us >= progress["launched_us"] + int(hours) * HOUR_US:
        winner = winner_of(tallies, 1, by) or tallies[0].name
    if winner is not None:
        server.call("campaign.winner", name=campaign["name"], variant=winner)
    return winner
