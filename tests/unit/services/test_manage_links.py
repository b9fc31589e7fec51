"""Links are numbered once, judged together and written as commands leave them; their room is a double."""

from collections.abc import Sequence

import pytest
from shard import NOW_US

from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes
from operator_push.services.manage_links import (
    LinkEffect,
    LinkRecord,
    LinkState,
    ManageLinks,
    Values,
    link_of_row,
)

MAIN = LinkRecord(1, "main", LinkState.ACTIVE, {"host": "a"}, {"host": "a"}, "", NOW_US, "configuration")


class Room:
    """Knows the key `host` and refuses a link at "nowhere"."""

    def __init__(self) -> None:
        self.applied: list[tuple[list[str], LinkRecord]] = []

    def normalised(self, name: str, values: Values) -> Values:
        if unknown := set(values) - {"host", "window"}:
            raise OperatorError(f"{unknown.pop()} is not a setting")
        return {key: value for key, value in values.items() if (key, value) != ("window", 100)}

    def check_password(self, name: str, password: str) -> None:
        if not password:
            raise OperatorError("needs a password")

    def apply(
        self, links: Sequence[LinkRecord], changed: LinkRecord, now_us: int, changes: Changes
    ) -> LinkEffect:
        if changed.settings["host"] == "nowhere":
            raise OperatorError("nowhere is not a place")
        self.applied.append(([link.name for link in links], changed))
        return LinkEffect(moved=3)


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def links(room: Room) -> ManageLinks:
    return ManageLinks(room, [MAIN], {"main": 1, "old": 2})


def rows(changes: Changes, table: str) -> list[dict[str, object]]:
    return [row for name, row in changes.upserts if name == table]


def test_a_new_link_gets_the_next_number_and_both_rows(links: ManageLinks, room: Room) -> None:
    changes = Changes()
    link, effect = links.add("north", {"host": "b", "window": 100}, "pw", "ann", NOW_US, changes)
    assert (link.link_no, link.settings, link.configured, effect.moved) == (3, {"host": "b"}, None, 3)
    assert rows(changes, "smsc_link") == [{"link_no": 3, "name": "north"}]
    (row,) = rows(changes, "smsc_link_settings")
    assert link_of_row("north", row) == link
    assert room.applied == [(["main", "north"], link)]
    assert [each.name for each in links.links()] == ["main", "north"]


def test_a_number_stays_with_its_name(links: ManageLinks) -> None:
    changes = Changes()
    link, _ = links.add("old", {"host": "b"}, "pw", "ann", NOW_US, changes)
    assert link.link_no == 2
    assert rows(changes, "smsc_link") == []
    links.remove("old", "ann", NOW_US, changes)
    again, _ = links.add("old", {"host": "c"}, "pw", "ann", NOW_US, changes)
    assert again.link_no == 2


def test_a_setting_changes_and_goes_back_to_its_default(links: ManageLinks) -> None:
    changes = Changes()
    link, _ = links.set("main", {"window": 5}, "", "ann", NOW_US + 1, changes)
    assert link.settings == {"host": "a", "window": 5}
    assert (link.changed_us, link.changed_by, link.configured) == (NOW_US + 1, "ann", {"host": "a"})
    link, _ = links.set("main", {"window": None}, "new", "ann", NOW_US + 2, changes)
    assert (link.settings, link.password) == ({"host": "a"}, "new")
    link, _ = links.set("main", {"host": "b"}, "", "ann", NOW_US + 3, changes)
    assert link.password == "new"


def test_stop_and_start_and_remove_are_written(links: ManageLinks) -> None:
    changes = Changes()
    states = [
        links.stop("main", "ann", NOW_US, changes)[0].state,
        links.start("main", "ann", NOW_US, changes)[0].state,
        links.remove("main", "ann", NOW_US, changes)[0].state,
    ]
    assert states == [LinkState.STOPPED, LinkState.ACTIVE, LinkState.RETIRED]
    assert [row["state"] for row in rows(changes, "smsc_link_settings")] == ["stopped", "active", "retired"]
    assert links.links() == []
    with pytest.raises(OperatorError, match="no link is called 'main'; there are: none"):
        links.start("main", "ann", NOW_US, changes)


def test_a_removed_link_keeps_no_password(links: ManageLinks) -> None:
    changes = Changes()
    links.set("main", {}, "secret", "ann", NOW_US, changes)
    link, _ = links.remove("main", "ann", NOW_US, changes)
    assert link.password == ""


@pytest.mark.parametrize(
    ("name", "values", "password", "told"),
    [
        ("main", {"host": "b"}, "pw", "'main' exists already; change it with link set"),
        ("north", {"host": "b", "hots": 1}, "pw", "hots is not a setting"),
        ("north", {"host": "b"}, "", "needs a password"),
        ("north", {"host": "nowhere"}, "pw", "not a place"),
    ],
)
def test_what_is_wrong_changes_nothing(
    links: ManageLinks, name: str, values: Values, password: str, told: str
) -> None:
    changes = Changes()
    with pytest.raises(OperatorError, match=told):
        links.add(name, values, password, "ann", NOW_US, changes)
    assert changes.is_empty()
    assert links.links() == [MAIN]


def test_a_password_is_not_in_the_words_of_a_record() -> None:
    assert "secret" not in repr(LinkRecord(1, "main", LinkState.ACTIVE, {}, None, "secret"))
