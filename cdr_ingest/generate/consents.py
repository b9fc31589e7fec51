"""Consents: who permits what, one row per act, with the evidence in the row.

Rows of one subscriber follow each other in time; nothing dirty is mixed in, since an opt-in act that cannot
be read proves nothing.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import accumulate
from random import Random

from cdr_ingest.generate import distributions as d
from cdr_ingest.generate.population import Subscriber
from cdr_ingest.generate.settings import GenerateSettings

CONSENT_COLUMNS = (
    "msisdn", "brand", "category", "purpose", "channel", "action", "at", "method", "evidence",
    "notice_version", "language",
)  # fmt: skip
_METHOD_LIMITS = list(accumulate(weight for _, weight in d.CONSENT_METHODS))
_METHODS = tuple(name for name, _ in d.CONSENT_METHODS)
_SECONDS_OF_ACTS = (
    200 * 86_400
)  # acts happen in the 200 days before the records start, never before activation


def consent_rows(settings: GenerateSettings, node: int, subscribers: list[Subscriber]) -> Iterator[str]:
    """CSV lines without their newline, in the order of `subscribers`."""
    rng = Random(f"{settings.seed}:consents:{node}")
    first_moment = datetime.combine(settings.first_day, time()) - timedelta(seconds=_SECONDS_OF_ACTS)
    for subscriber in subscribers:
        tenure_s = (settings.first_day - subscriber.activated_on).days * 86_400
        earliest = max(0, _SECONDS_OF_ACTS - tenure_s)
        calls_permitted = False
        for offer in d.CONSENT_OFFERS:
            share = offer.share
            if offer.purpose == "use_location":
                share = d.LOCATION_SHARES[0 if calls_permitted else 1]
            draw = rng.random()
            if draw >= share + d.WITHDRAWN_SHARE:
                continue
            if offer.purpose == "use_call_data":
                calls_permitted = draw < share
            granted = earliest + int(rng.random() * (_SECONDS_OF_ACTS - earliest))
            yield _row(rng, subscriber, offer, "grant", first_moment, granted)
            if draw >= share:
                later = granted + int(rng.random() * (_SECONDS_OF_ACTS - granted))
                yield _row(rng, subscriber, offer, "withdraw", first_moment, later)


def _row(
    rng: Random,
    subscriber: Subscriber,
    offer: d.ConsentOffer,
    action: str,
    first_moment: datetime,
    second: int,
) -> str:
    draw = rng.random() * _METHOD_LIMITS[-1]
    method = _METHODS[sum(draw >= limit for limit in _METHOD_LIMITS)]
    reference = int(rng.random() * 9_000) + 1_000
    word = "YES" if action == "grant" else "NO"
    evidence = {
        "sms": f"{word} {offer.keyword} to {d.CONSENT_SHORT_CODE}",
        "web": f"preference page v4 button {word} {offer.keyword} session {reference}",
        "shop": f"form {reference} v3",
        "ivr": f"call to {d.CONSENT_SHORT_CODE} key {1 if action == 'grant' else 2} menu {offer.keyword}",
    }[method]
    notice = d.NOTICE_VERSIONS[second >= _SECONDS_OF_ACTS // 2]
    at = (first_moment + timedelta(seconds=second)).isoformat()
    return (
        f"{subscriber.msisdn},{offer.brand},{offer.category},{offer.purpose},sms,{action},{at}Z,"
        f"{method},{evidence},{notice},{subscriber.language}"
    )
