"""A configuration that cannot be is refused with its key and what is allowed."""

from pathlib import Path

import pytest

from cdr_ingest.triggers.config import read_config
from operator_push.kernel.errors import OperatorError

GOOD = 'snapshot = "s"\nkey_file = "k"\nout = "o"\n'
SOURCE = '[[source]]\nname = "a"\nkind = "tail"\noptions = {}\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "triggers.toml"
    path.write_text(text)
    return path


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, GOOD + "cooldown_h = { top_up = 0.5 }\n" + SOURCE))
    assert (config.plan_days, config.home_country_codes) == (3, ("404", "405"))
    assert config.cooldown_us("top_up") == 1_800_000_000
    assert config.cooldown_us("area_entered") == 24 * 3_600_000_000


WRONG = [
    ("source = []", "source", "needs"),
    (SOURCE + SOURCE, "source", "name of its own"),
    (SOURCE.replace("options", 'into = "cells"\noptions'), "source.into", "'cells' is not one of"),
    (
        'triggers = ["full_moon"]\n' + SOURCE,
        "triggers",
        "there is no 'full_moon'; the triggers are area_entered",
    ),
    ("cooldown_h = { full_moon = 1 }\n" + SOURCE, "cooldown_h", "there is no 'full_moon'"),
    ('zone = "Pune"\n' + SOURCE, "zone", "no IANA time zone"),
    ("plan_hour = 24\n" + SOURCE, "plan_hour", "24 is not in 0..23"),
    ("every_s = 0\n" + SOURCE, "every_s", "0 is not in 0.01..60"),
    (SOURCE + '[[line]]\nname = "x"\nnumbers = ["+91"]\n', "line.numbers", "digits, without"),
    (
        SOURCE + '[[area]]\nname = "x"\nlatitude = 1\nlongitude = 1\nradius_km = 0\n',
        "area.radius_km",
        "0.1..500",
    ),
    ("evry_s = 1\n" + SOURCE, "evry_s", ""),
]


@pytest.mark.parametrize(("text", "key", "sentence"), WRONG)
def test_what_cannot_be_is_named(tmp_path: Path, text: str, key: str, sentence: str) -> None:
    with pytest.raises(OperatorError) as refused:
        read_config(write(tmp_path, GOOD + text))
    assert key in str(refused.value)
    assert sentence in str(refused.value)
    assert "triggers.toml" in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be read"):
        read_config(tmp_path / "none.toml")
