"""operator-push account: clients and their prepaid money, changed through the running server.

Amounts are decimal text at the door and integer micros on the way to the server. A password is asked for
where it is not given, so that it need not stand in the shell's history.
"""

from typing import Any

import click

from operator_push.cli.account_options import UNSETTABLE, given, terms_options, terms_shown
from operator_push.cli.control_client import ControlClient
from operator_push.cli.money_options import money_shown
from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.queue_words import print_stopped
from operator_push.cli.server_option import through_server
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.who import who_asks
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import format_micros, parse_amount

PASSWORD_MAX = 8  # SMPP v3.4 section 5.2.2: 9 octets with the closing NUL.
SYSTEM_ID_MAX = 15  # SMPP v3.4 section 5.2.1: 16 octets with the closing NUL.


@click.group(cls=SubjectGroup)
def account() -> None:
    """Clients: ESMEs that bind to us and enterprises that buy campaigns.

    An account's NAME is what an ESME binds with as system_id. Everything here goes through the running
    server and is in force at once.
    """


@account.command()
@click.argument("name")
@click.option("--kind", type=click.Choice(["esme", "enterprise"]), default="esme", show_default=True)
@click.option(
    "--password",
    envvar="OPERATOR_PUSH_ACCOUNT_PASSWORD",
    help="At most 8 characters; asked if left out.",
)
@click.option(
    "--class",
    "traffic_class",
    type=click.Choice(["transactional", "service", "promotional"]),
    default="promotional",
    show_default=True,
    help="What its messages are; transactional ones need no consent, so give it with care.",
)
@click.option("--sender", "senders", multiple=True, help="A sender address it may use; repeat. None: any.")
@click.option("--any-destination", is_flag=True, help="May also send to those who are not our subscribers.")
@click.option("--brand", help="The brand that subscribers consented to [default: NAME].")
@click.option("--category", type=click.IntRange(1, 8), help="Category of its messages, 1..8 (TRAI's list).")
@click.option("--prepaid", metavar="AMOUNT", help="Opening balance, such as 250 or 0.50.")
@click.option(
    "--currency", metavar="ISO", help="Currency of all its money, for good [default: of the simple rows]."
)
@click.option("--window", type=click.IntRange(min=1), help="Unanswered PDUs per bind.")
@click.option("--max-binds", type=click.IntRange(min=1), help="Binds at the same time.")
@terms_options
@json_option
@through_server
def add(
    server: ControlClient,
    as_json: bool,
    name: str,
    kind: str,
    password: str | None,
    prepaid: str | None,
    senders: tuple[str, ...],
    traffic_class: str,
    any_destination: bool,
    brand: str | None,
    category: int | None,
    currency: str | None,
    window: int | None,
    max_binds: int | None,
    **terms: Any,
) -> None:
    """Add the account NAME. What is left out has no limit; `account set` changes it later."""
    if kind == "esme":
        _check_length("NAME", name, SYSTEM_ID_MAX)
        if password is None:
            password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    if password is not None:
        _check_length("the password", password, PASSWORD_MAX)
    result = server.call(
        "account.add",
        name=name,
        kind=kind,
        password=password,
        senders=list(senders),
        prepaid_micros=_amount(prepaid) if prepaid is not None else 0,
        traffic_class=traffic_class,
        any_destination=any_destination,
        brand=brand,
        category=category,
        currency=currency,
        window=window,
        max_binds=max_binds,
        **given(terms),
    )
    _print_account(result, as_json)


@account.command("set")
@click.argument("name")
@click.option("--password", is_flag=True, help="Ask for a new password, for the next bind.")
@click.option("--class", "traffic_class", type=click.Choice(["transactional", "service", "promotional"]))
@click.option("--sender", "senders", multiple=True, help="A sender address it may use; repeat.")
@click.option("--any-destination/--our-subscribers", default=None, help="Whom it may send to.")
@click.option("--category", type=click.IntRange(1, 8), help="Category of its messages, 1..8 (TRAI's list).")
@click.option("--window", type=click.IntRange(min=1), help="Unanswered PDUs per bind, each way.")
@click.option("--max-binds", type=click.IntRange(min=1), help="Binds at the same time.")
@terms_options
@click.option(
    "--unset",
    multiple=True,
    type=click.Choice([*UNSETTABLE]),
    help="Put this back to its default, which for a limit is no limit; repeat.",
)
@json_option
@through_server
def change(
    server: ControlClient, as_json: bool, name: str, password: bool, unset: tuple[str, ...], **options: Any
) -> None:
    """Change what is given of NAME, for its next bind and its next message; no bind is closed by it.

    An option that is given replaces all that stood there: to add an address range, give the old ones too.
    """
    asked = given(options)
    for option in unset:
        if UNSETTABLE[option] in asked:
            raise OperatorError(f"--{option} and --unset {option} exclude each other")
        asked[UNSETTABLE[option]] = None
    if password:
        asked["password"] = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        _check_length("the password", asked["password"], PASSWORD_MAX)
    if not asked:
        raise OperatorError("nothing to change was given; see operator-push account set --help")
    _print_account(server.call("account.set", name=name, **asked), as_json)


