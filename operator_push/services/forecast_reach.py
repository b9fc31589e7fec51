"""Forecast reach: which part of an audience could be written to, hour by hour, by the rules of the door.

The policy is asked for a sample, at each of the next hours, and nothing is changed by it: quiet hours, caps,
wishes, the national register and the control group are those of now. Shares are told in steps, so that the
few whom a rule leaves out stay hidden.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Final

from pyroaring import BitMap

from operator_push.domain.consent import SMS
from operator_push.domain.message import Origin, RefusalReason, Submission, TrafficClass, Verdict
from operator_push.domain.policy import Policy
from operator_push.kernel.instants import iso
from operator_push.services.choose_channel import ChooseChannel
from operator_push.services.registry import Registry

SAMPLE_PEOPLE: Final = 2_000  # Ours: a share is then right to within two percent.
HOURS: Final = 24
STEP_PERCENT: Final = 5
HOUR_US: Final = 3_600_000_000


class ForecastReach:
    """The use case for one shard."""

    def __init__(self, registry: Registry, policy: Policy, msisdn_of: Callable[[int], str]) -> None:
        self._registry = registry
        self._policy = policy
        self._msisdn_of = msisdn_of

    def forecast(
        self, account: str, source: str, category: int, audience: BitMap, now_us: int, channel: str = SMS
    ) -> dict[str, Any]:
        """{"percent" who get it if it leaves within a day, "capped_percent", "by_hour": [{"hour", "percent"
        who could get it at its beginning}]}, in steps of 5 percent. `channel`: as an order names it.

        Raises:
            OperatorError: there is no such account.
        """
        client = self._registry.require_account(account)
        choose = ChooseChannel(self._policy.facts).choose
        of_it = client.account_no, client.brand_no, category, source
        people = [(number, self._msisdn_of(number)) for number in _sample(audience)]
        offers = [
            Submission(
                client.account_no,
                client.brand_no,
                category,
                TrafficClass.PROMOTIONAL,
                Origin.CAMPAIGN,
                number,
                msisdn,
                source,
                1,
                channel=choose(channel, *of_it, number, msisdn)[0],
            )
            for number, msisdn in people
        ]
        decisions = [self._policy.decide(offer, now_us) for offer in offers]
        reached = sum(
            each.verdict is not Verdict.REFUSE and each.defer_until_us < now_us + HOURS * HOUR_US
            for each in decisions
        )
        capped = sum(each.reason is RefusalReason.FREQUENCY_CAP for each in decisions)
        first_us = now_us - now_us % HOUR_US + HOUR_US
        by_hour = []
        for hour_us in range(first_us, first_us + HOURS * HOUR_US, HOUR_US):
            could = sum(self._policy.decide(offer, hour_us).verdict is Verdict.ADMIT for offer in offers)
            by_hour.append({"hour": iso(hour_us), "percent": _percent(could, len(offers))})
        return {
            "percent": _percent(reached, len(offers)),
            "capped_percent": _percent(capped, len(offers)),
            "by_hour": by_hour,
        }


def _sample(audience: BitMap) -> list[int]:
    """Some of the audience, drawn by a hash of each, so that asking again asks the same people."""
    if len(audience) <= SAMPLE_PEOPLE:
        return list(audience)
    step = len(audience) // (4 * SAMPLE_PEOPLE) or 1
    some = [audience[place] for place in range(0, len(audience), step)]
    return sorted(some, key=lambda number: hashlib.blake2b(str(number).encode(), digest_size=8).digest())[
        :SAMPLE_PEOPLE
    ]


def _percent(part: int, whole: int) -> int:
    """A share in steps, rounded to the nearest one."""
    if not whole:
        return 0
    return STEP_PERCENT * ((200 * part + STEP_PERCENT * whole) // (2 * STEP_PERCENT * whole))
