"""The option --features: which features are computed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

ALL = "all"
Command = TypeVar("Command", bound=Callable[..., Any])


def features_option() -> Callable[[Command], Command]:
    """--features, a tuple of names; ("all",) for all of them and empty where it is not given."""
    return click.option(
        "--features",
        metavar="NAME,…",
        default="",
        callback=lambda _context, _option, text: tuple(
            name for name in text.replace(" ", "").split(",") if name
        ),
        help="Compute only these (`cdr-ingest features list` names them): what no other needs is not even "
        f"summed. `{ALL}` computes every one.  [default: those of the run before, at first all]",
    )


def chosen(asked: tuple[str, ...], out: Path) -> Any:
    """What is to be computed in an out folder, and what that is made from.

    Raises:
        OperatorError: there is no such feature.
    """
    from cdr_ingest.features.needs import chosen_before, needs_of

    if asked == (ALL,):
        return needs_of()
    return needs_of(asked or chosen_before(out))
