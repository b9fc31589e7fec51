"""Handing in a campaign: its recipients go to the running server in batches, at the server's pace.

The server remembers whom it has taken, so a hand-in that was broken off is simply begun again; those who were
taken before are counted as "repeated" and nothing else happens to them.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from pyroaring import BitMap

from operator_push.cli.audience_counting import Server

BATCH_SUBSCRIBERS = 300  # Ours: some 10 ms of the server's loop, in which nobody else is answered
PACED_WAIT_S = 0.5  # Ours: how soon a campaign with a pace asks for its next people.
BUSY_WAIT_S = 0.05  # Ours: the server's queue of a campaign drains in a few tenths of a second.

# Told after each batch: how many of the audience are handed in, and the outcomes so far.
Tell = Callable[[int, Counter[str]], None]


def hand_in(
    server: Server,
    campaign: str,
    subscribers: BitMap,
    tell: Tell = lambda done, outcomes: None,
    wait: Callable[[float], None] = time.sleep,
    patient: bool = True,
    meanwhile: Callable[[], object] = lambda: None,
    values: Callable[[list[int]], dict[str, Any]] = lambda numbers: {},
    slack_s: int = 0,
) -> Counter[str]:
    """Hand every subscriber in; returns counts by outcome: "accepted", "repeated", or a refusal's reason.

    `values` gives the further arguments of a call for some recipients: what the places of its text are filled
    with. Where it is not `patient` it ends as soon as the campaign's pace lets nobody more in. `meanwhile` is
    called while its pace or its test lets nobody in. `slack_s`: how long the call before may be ago, where
    it comes back for those whom a pace lets in later: so much of a pace may be made up for at once.

    Raises:
        OperatorError: the campaign is not running (any more), or no server runs.
        ResourceError: the server went away; call again once it is back.
    """
    outcomes: Counter[str] = Counter()
    done, slack = 0, {"slack_s": slack_s} if slack_s else {}
    for batch in _batches(subscribers):
        left = batch
        while left:
            answer = server.call("campaign.hand_in", name=campaign, subscribers=left, **slack, **values(left))
            if answer["busy"] and answer.get("paced") and not patient:
                return outcomes
            if answer["busy"]:
                if answer.get("paced"):
                    meanwhile()
                wait(PACED_WAIT_S if answer.get("paced") else BUSY_WAIT_S)
                continue
            taken = answer["taken"]
            left = left[taken:]
            outcomes.update(answer["outcomes"])
            done += taken
            tell(done, outcomes)
    return outcomes


def at_most(subscribers: BitMap, people: int, seed: int) -> BitMap:
    """No more than `people` of these, since a quote is a promise about money.

    Chosen by a hash of `seed` and number, so that a second choice among nearly the same is nearly the same.
    """
    if len(subscribers) <= people:
        return subscribers
    return BitMap(sorted(subscribers, key=lambda number: _draw(seed, number))[:people])


def _draw(seed: int, number: int) -> bytes:
    return hashlib.blake2b(f"{seed}:{number}".encode(), digest_size=8).digest()


def _batches(subscribers: BitMap) -> Iterator[list[int]]:
    waiting = iter(subscribers)
    while batch := list(islice(waiting, BATCH_SUBSCRIBERS)):
        yield batch