@account.command()
@click.argument("name")
@json_option
@through_server
def suspend(server: ControlClient, as_json: bool, name: str) -> None:
    """Refuse everything from NAME, message by message; its binds stay up, what is accepted goes on."""
    _print_account(server.call("account.suspend", name=name), as_json)


@account.command()
@click.argument("name")
@click.option("--cancel", is_flag=True, help="End what is queued and release its holds; it cannot come back.")
@json_option
@through_server
def stop(server: ControlClient, as_json: bool, name: str, cancel: bool) -> None:
    """Emergency stop: suspend NAME, and let nothing of it leave that is queued already.

    What is queued is held, its money too, until `account resume`, also over a restart.
    """
    result = server.call("account.stop", name=name, cancel=cancel, by=who_asks())
    _print_account(result, as_json)
    if not as_json:
        print_stopped(result)


@account.command()
@click.argument("name")
@json_option
@through_server
def resume(server: ControlClient, as_json: bool, name: str) -> None:
    """Let NAME bind and send again, and release what a stop has held."""
    _print_account(server.call("account.resume", name=name, by=who_asks()), as_json)


@account.command()
@click.argument("name")
@json_option
@through_server
def show(server: ControlClient, as_json: bool, name: str) -> None:
    """Show NAME: settings, balance, binds."""
    _print_account(server.call("account.show", name=name), as_json)


@account.command("list")
@json_option
@through_server
def list_accounts(server: ControlClient, as_json: bool) -> None:
    """List all accounts."""
    accounts = server.call("account.list")["accounts"]
    if as_json:
        print_json(accounts)
        return
    header = ("NAME", "KIND", "STATE", "CLASS", "BRAND", "AVAILABLE", "HELD", "BINDS")
    print_table(header, (_row(row) for row in accounts))


@account.command("top-up")
@click.argument("name")
@click.argument("amount")
@click.option(
    "--reference",
    required=True,
    help="Your own name for this payment; the same reference again changes nothing, so a retry is harmless.",
)
@json_option
@through_server
def top_up(server: ControlClient, as_json: bool, name: str, amount: str, reference: str) -> None:
    """Add AMOUNT (such as 250 or 0.50) to the prepaid balance of NAME."""
    micros = _amount(amount)
    result = server.call("account.top_up", name=name, amount_micros=micros, reference=reference)
    if as_json:
        print_json(result)
        return
    done = "added already" if result["duplicate"] else "added"
    click.echo(
        f"{format_micros(micros)} {result['currency']} {done} to {name} under {reference}; "
        f"available now: {format_micros(result['available_micros'])} {result['currency']}"
    )


def _amount(text: str) -> int:
    micros = parse_amount(text)
    if micros <= 0:
        raise OperatorError(f"amount {text!r} must be above 0")
    return micros


def _check_length(what: str, text: str, characters_max: int) -> None:
    if not (1 <= len(text) <= characters_max and text.isascii() and text.isprintable() and " " not in text):
        raise OperatorError(
            f"{what} must have 1..{characters_max} printable ASCII characters without spaces, as SMPP allows"
        )


def _print_account(result: dict[str, Any], as_json: bool) -> None:
    shown = result["account"]
    if as_json:
        print_json(shown)
        return
    currency = shown["currency"]
    print_fields(
        [
            ("name", shown["name"]),
            ("kind", shown["kind"]),
            ("state", _state(shown)),
            ("class", shown["traffic_class"]),
            ("brand", shown["brand"]),
            ("category", shown["category"] or "none"),
            ("senders", ", ".join(shown["senders"]) or "any"),
            ("destinations", "any number" if shown["any_destination"] else "our subscribers"),
            ("window", shown["window"]),
            ("binds", f"{shown['binds']} of {shown['max_binds']}"),
            ("available", f"{format_micros(shown['available_micros'])} {currency}"),
            ("held", f"{format_micros(shown['held_micros'])} {currency}"),
            *_reserved_shown(shown, currency),
            *terms_shown(shown.get("terms", {})),
            *([("quota used", shown["quota_used"])] if shown.get("quota_used") is not None else []),
            *([("throttled", shown["throttled"])] if shown.get("throttled") else []),
            *money_shown(shown),
        ]
    )


def _row(shown: dict[str, Any]) -> tuple[Any, ...]:
    return (
        shown["name"],
        shown["kind"],
        _state(shown),
        shown["traffic_class"],
        shown["brand"],
        f"{format_micros(shown['available_micros'])} {shown['currency']}",
        f"{format_micros(shown['held_micros'])} {shown['currency']}",
        shown["binds"],
    )


def _state(shown: dict[str, Any]) -> str:
    return "active" if shown["active"] else "suspended"


def _reserved_shown(shown: dict[str, Any], currency: str) -> list[tuple[str, str]]:
    """What is set aside for campaigns, where anything is."""
    micros = shown.get("reserved_micros")
    return [("reserved", f"{format_micros(micros)} {currency} for campaigns")] if micros else []
