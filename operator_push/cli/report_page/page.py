"""The page: a report as its JSON has it, drawn by the template beside this file.

It needs nothing but itself. Law: it shows what the JSON tells, and nothing is computed from what that keeps.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from operator_push._version import __version__
from operator_push.cli.drawing import style
from operator_push.cli.report_page.charts import funnel_chart, hours_chart, uplift_chart
from operator_push.cli.report_words import cell_words, compared_words, percent
from operator_push.kernel.money import format_micros

_HERE = Path(__file__).parent


def report_page(told: Mapping[str, Any]) -> str:
    """The whole page."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "money": format_micros,
        "cells": cell_words,
        "compared": compared_words,
        "cell": lambda cell: f"{cell:,}" if isinstance(cell, int) else cell,
        "words": lambda name: str(name).replace("_", " "),
    }
    template = environment.from_string((_HERE / "page.html.j2").read_text(encoding="utf-8"))
    compared = [each for each in told["compared"] if each["difference"] is not None]
    return template.render(
        told=told,
        css=style((_HERE / "page.css").read_text(encoding="utf-8")),
        percent=percent,
        funnel=funnel_chart(told),
        hours=hours_chart(told["hours"], told["zone"]) if told["hours"] else "",
        uplift=uplift_chart(compared) if compared else "",
        version=__version__,
    )
