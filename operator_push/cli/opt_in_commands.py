"""operator-push opt-in: the touchpoints at which people opt in to a brand's marketing."""

from html import escape
from urllib.parse import quote

import click

from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.subject_group import SubjectGroup
from operator_push.config import Settings
from operator_push.domain.consent_record import EXTRA
from operator_push.kernel.errors import OperatorError
from operator_push.services.take_opt_ins import DOORS


@click.group("opt-in", cls=SubjectGroup)
def opt_in() -> None:
    """Touchpoints ([[opt_in]] of the configuration) at which people opt in to marketing."""


@opt_in.command("list")
@json_option
@with_settings
def list_command(settings: Settings, as_json: bool) -> None:
    """List the touchpoints with the address that a QR code or a link of theirs carries."""
    rows = [
        {
            "name": each.name,
            "brand": each.brand,
            "short_code": each.short_code,
            "keyword": each.keyword,
            "double": each.double,
            "missed_call": each.missed_call,
            "address": f"sms:{each.short_code}?body={quote(each.keyword)}" if each.keyword else "",
        }
        for each in settings.opt_in
    ]
    if as_json:
        print_json(rows)
    else:
        shown = [[str(value) for value in row.values()] for row in rows]
        print_table(("NAME", "BRAND", "CODE", "KEYWORD", "DOUBLE", "MISSED CALL", "ADDRESS"), shown)


@opt_in.command("request")
@click.argument("name")
@click.option("--msisdn", required=True, help="International number of who wants to opt in.")
@click.option("--method", type=click.Choice(DOORS), required=True, help="The door at which they said so.")
@click.option(
    "--more", multiple=True, metavar="NAME=TEXT", help="Evidence, such as ip=192.0.2.7; repeatable."
)
@json_option
@with_settings
def request_command(
    settings: Settings, as_json: bool, name: str, msisdn: str, method: str, more: tuple[str, ...]
) -> None:
    """Ask a number by SMS to confirm what was typed, scanned or called at a door.

    Nothing is granted before the number itself answers YES in time.
    """
    evidence = {}
    for pair in more:
        key, equals, value = pair.partition("=")
        if not equals or key not in EXTRA:
            raise OperatorError(f"{pair!r} is not NAME=TEXT with one of {', '.join(EXTRA)}", key="--more")
        evidence[key] = value
    with server_of(settings) as server:
        told = server.call("opt_in.request", name=name, msisdn=msisdn, method=method, evidence=evidence)
    if as_json:
        print_json(told)
    else:
        click.echo(f"{told['outcome']}.")


@opt_in.command("missed-call")
@click.option("--called", required=True, help="The number that was called, missed_call of an [[opt_in]].")
@click.option("--caller", required=True, help="International number of who called and hung up.")
@json_option
@with_settings
def missed_call_command(settings: Settings, as_json: bool, called: str, caller: str) -> None:
    """Ask a caller by SMS to confirm; for the operator's switch, which tells of calls that were not answered.

    Nothing is granted before the number itself answers YES in time: a caller's number can be forged.
    """
    with server_of(settings) as server:
        told = server.call("opt_in.missed_call", called=called, caller=caller)
    if as_json:
        print_json(told)
    else:
        click.echo(f"{told['outcome']}.")


@opt_in.command("widget")
@click.argument("name")
@json_option
@with_settings
def widget_command(settings: Settings, as_json: bool, name: str) -> None:
    """Print what a brand puts into its web page to show the form of NAME: a frame, or a script."""
    found = next((each for each in settings.opt_in if each.name == name), None)
    if found is None:
        raise OperatorError(f"no [[opt_in]] is called {name!r}")
    if not found.widget_origins:
        raise OperatorError(f"names no site for {name!r} yet", key="opt_in.widget_origins")
    address = f"{settings.selfcare.base_url}/widget/{name}"
    title = escape(f"Messages from {found.brand}", quote=True)
    told = {
        "origins": list(found.widget_origins),
        "frame": f'<iframe src="{address}" title="{title}" width="360" height="640"></iframe>',
        "script": f'<script src="{address}.js"></script>',
    }
    if as_json:
        print_json(told)
        return
    click.echo(f"On pages of {', '.join(found.widget_origins)}, without JavaScript:\n\n  {told['frame']}\n")
    click.echo(f"or with it, where the form is to stand:\n\n  {told['script']}")
