"""Options that commands about rules share."""

from typing import Any

import click

from operator_push.domain.audience.phrasebook import LANGUAGES


def language_option(command: Any) -> Any:
    """Add --language; the command gets `language: str`."""
    return click.option(
        "--language",
        type=click.Choice(LANGUAGES),
        default="en",
        show_default=True,
        help="In whose words the rule is said.",
    )(command)
