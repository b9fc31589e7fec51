"""The calls link.*: settings in JSON, no password in any answer, answers after the commit."""

import json
from typing import Any

import pytest
from control_desk import call
from link_room import LinkRoomInMemory

from operator_push.config import Settings
from operator_push.gateway.control_server import Handler
from operator_push.gateway.link_commands import LinkCommands
from operator_push.kernel.errors import OperatorError

SETTINGS = {"host": "b", "system_id": "y", "prefixes": ["91"], "priority": 1}


@pytest.fixture
def room() -> LinkRoomInMemory:
    return LinkRoomInMemory()


@pytest.fixture
def handlers(room: LinkRoomInMemory) -> dict[str, Handler]:
    return LinkCommands(room.links, room.running, Settings(), room.cancel_waiting, room.committer).handlers()


def test_list_and_show_tell_every_setting_and_no_secret(handlers: dict[str, Handler]) -> None:
    (listed,) = call(handlers, "link.list")["links"]
    shown = call(handlers, "link.show", name="main")["link"]
    assert listed == shown
    assert (shown["state"], shown["bound"], shown["waiting"], shown["password"]) == (
        "active",
        False,
        0,
        "store",
    )
    assert (shown["settings"]["host"], shown["settings"]["window"]) == ("a", 100)
    assert '"pw"' not in json.dumps(shown)


def test_add_set_stop_start_remove(room: LinkRoomInMemory, handlers: dict[str, Handler]) -> None:
    room.shard.accept(room.shard.offer())
    added = call(handlers, "link.add", name="north", settings=SETTINGS, password="hidden12", by="ann")
    assert (added["moved"], added["reconnects"], added["link"]["changed_by"]) == (1, True, "ann")
    assert "hidden12" not in json.dumps(added)
    changed = call(handlers, "link.set", name="north", settings={"window": 5})
    assert (changed["link"]["settings"]["window"], changed["reconnects"]) == (5, False)
    assert call(handlers, "link.stop", name="north")["link"]["state"] == "stopped"
    assert call(handlers, "link.start", name="north")["link"]["state"] == "active"
    assert call(handlers, "link.remove", name="north")["link"]["state"] == "retired"
    states = [row["state"] for table, row in room.written.upserts if table == "smsc_link_settings"]
    assert states == ["active", "active", "stopped", "active", "retired"]


@pytest.mark.parametrize(
    ("do", "args", "told"),
    [
        ("link.show", {"name": "north"}, "no link is called 'north'; there are: main"),
        ("link.add", {"name": "north", "settings": {"host": "b"}, "password": "x"}, "system_id: is required"),
        ("link.add", {"name": "north", "settings": SETTINGS}, "needs a password"),
        ("link.add", {"name": "north", "settings": [1]}, "settings must be an object"),
        ("link.set", {"name": "main"}, "nothing to set"),
        ("link.set", {"name": "main", "settings": {"password": "x"}}, "password cannot be set so"),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(
    room: LinkRoomInMemory, handlers: dict[str, Handler], do: str, args: dict[str, Any], told: str
) -> None:
    with pytest.raises(OperatorError, match=told):
        call(handlers, do, **args)
    assert room.written.upserts == []
