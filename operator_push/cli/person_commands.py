"""operator-push person: customer code, number and e-mail address of one person, linked by codes."""

from pathlib import Path
from typing import Any

import click

from operator_push.cli.audience_counting import Server
from operator_push.cli.printing import json_option, print_fields, print_json
from operator_push.cli.server_option import through_server
from operator_push.cli.settings_option import with_settings
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.kernel.errors import OperatorError

_account = click.option("--account", default="", help="The client [default: the operator].")
_msisdn = click.option("--msisdn", default="", help="International number of the person.")
_SHOWN = (("number", "number"), ("customer code", "customer_code"), ("e-mail", "email"))
_code = click.option("--customer-code", default="", help="What the client calls the customer.")


@click.group(cls=SubjectGroup)
def person() -> None:
    """People: customer code, number and e-mail address, linked by proof.

    \b
    link     a code goes to the number, and another to the address
    confirm  the codes that came back; with all of them the link holds
    unlink   deletes what is linked
    export   everything that is known of a person, for that person
    """


@person.command()
@_account
@click.option("--msisdn", required=True, help="International number of the person.")
@_code
@click.option("--email", default="", help="Address of the person; a code goes there, too.")
@click.option("--language", default="", help="Language of the texts [default: of [answers]].")
@json_option
@through_server
def link(server: Server, as_json: bool, **asked: Any) -> None:
    """Begin to link a customer code, an address or both to a number."""
    told = server.call("person.link", by=who_asks(), **asked)
    if as_json:
        print_json(told)
        return
    ways = [way for way, sent in (("SMS", told["sms"]), ("e-mail", told["email"] == "sent")) if sent]
    click.echo(f"a code is sent by {' and another by '.join(ways) or 'nothing'}; until {told['expires_at']}.")
    if told["email"] == "not sent":
        raise OperatorError("the e-mail was not sent; the server's log tells why")


@person.command()
@_account
@click.option("--msisdn", required=True, help="International number of the person.")
@click.option("--sms-code", default="", help="The code that came back from the number.")
@click.option("--email-code", default="", help="The code that came back from the address.")
@json_option
@through_server
def confirm(server: Server, as_json: bool, **asked: Any) -> None:
    """Take the codes that came back, in one go or one by one."""
    told = server.call("person.confirm", by=who_asks(), **asked)
    if as_json:
        print_json(told)
    elif told["linked"]:
        click.echo("linked.")
    else:
        click.echo(f"taken; the code by {' and by '.join(told['missing'])} is still missing.")


@person.command()
@_account
@_msisdn
@_code
@json_option
@through_server
def unlink(server: Server, as_json: bool, **asked: Any) -> None:
    """Delete what is linked to a number, or to a customer code."""
    told = server.call("person.unlink", by=who_asks(), **asked)
    if as_json:
        print_json(told)
    else:
        click.echo("unlinked." if told["unlinked"] else "nothing was linked.")


@person.command()
@_account
@_msisdn
@_code
@json_option
@through_server
def show(server: Server, as_json: bool, **asked: Any) -> None:
    """Show what is linked, masked; who looks is noted in the vault's audit."""
    told = server.call("person.show", by=who_asks(), **asked)
    if as_json:
        print_json(told)
        return
    for name, found in (("linked", told["link"]), ("asked", told["asked"])):
        if found is not None:
            print_fields([(name, found.get("linked_at") or f"until {found['expires_at']}"), *_fields(found)])
    if told["link"] is None and told["asked"] is None:
        click.echo("nothing is linked.")


@person.command("export")
@click.option("--msisdn", required=True, help="International number of the person.")
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for my-data.json and my-data.zip.",
)
@json_option
@with_settings
def export_command(settings: Settings, as_json: bool, msisdn: str, folder: Path) -> None:
    """Write everything about one person, as JSON and as CSV tables, for that person.

    What was learnt and declared, the records that are kept, consents with their evidence, messages, rewards,
    links and wishes, each with its source: what self-care offers on the page "Your data". What the person
    does not permit to be looked at is not in it. Who asks is noted in the vault's audit.
    """
    from operator_push.cli.person_export import export_person

    counts = export_person(settings, msisdn, folder, who_asks())
    if as_json:
        print_json({"folder": str(folder), "rows": counts})
    else:
        print_fields((name, f"{count:,} rows") for name, count in counts.items())


def _fields(found: dict[str, Any]) -> list[tuple[str, Any]]:
    fields = [(name, found[key]) for name, key in _SHOWN]
    if "missing" in found:
        fields.append(("missing", ", ".join(found["missing"])))
    return [field for field in fields if field[1]]
