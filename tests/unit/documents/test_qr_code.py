"""A QR code has its finder patterns in three corners and a quiet zone, and knows its limit."""

import re

import pytest

from operator_push.documents.qr_code import QUIET_MODULES, qr_svg

FINDER = ("1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111")


def dark(svg: str) -> set[tuple[int, int]]:
    return {(int(x), int(y)) for x, y in re.findall(r"M(\d+),(\d+)h1v1", svg)}


def test_three_finders_and_a_quiet_zone() -> None:
    svg = qr_svg("https://my.example/join/poster?by=qr")
    side = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])  # type: ignore[index]
    squares = dark(svg)
    assert (side - 2 * QUIET_MODULES - 17) % 4 == 0
    last = side - QUIET_MODULES - 7
    for left, top in ((QUIET_MODULES, QUIET_MODULES), (last, QUIET_MODULES), (QUIET_MODULES, last)):
        seen = tuple("".join("01"[(left + x, top + y) in squares] for x in range(7)) for y in range(7))
        assert seen == FINDER
    assert all(QUIET_MODULES <= place < side - QUIET_MODULES for square in squares for place in square)


def test_too_much_is_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        qr_svg("x" * 5_000)
