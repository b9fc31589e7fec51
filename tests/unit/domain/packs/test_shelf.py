"""Of several versions the latest that has begun counts; a country has one pack."""

from datetime import date, timedelta

import msgspec
import pytest

from operator_push.domain.packs import PackShelf, shipped_packs
from operator_push.kernel.errors import OperatorError

DAY = date(2027, 1, 15)
DEFAULT = shipped_packs().pack("default", DAY)
OLD = msgspec.structs.replace(DEFAULT, pack="fr", version="1", countries=["FR"], valid_from=DAY)
NEW = msgspec.structs.replace(OLD, version="2", valid_from=DAY + timedelta(days=10))


def test_the_latest_version_that_has_begun_counts_and_before_all_the_first() -> None:
    shelf = PackShelf([DEFAULT, NEW, OLD])
    found = [shelf.pack_for("FR", DAY + timedelta(days=days)).version for days in (-1, 0, 9, 10, 99)]
    assert found == ["1", "1", "1", "2", "2"]


def test_a_row_counts_within_its_days() -> None:
    row = msgspec.structs.replace(
        DEFAULT.quiet_hours_rows[0], valid_from=DAY, valid_until=DAY + timedelta(days=1)
    )
    pack = msgspec.structs.replace(DEFAULT, quiet_hours_rows=[row])
    counts = [bool(pack.quiet_hours("KE", "", DAY + timedelta(days=days))) for days in (-1, 0, 1)]
    assert counts == [False, True, False]


@pytest.mark.parametrize(
    ("packs", "words"),
    [
        ([OLD], "no pack default"),
        ([DEFAULT, OLD, OLD], "two versions"),
        ([DEFAULT, OLD, msgspec.structs.replace(OLD, pack="other")], "stands in the packs"),
    ],
)
def test_a_shelf_that_contradicts_itself_is_refused(packs: list[object], words: str) -> None:
    with pytest.raises(OperatorError, match=words):
        PackShelf(packs)  # type: ignore[arg-type]


def test_an_unknown_pack_is_told_with_those_that_there_are() -> None:
    with pytest.raises(OperatorError, match="default, eu, gb, in, us"):
        shipped_packs().pack("fr", DAY)
