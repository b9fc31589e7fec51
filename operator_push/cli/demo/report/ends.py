"""Where messages ended: one bar for each sender, cut into delivered, failed, expired and kept back."""

from collections.abc import Sequence

from operator_push.cli.demo.product_rows import Tally
from operator_push.cli.drawing import Sheet, share

_WIDTH, _ROW = 1040, 62
_LEFT, _RIGHT = 190, 1030
PARTS = (
    ("delivered", "delivered", "good"),
    ("failed", "failed at the SMSC", "bad"),
    ("expired", "expired, handset absent", "warn"),
    ("kept back", "refused or withdrawn by us, never sent", "held-back"),
    ("unknown", "unknown", "quiet"),
)


def ends_chart(rows: Sequence[tuple[str, Tally]]) -> str:
    """(sender, tally) → bars of equal length, so that shares can be compared."""
    told = "; ".join(
        f"{name}: " + ", ".join(f"{count:,} {part}" for part, count, _ in _parts(tally))
        for name, tally in rows
    )
    sheet = Sheet(_WIDTH, len(rows) * _ROW + 30, "Where messages ended", told + ".")
    for index, (name, tally) in enumerate(rows):
        y = index * _ROW
        whole = tally.audience
        sheet.text(0, y + 18, name, "t strong")
        sheet.text(0, y + 35, f"{whole:,} asked for", "t small")
        x = float(_LEFT)
        for part, count, css in _parts(tally):
            width = (_RIGHT - _LEFT) * count / whole if whole else 0
            tip = f"{name}: {count:,} {part} ({share(count, whole)})"
            sheet.rect(x, y + 4, max(width - 1.5, 1), 34, f"fill-{css}", tip=tip)
            if width > 120:
                sheet.text(x + 10, y + 26, f"{count:,}  {share(count, whole)}", "t on-fill strong")
            elif width > 34:
                sheet.text(x + width / 2, y + 26, f"{count:,}", "t on-fill small", anchor="middle")
            x += width
    _legend(sheet, len(rows) * _ROW + 14)
    return sheet.markup()


def _parts(tally: Tally) -> list[tuple[str, int, str]]:
    counts = {
        "delivered": tally.delivered,
        "failed": tally.failed,
        "expired": tally.expired,
        "kept back": tally.suppressed.total(),
        "unknown": tally.unknown,
    }
    return [(part, counts[part], css) for part, _, css in PARTS if counts[part]]


def _legend(sheet: Sheet, y: float) -> None:
    x = float(_LEFT)
    for _, words, css in PARTS[:4]:
        sheet.rect(x, y - 9, 10, 10, f"fill-{css}", radius=2)
        sheet.text(x + 15, y, words, "t small")
        x += 34 + 6.3 * len(words)
