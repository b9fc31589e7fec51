"""The commands `smsc-sim scenarios`, `scenario show` and `assertions`: what there is to choose from."""

import click

from operator_push.kernel.errors import OperatorError
from smsc_sim.assertions.figures import COUNTERS, FACTS, LATENCIES
from smsc_sim.library import headline, scenario_names, scenario_path

EXIT_WRONG_INPUT = 2


@click.command()
def scenarios() -> None:
    """List the ready scenarios, one line each. Run one with 'smsc-sim run --scenario NAME'."""
    names = scenario_names()
    width = max(map(len, names), default=0)
    for name in names:
        click.echo(f"{name:{width}}  {headline(name)}")


@click.group()
def scenario() -> None:
    """Look at a ready scenario."""


@scenario.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the file of a ready scenario, to read it or to begin one's own: '… > mine.toml'."""
    try:
        click.echo(scenario_path(name).read_text(encoding="utf-8"), nl=False)
    except OperatorError as error:
        click.echo(f"smsc-sim: {error}", err=True)
        raise SystemExit(EXIT_WRONG_INPUT) from error


@click.command()
def assertions() -> None:
    """List the figures that [[assert]] can speak of.

    \b
    In a scenario, or in a file of its own for 'smsc-sim run --assertions FILE':
        [[assert]]
        what = "receipts:DELIVERED"
        operator = ">="           # == != < <= > >=; == unless given
        value = 100               # or another figure: "messages:DELIVERED"
    """
    width = max(len(name) for name in (*FACTS, *LATENCIES))
    click.echo("Facts of the witness and the CDR rows; * takes an argument after a colon:\n")
    for name, told in (FACTS | LATENCIES).items():
        click.echo(f"    {name:{width}}  {told}")
    click.echo(f"\nCounters, as in status.json:\n\n    {', '.join(COUNTERS)}")
