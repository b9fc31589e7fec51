"""The trigger catalogue: names once, purposes that cover what is told."""

from pathlib import Path

from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME
from operator_push.kernel.trigger_catalogue import EVENT_ATTRIBUTES, TRIGGERS, TRIGGERS_BY_NAME


def test_names_are_used_once_and_are_no_features() -> None:
    assert len(TRIGGERS_BY_NAME) == len(TRIGGERS)
    assert not set(EVENT_ATTRIBUTES) & set(FEATURES_BY_NAME)
    for each in TRIGGERS:
        for told in each.attributes:
            assert EVENT_ATTRIBUTES[told.name] == told, f"{told.name} means two things"


def test_a_trigger_needs_what_it_tells() -> None:
    for each in TRIGGERS:
        if each.purposes is DataPurpose.NONE:
            continue
        for told in each.attributes:
            # A balance is told of a person's money, whatever record it stood in.
            assert told.purpose & each.purposes == told.purpose, (each.name, told.name)


def test_the_page_has_every_row() -> None:
    page = (Path(__file__).parents[3] / "docs" / "triggers.md").read_text()
    for each in TRIGGERS:
        row = next(line for line in page.splitlines() if line.startswith(f"| `{each.name}` |"))
        _, _, needs, asks, _, rests, _ = (cell.strip() for cell in row.split("|"))
        words = [str(bit.name).lower().replace("_", " ") for bit in DataPurpose if bit & each.purposes]
        assert needs == (" and ".join(words) or "–")
        if each.purposes:
            assert asks == ", ".join(f"`{told.name}`" for told in each.attributes)
        assert rests == (f"{each.cooldown_h} h" if each.cooldown_h else "–")
