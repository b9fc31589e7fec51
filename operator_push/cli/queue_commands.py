"""operator-push queue: what waits to be sent, and holding, releasing and routing it again.

Everything goes through the running server and is in force at once. To stop an account, a campaign or a link
as a whole, see also `account stop`, `campaign stop` and `link stop`.
"""

from typing import Any

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.queue_words import print_stopped
from operator_push.cli.server_option import through_server
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.who import who_asks
from operator_push.kernel.errors import OperatorError

CLASSES = ("transactional", "service", "promotional")

_message = click.option("--message", metavar="ID", help="One message.")
_account = click.option("--account", metavar="NAME", help="Everything of an account.")
_campaign = click.option("--campaign", metavar="NAME", help="Everything of a campaign.")
_link = click.option("--link", metavar="NAME", help="Everything at a link.")


@click.group(cls=SubjectGroup)
def queue() -> None:
    """What waits to be sent: list, hold, release, requeue."""


@queue.command("list")
@_link
@_account
@_campaign
@click.option("--class", "traffic_class", type=click.Choice(CLASSES), help="Only this class of traffic.")
@json_option
@through_server
def list_queue(server: ControlClient, as_json: bool, **wanted: Any) -> None:
    """Show what waits, by link, account, campaign and class, oldest first."""
    rows = server.call("queue.list", **wanted)["rows"]
    if as_json:
        print_json(rows)
        return
    header = ("LINK", "ACCOUNT", "CAMPAIGN", "CLASS", "STATE", "MESSAGES", "SEGMENTS", "OLDEST")
    print_table(
        header,
        (
            (
                row["link"] or "none",
                row["account"],
                row["campaign"] or "-",
                row["traffic_class"],
                "held" if row["held"] else "waits",
                row["messages"],
                row["segments"],
                row["oldest_at"],
            )
            for row in rows
        ),
    )


@queue.command()
@_message
@_account
@_campaign
@_link
@json_option
@through_server
def hold(server: ControlClient, as_json: bool, link: str | None, **named: str | None) -> None:
    """Let nothing of it leave until its release, also over a restart; give one option.

    Messages of a held account or campaign are still accepted, and wait. Holding a link is stopping it: what
    waits there goes through another link that reaches it, or waits.
    """
    _turn(server, as_json, "link.stop", "queue.hold", link, named, {})


@queue.command()
@_message
@_account
@_campaign
@_link
@click.option("--cancel", is_flag=True, help="End it and release its holds instead; not for a link.")
@json_option
@through_server
def release(
    server: ControlClient, as_json: bool, link: str | None, cancel: bool, **named: str | None
) -> None:
    """Let it leave again; give one option. What another hold names stays held."""
    if link and cancel:
        raise OperatorError("what waits at a link is ended with: operator-push link stop NAME --cancel")
    _turn(server, as_json, "link.start", "queue.release", link, named, {"cancel": cancel})


@queue.command()
@_link
@json_option
@through_server
def requeue(server: ControlClient, as_json: bool, link: str | None) -> None:
    """Route again what waits at a link, or at all of them, and try at once what waits for a retry.

    What is at the SMSC, or may be, is never touched: only the SMSC can say what became of it.
    """
    done = server.call("queue.requeue", link=link)
    if as_json:
        print_json(done)
        return
    click.echo(f"{done['requeued']} messages routed again, {done['moved']} of them go another way")


def _turn(
    server: ControlClient,
    as_json: bool,
    link_call: str,
    queue_call: str,
    link: str | None,
    named: dict[str, str | None],
    more: dict[str, Any],
) -> None:
    given = {key: value for key, value in {**named, "link": link}.items() if value}
    if len(given) != 1:
        raise OperatorError("give one of --message, --account, --campaign and --link")
    if link:
        result = server.call(link_call, name=link, by=who_asks())
        shown, moved = result["link"], result["moved"]
        words = f"link {link} is {shown['state']}: {moved} messages moved, {shown['waiting']} segments wait"
    else:
        result = server.call(queue_call, **given, **more, by=who_asks())
        words = ""
    if as_json:
        print_json(result)
    elif words:
        click.echo(words)
    else:
        print_stopped(result, "are held" if queue_call == "queue.hold" else "are released")
