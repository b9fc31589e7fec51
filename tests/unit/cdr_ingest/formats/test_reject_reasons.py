"""The documentation page tells every reason, feature and column."""

from pathlib import Path

from cdr_ingest.formats.layouts import LAYOUTS
from cdr_ingest.formats.reject_reasons import RejectReason

PAGE = (Path(__file__).parents[4] / "docs" / "cdr-ingest.md").read_text(encoding="utf-8")


def test_every_reason_is_documented() -> None:
    assert [r.name for r in RejectReason if f"| `{r.name}` | {r.value} |" not in PAGE] == []


def test_every_column_is_documented() -> None:
    assert [name for layout in LAYOUTS.values() for name in layout.own_columns if name not in PAGE] == []
