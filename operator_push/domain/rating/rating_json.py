"""A price as JSON: what `operator-push price --json`, the control socket and a message's story show."""

from collections.abc import Iterable
from typing import Any

from operator_push.domain.rating.values import Line, Rating


def rating_json(rating: Rating) -> dict[str, Any]:
    """A price as `operator-push price --json --explain` prints it: lines, total, every rule."""
    return {
        "segments": rating.segments,
        "lines": lines_json(rating.lines),
        "total_micros": rating.total_micros,
        "currency": rating.currency,
        "tariff": rating.tariff,
        "version": rating.version,
        "rules": [{"rule": each.rule, "says": each.sentence} for each in rating.applied],
    }


def lines_json(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Price lines, each with the keys of domain.rating.values.Line."""
    return [
        {
            "what": line.what,
            "units": line.units,
            "unit_price_micros": line.unit_price_micros,
            "amount_micros": line.amount_micros,
        }
        for line in lines
    ]
