"""Help of a subject: whole sentences, whatever the width of the terminal."""

import click
from click.testing import CliRunner

from operator_push.cli.main import main
from operator_push.cli.subject_group import SubjectGroup

SENTENCE = "Let the price of this very prefix and class end at a moment; shorter prefixes apply from then on"


@click.group(cls=SubjectGroup)
def subject() -> None:
    """A subject."""


@subject.command(help=f"{SENTENCE}.\n\nMore of it.")
def end() -> None: ...


@subject.command(hidden=True)
def secret() -> None: ...


def test_a_command_is_listed_with_its_whole_first_sentence():
    told = " ".join(CliRunner().invoke(subject, ["--help"], terminal_width=60).output.split())
    assert SENTENCE in told
    assert "More of it" not in told
    assert "secret" not in told


def test_no_subject_of_the_product_cuts_a_sentence():
    for name in main.list_commands(click.Context(main)):
        command = main.get_command(click.Context(main), name)
        if isinstance(command, click.Group):
            told = CliRunner().invoke(main, [name, "--help"]).output
            assert "..." not in told.partition("Commands:")[2], name
