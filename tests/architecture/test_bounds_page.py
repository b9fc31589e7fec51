"""docs/bounds.md names settings and constants that there are, with the values that they have."""

import importlib
import re
from pathlib import Path

import pytest

from operator_push.config import Settings, SmscSettings

PAGE = (Path(__file__).parents[2] / "docs" / "bounds.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (.+?) \| `([\w./]+)` \| (\d+) \| (.+) \|$", re.MULTILINE)
BY_SETTING, BY_CODE = PAGE.split("## Bounds that the code states")


@pytest.mark.parametrize(("what", "key", "value", "answer"), ROW.findall(BY_SETTING))
def test_every_setting_is_there_with_its_default(what: str, key: str, value: str, answer: str) -> None:
    table, name = key.split(".")
    model = SmscSettings if table == "smsc" else type(getattr(Settings(), table))
    assert model.model_fields[name].default == int(value)


@pytest.mark.parametrize(("what", "place", "value", "answer"), ROW.findall(BY_CODE))
def test_every_constant_is_there_with_its_value(what: str, place: str, value: str, answer: str) -> None:
    module, name = place.rsplit(".", 1)
    found = getattr(importlib.import_module(f"operator_push.{module.replace('/', '.')}"), name)
    assert found == int(value)


def test_every_row_is_read_and_every_bounding_setting_has_one() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| what ")]
    assert len(ROW.findall(PAGE)) == len(rows)
    told = {key for _, key, _, _ in ROW.findall(BY_SETTING)}
    limits = {f"limits.{name}" for name in type(Settings().limits).model_fields}
    assert limits <= told
