"""Selling: an enterprise writes a rule, hears a count, gets a quote, pays in advance and orders.

Somebody of the operator approves. All of it goes through the control socket, and audiences are counted with
the very code of `operator-push audience count`.
"""

from random import Random
from typing import Any

from pyroaring import BitMap

from operator_push.cli.audience_counting import Audience, count_audience, encode_subscribers, permitting
from operator_push.cli.control_client import ControlClient
from operator_push.cli.demo.enterprises import CAMPAIGN_BUYERS, CURRENCY, OPERATOR_APPROVER, Enterprise
from operator_push.cli.demo.plan import DemoPlan
from operator_push.cli.demo.results import Sale
from operator_push.cli.demo.workspace import Workspace
from operator_push.kernel.money import MICROS_PER_UNIT

_PREPAID_STEP_MICROS = 50 * MICROS_PER_UNIT


def sell(control: ControlClient, workspace: Workspace, plan: DemoPlan) -> list[Sale]:
    """Sell both campaigns; they are approved and not started when this returns."""
    for enterprise in CAMPAIGN_BUYERS:
        _open_account(control, enterprise)
    features = workspace.features / "features.json"
    audiences = [
        count_audience(features, control, enterprise.rule, enterprise.account, enterprise.category)
        for enterprise in CAMPAIGN_BUYERS
    ]
    matching = sum(len(audience.subscribers) for audience in audiences)
    share = min(1.0, plan.campaign_messages_max / matching) if matching else 1.0
    return [
        _sell_one(control, enterprise, audience, int(len(audience.subscribers) * share), plan.seed)
        for enterprise, audience in zip(CAMPAIGN_BUYERS, audiences, strict=True)
    ]


def _sell_one(
    control: ControlClient, enterprise: Enterprise, audience: Audience, recipients_max: int, seed: int
) -> Sale:
    told = str(audience.require_disclosed())
    recipients = _limited(audience.subscribers, recipients_max, seed)
    asked: dict[str, Any] = {
        "name": enterprise.campaign,
        "account": enterprise.account,
        "category": enterprise.category,
        "rule": enterprise.rule,
        "source": enterprise.source,
        "text": enterprise.text,
        "audience": encode_subscribers(recipients),
        "ordered_by": enterprise.buyer,
    }
    quote = control.call("campaign.quote", **asked)
    prepaid = -(-quote["quoted_micros"] // _PREPAID_STEP_MICROS) * _PREPAID_STEP_MICROS
    control.call(
        "account.top_up", name=enterprise.account, amount_micros=prepaid, reference=f"{enterprise.account}-1"
    )
    order = control.call("campaign.order", **asked)
    control.call("campaign.approve", name=enterprise.campaign, approver=enterprise.checker, side="client")
    approved = control.call("campaign.approve", name=enterprise.campaign, approver=OPERATOR_APPROVER)
    return Sale(
        enterprise=enterprise,
        words=audience.rule.words(),
        permitting=len(permitting(control, "marketing", audience.brand, audience.category)),
        matching=len(audience.subscribers),
        told=told,
        recipients=list(recipients),
        segments=int(quote["segments"]),
        quoted_micros=int(order["quoted_micros"]),
        prepaid_micros=prepaid,
        ordered_by=str(approved["ordered_by"]),
        approved_by=str(approved["approved_by"]),
    )


def _limited(subscribers: BitMap, recipients_max: int, seed: int) -> BitMap:
    """All of them, or as many as the run has messages for, drawn by its seed."""
    if len(subscribers) <= recipients_max:
        return subscribers
    return BitMap(Random(f"{seed}:recipients").sample(list(subscribers), recipients_max))


def _open_account(control: ControlClient, enterprise: Enterprise) -> None:
    control.call(
        "account.add",
        name=enterprise.account,
        kind="enterprise",
        password=None,
        traffic_class="promotional",
        senders=[enterprise.source],
        any_destination=False,
        brand=enterprise.brand,
        category=enterprise.category,
        prepaid_micros=None,
        currency=CURRENCY,
        window=None,
        max_binds=None,
    )
