"""The flow of money: every hold on the left becomes a settle or a release on the right, nothing in"
" between."""

from collections.abc import Mapping

from operator_push.cli.demo.product_rows import AccountMoney
from operator_push.cli.drawing import Sheet, ribbon_path, share
from operator_push.kernel.money import format_micros

_WIDTH, _HEIGHT = 1040, 318
_TOP, _BOTTOM, _GAP = 34, 286, 18
_LEFT, _MIDDLE, _RIGHT, _NODE = 232, 520, 800, 12


def money_flow(accounts: Mapping[str, AccountMoney], currency: str) -> str:
    """`accounts` by the name to show; only those that held anything appear."""
    shown = {name: money for name, money in accounts.items() if money.held}
    held = sum(money.held for money in shown.values())
    settled = sum(money.settled for money in shown.values())
    released = sum(money.released for money in shown.values())
    sheet = Sheet(
        _WIDTH,
        _HEIGHT,
        "Flow of money",
        f"{format_micros(held)} {currency} held; {format_micros(settled)} settled for delivered segments,"
        f" {format_micros(released)} released.",
    )
    if not held:
        return sheet.markup()
    scale = (_BOTTOM - _TOP - _GAP * max(len(shown) - 1, 1)) / held
    for x, words, anchor in (
        (_LEFT, "held when accepted", "end"),
        (_MIDDLE + _NODE / 2, "all holds", "middle"),
        (_RIGHT + _NODE, "resolved by outcome", "start"),
    ):
        sheet.text(x, 16, words, "t small", anchor=anchor)
    middle_top = _TOP + (_BOTTOM - _TOP - held * scale) / 2
    _accounts(sheet, shown, scale, middle_top, held, currency)
    sheet.rect(_MIDDLE, middle_top, _NODE, held * scale, "fill-funnel", tip=f"{format_micros(held)} held")
    y, from_y = float(_TOP), middle_top
    for amount, words, css in (
        (settled, "settled: delivered segments, the operator's revenue", "good"),
        (released, "released: not delivered, back to the client", "held-back"),
    ):
        height = amount * scale
        ribbon = ribbon_path(_MIDDLE + _NODE, from_y, from_y + height, _RIGHT, y, y + height)
        sheet.path(ribbon, f"flow-{css}", tip=f"{format_micros(amount)} {currency} {words}")
        sheet.rect(_RIGHT, y, _NODE, max(height, 1), f"fill-{css}")
        first, _, second = words.partition(": ")
        sheet.text(_RIGHT + 22, y + 14, f"{format_micros(amount)} {currency}", "t strong")
        sheet.text(_RIGHT + 22, y + 31, f"{first} · {share(amount, held)}", "t small")
        for line, part in enumerate(second.split(", ")):
            sheet.text(_RIGHT + 22, y + 46 + 15 * line, part, "t small")
        from_y += height
        y = max(y + height + _GAP, _BOTTOM - released * scale if released * scale > 40 else _BOTTOM - 62)
    return sheet.markup()


def _accounts(
    sheet: Sheet,
    shown: Mapping[str, AccountMoney],
    scale: float,
    middle_top: float,
    held: int,
    currency: str,
) -> None:
    y, to_y = float(_TOP), middle_top
    for name, money in shown.items():
        height = money.held * scale
        ribbon = ribbon_path(_LEFT + _NODE, y, y + height, _MIDDLE, to_y, to_y + height)
        tip = f"{name}: {format_micros(money.held)} {currency} held ({share(money.held, held)})"
        sheet.path(ribbon, "flow-accent", tip=tip)
        sheet.rect(_LEFT, y, _NODE, max(height, 1), "fill-accent", tip=tip)
        centre = y + height / 2
        sheet.text(_LEFT - 12, centre - 2, name, "t strong", anchor="end")
        prepaid = f"{format_micros(money.held)} held of {format_micros(money.topped_up)} prepaid"
        sheet.text(_LEFT - 12, centre + 13, prepaid, "t small", anchor="end")
        y += height + _GAP
        to_y += height
