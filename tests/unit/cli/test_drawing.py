"""Small parts of drawings."""

import xml.etree.ElementTree as ET

import pytest

from operator_push.cli.drawing import Sheet, area_path, line_path, ribbon_path, round_step, share


def test_a_sheet_is_one_well_formed_drawing_with_words_for_those_who_do_not_see_it() -> None:
    sheet = Sheet(100, 50, 'Tea & "sugar"', "a < b")
    sheet.rect(0, 0, -5, 10, "fill-good", tip="<b>")
    sheet.text(1.04, 2, "a & b", anchor="end")
    sheet.path(area_path([(0, 1), (2, 3)], 9), "area-accent")
    root = ET.fromstring(str(sheet.markup()))
    assert [child.tag for child in root][:2] == ["title", "desc"]
    assert root.findtext("title") == 'Tea & "sugar"'
    rect = root.find("rect")
    assert rect is not None
    assert rect.attrib["width"] == "0"
    assert rect.findtext("title") == "<b>"
    assert root.findtext("text") == "a & b"


def test_paths_start_and_end_where_they_should() -> None:
    assert area_path([(0, 1), (2, 3)], 9) == "M0,9L0,1L2,3L2,9Z"
    assert line_path([(0, 1), (2, 3)]) == "M0,1L2,3"
    assert ribbon_path(0, 1, 2, 10, 3, 4).startswith("M0,1C5,1 5,3 10,3L10,4")


@pytest.mark.parametrize(
    ("largest", "step"), [(0, 1), (1, 0.5), (7, 2), (100, 50), (11_150, 5_000), (0.4, 0.1)]
)
def test_axis_steps_are_round(largest: float, step: float) -> None:
    assert round_step(largest) == pytest.approx(step)


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(1, 0, "–"), (0, 5, "0.0 %"), (1, 2, "50 %"), (1, 5_000, "< 0.1 %"), (3, 100, "3.0 %")],
)
def test_shares(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text
