"""operator-push list: the distribution lists that a client may address with submit_multi."""

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.printing import json_option, print_json
from operator_push.cli.server_option import through_server
from operator_push.cli.subject_group import SubjectGroup

account_option = click.option("--account", required=True, help="The client whose list it is.")


@click.group("list", cls=SubjectGroup)
def distribution_list() -> None:
    """Distribution lists of clients, for submit_multi."""


@distribution_list.command()
@click.argument("name")
@click.argument("msisdn", nargs=-1, required=True)
@account_option
@json_option
@through_server
def add(server: ControlClient, as_json: bool, name: str, msisdn: tuple[str, ...], account: str) -> None:
    """Put each MSISDN on the list NAME, which is made where it is not there."""
    _print(server.call("list.add", account=account, name=name, msisdns=list(msisdn)), "added", as_json)


@distribution_list.command()
@click.argument("name")
@account_option
@json_option
@through_server
def show(server: ControlClient, as_json: bool, name: str, account: str) -> None:
    """Show who is on the list NAME; the vault records that it was asked."""
    result = server.call("list.show", account=account, name=name)
    if as_json:
        print_json(result)
        return
    for msisdn in result["msisdns"]:
        click.echo(msisdn)


@distribution_list.command()
@click.argument("name")
@click.argument("msisdn", nargs=-1)
@account_option
@json_option
@through_server
def remove(server: ControlClient, as_json: bool, name: str, msisdn: tuple[str, ...], account: str) -> None:
    """Take each MSISDN off the list NAME; without any the whole list goes."""
    _print(server.call("list.remove", account=account, name=name, msisdns=list(msisdn)), "removed", as_json)


def _print(result: dict[str, object], done: str, as_json: bool) -> None:
    if as_json:
        print_json(result)
    else:
        click.echo(f"{result['changed']} {done}; the list has {result['members']} now.")
