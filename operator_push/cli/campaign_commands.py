"""operator-push campaign: from an order to the last recipient handed in, all through the running server.

Here is the group, and what happens before a launch. Who orders and who approves are two people.
"""

from typing import Any

import click

from operator_push.cli import campaign_running_commands as running
from operator_push.cli import campaign_watching_commands as watching
from operator_push.cli.audience_counting import Server
from operator_push.cli.campaign_customers import customers
from operator_push.cli.campaign_lookup import find_campaign
from operator_push.cli.campaign_ordering import put_order, terms_of, terms_options
from operator_push.cli.campaign_preview import preview
from operator_push.cli.campaign_printing import print_campaign, terms_json
from operator_push.cli.campaign_report import report
from operator_push.cli.campaign_responses import responses
from operator_push.cli.printing import json_option
from operator_push.cli.server_option import through_server
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.text_options import TEXT_OPTION, text_or_variants
from operator_push.config import Settings
from operator_push.domain.arbitration import PRIORITY, PRIORITY_MAX
from operator_push.services.order_campaign import SIDES


@click.group(cls=SubjectGroup)
def campaign() -> None:
    """Campaigns: create, approve, launch, watch.

    \b
    preview  what people would read, and what it would cost
    create   by the client: rule, text and price are fixed, and its money is set aside
    approve  by somebody else for the client, and by a third person for the operator
    launch   hands everybody in whom the rule finds then; may be broken off and begun again
    """


@campaign.command()
@click.argument("name")
@click.option("--rule", required=True, help="Audience rule; see `operator-push audience --help`.")
@click.option("--account", required=True, help="The client who pays.")
@click.option("--category", type=click.IntRange(1, 8), required=True, help="1..8 (TRAI's list).")
@click.option("--source", required=True, help="Sender address.")
@TEXT_OPTION
@terms_options
@click.option("--by", "ordered_by", default="", help="Who orders [default: the account].")
@json_option
@with_settings
def create(settings: Settings, as_json: bool, **asked: Any) -> None:
    """Order the campaign NAME at today's quote; it then waits for approval by both sides.

    What it may cost is set aside: nothing else of the account can spend it until the campaign ends.
    """
    terms = terms_of(asked)
    asked["text"] = text_or_variants(asked["text"], terms)
    with server_of(settings) as server:
        print_campaign(put_order(settings, server, "campaign.order", asked, terms), as_json)


@campaign.command()
@click.argument("name")
@click.option("--rule", help="Another audience rule.")
@click.option("--category", type=click.IntRange(1, 8), help="Another category.")
@click.option("--source", help="Another sender address.")
@click.option("--text", help="Another text.")
@terms_options
@click.option("--by", "ordered_by", default="", help="Who changes it [default: the account].")
@json_option
@with_settings
def change(settings: Settings, as_json: bool, name: str, **asked: Any) -> None:
    """Change the campaign NAME before its launch: it is quoted anew, and waits for both approvals again.

    What is not given stays; terms are given anew, all of them or none.
    """
    terms = terms_of(asked)
    with server_of(settings) as server:
        found = find_campaign(server, name)
        kept = {key: found[key] for key in ("name", "account", "rule", "category", "source", "text")}
        given = {key: value for key, value in asked.items() if value is not None}
        again = terms or terms_json(found.get("terms", {}))
        print_campaign(put_order(settings, server, "campaign.change", kept | given, again), as_json)


@campaign.command()
@click.argument("name")
@click.option("--by", "approver", required=True, help="Who approves; nobody who ordered or approved it.")
@click.option(
    "--as", "side", type=click.Choice(SIDES), default="operator", show_default=True, help="For whom."
)
@click.option(
    "--priority",
    type=click.IntRange(0, PRIORITY_MAX),
    help=f"Declared by the operator; higher ones get a person's last slot [default: {PRIORITY}].",
)
@json_option
@through_server
def approve(server: Server, as_json: bool, name: str, approver: str, side: str, priority: int | None) -> None:
    """Approve the campaign NAME: once for the client, once for the operator, by different people."""
    declared = {} if priority is None else {"priority": priority}
    print_campaign(
        server.call("campaign.approve", name=name, approver=approver, side=side, **declared), as_json
    )


@campaign.command()
@click.argument("name")
@json_option
@through_server
def reject(server: Server, as_json: bool, name: str) -> None:
    """Say no to the campaign NAME; what is set aside for it is free again, and it may be changed."""
    print_campaign(server.call("campaign.reject", name=name), as_json)


for command in (
    running.launch,
    running.pause,
    running.stop,
    running.resume,
    running.finish,
    running.cancel,
    running.run,
    running.trigger,
    watching.list_campaigns,
    watching.show,
    watching.explain,
    report,
    preview,
    customers,
    responses,
):
    campaign.add_command(command)
campaign.add_command(click.Command("order", callback=create.callback, params=create.params, hidden=True))
