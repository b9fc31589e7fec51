"""The outlook of a quote: what a campaign may expect by history, and what another rule would cost.

History is the account's own where it has enough, else the operator's; where neither has, nothing is made up.
Every alternative is a question of its own, counted, judged and kept as every other, before it is told.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from operator_push.cli.audience_answering import count_for
from operator_push.cli.audience_counting import Audience, Server
from operator_push.config import Settings
from operator_push.domain.audience.counting import Disclosed
from operator_push.domain.audience.lexer import TokenKind, tokenise
from operator_push.domain.consent import SMS
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import day_of, from_epoch_us, to_epoch_us
from operator_push.store.audience_sets import account_no_of
from operator_push.store.campaign_history import History, campaign_history
from operator_push.store.database import Database

HISTORY_DAYS = 90
OWN_MESSAGES_MIN = 200  # Ours: with fewer a rate of a percent is a guess.
ALL_MESSAGES_MIN = 1_000
HOUR_MESSAGES_MIN = 100
BEST_HOURS = 3
ALTERNATIVES_MAX = 3
PER_MILLE = 1_000
REPLY_WINDOW_US = 72 * 3_600_000_000


def expected(settings: Settings, store: Database, account: str, people: int) -> dict[str, Any] | None:
    """{"by", "messages", rates per mille, and how many people they come to}, None: no history yet."""
    since_day = day_of(to_epoch_us(datetime.now(UTC))) - HISTORY_DAYS

    def read(account_no: int | None) -> History:
        return store.read(
            lambda rows: campaign_history(rows, settings.shard, since_day, REPLY_WINDOW_US, account_no)
        )

    by, history = "account", read(store.read(lambda rows: account_no_of(rows, account)))
    if history.ended < OWN_MESSAGES_MIN:
        by, history = "operator", read(None)
        if history.ended < ALL_MESSAGES_MIN:
            return None
    # Of tens, as reports tell them: rates of exact numbers would tell of each message that came meanwhile.
    ended, delivered = _tens(history.ended), _tens(len(history.delivered))
    rates = {
        "delivered": PER_MILLE * delivered // ended,
        "replies": PER_MILLE * _tens(history.replies) // max(delivered, 1),
        "opt_outs": PER_MILLE * _tens(history.opt_outs) // max(delivered, 1),
    }
    arrived = people * rates["delivered"] // PER_MILLE
    return {
        "by": by,
        "per_mille": rates,
        "delivered": _tens(arrived),
        "replies": _tens(arrived * rates["replies"] // PER_MILLE),
        "opt_outs": _tens(arrived * rates["opt_outs"] // PER_MILLE),
        "best_hours": best_hours(history, settings.policy.quiet_hours.zone),
    }


def best_hours(history: History, zone: str) -> list[int]:
    """The hours of the day in `zone` after which most answered, best first; none where too few are known."""
    clock = ZoneInfo(zone)
    sent: Counter[int] = Counter()
    answered: Counter[int] = Counter()
    for each in history.delivered:
        hour = from_epoch_us(each.at_us).astimezone(clock).hour
        sent[hour] += 1
        answered[hour] += each.is_answered
    known = [hour for hour, messages in sent.items() if messages >= HOUR_MESSAGES_MIN and answered[hour]]
    return sorted(known, key=lambda hour: (-answered[hour] * PER_MILLE // sent[hour], hour))[:BEST_HOURS]


def alternatives(
    settings: Settings,
    server: Server,
    found: Audience,
    quote: Callable[[Audience], dict[str, Any]],
    channel: str = SMS,
) -> list[dict[str, Any]]:
    """What leaving a condition out changes: {"drop", "rule", "people", "reach_percent", "price_percent"}, of
    those that may be told; the percents are changes against the rule that was asked."""
    told = found.require_disclosed()
    conditions = conditions_of(found.rule.text)
    own_micros = message_micros(quote(found))
    others = []
    for place, dropped in enumerate(conditions[:ALTERNATIVES_MAX] if len(conditions) > 1 else ()):
        rule = " && ".join(conditions[:place] + conditions[place + 1 :])
        try:
            other = count_for(settings, server, rule, found.account, found.category, channel)
            price = quote(other)
        except OperatorError:
            continue  # the operator does not sell it, or the day's questions are spent
        if isinstance(other.disclosed, Disclosed):
            others.append(
                {
                    "drop": dropped,
                    "rule": rule,
                    "people": other.disclosed.count,
                    "reach_percent": _change(told.count, other.disclosed.count),
                    "price_percent": _change(own_micros, message_micros(price)),
                }
            )
    return others


def message_micros(quote: dict[str, Any]) -> int:
    """What one message costs by a quote."""
    return int(quote["segments"]) * int(quote["price_micros"])


def conditions_of(rule: str) -> list[str]:
    """The parts of a rule that are joined by && at its top; the rule alone where there are none."""
    depth, begins, parts = 0, 0, []
    for token in tokenise(rule):
        if token.kind is not TokenKind.SIGN:
            continue
        if token.text in "([":
            depth += 1
        elif token.text in ")]":
            depth -= 1
        elif depth == 0 and token.text in ("||", "?"):
            return [rule]
        elif depth == 0 and token.text == "&&":
            parts.append(rule[begins : token.column - 1].strip())
            begins = token.column - 1 + len(token.text)
    return [*parts, rule[begins:].strip()]


def _change(before: int, after: int) -> int:
    return (200 * (after - before) + before) // (2 * before) if before else 0


def _tens(number: int) -> int:
    return number - number % 10
