"""operator-push words: what a subscriber's text would be taken for."""

import json
from datetime import UTC, datetime

import click

from operator_push.cli.printing import json_option
from operator_push.cli.subject_group import SubjectGroup
from operator_push.domain.words import reader_for


@click.group(cls=SubjectGroup)
def words() -> None:
    """What subscribers' words are taken for."""


@words.command()
@click.option("--pack", "pack_name", required=True, help="The jurisdiction pack whose languages are heard.")
@click.option("--brand", "brands", multiple=True, metavar="NAME", help="A name that may stand beside a word.")
@click.argument("texts", nargs=-1, required=True, metavar="TEXT…")
@json_option
def classify(as_json: bool, pack_name: str, brands: tuple[str, ...], texts: tuple[str, ...]) -> None:
    """Say what each text asks for: stop, stop_all, start, help, info, why, menu, review or none.

    One line a text, in their order. review means that the text holds a word for stopping and nobody can be
    sure; it changes nothing and opens a review item. A text that begins with a dash stands behind --.
    """
    reader = reader_for(pack_name, datetime.now(UTC).date())
    for text in texts:
        heard = reader.read(text, brands)
        action = heard.action.name.lower()
        if as_json:
            row = {"text": text, "action": action, "matched": heard.matched}
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            click.echo(f"{action:<9} {heard.matched or '-':<24} {text!r}")
