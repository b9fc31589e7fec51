"""The command `smsc-sim faults`: every kind of fault with its keys, and the vendor texts, from the tables."""

import inspect
import typing

import click
import msgspec

from smsc_sim.faults.table import Fault, kind_of
from smsc_sim.faults.tables import AnyFault
from smsc_sim.faults.vendor_texts import VENDOR_TEXTS

_COMMON = frozenset(Fault.__struct_fields__)


@click.command()
def faults() -> None:
    """Tell every kind of fault that a scenario can have: what it does, its keys and their defaults.

    \b
    A scenario has any number of them; each can be switched while the run goes on:
        [[fault]]
        kind = "receipt_lost"
        share = 0.01
    """
    click.echo("Keys of every [[fault]], all of which must hold for it to strike:\n")
    click.echo(_indented(inspect.getdoc(Fault) or ""))
    click.echo(f"\n    {_defaults(Fault, frozenset())}\n")
    for kind in typing.get_args(AnyFault):
        click.echo(f'kind = "{kind_of(kind())}"')
        click.echo(_indented(inspect.getdoc(kind) or ""))
        own = _defaults(kind, _COMMON)
        click.echo(f"    {own}\n" if own else "")
    click.echo('Vendor texts, for kind = "receipt_text":\n')
    for name, vendor in VENDOR_TEXTS.items():
        click.echo(f"    {name:14} {vendor.seen}")


def _defaults(kind: type[Fault], but: frozenset[str]) -> str:
    fields = [field for field in msgspec.structs.fields(kind) if field.name not in but]
    return ", ".join(f"{field.name} = {_toml(_default(field))}" for field in fields)


def _default(field: msgspec.structs.FieldInfo) -> object:
    return {} if field.default is msgspec.NODEFAULT else field.default


def _toml(value: object) -> str:
    match value:
        case None:
            return "(none)"
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case tuple():
            return "[" + ", ".join(_toml(one) for one in value) + "]"
        case _:
            return str(value)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())
