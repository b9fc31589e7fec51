"""Links come, change and go under waiting messages: each of these moves, waits or ends, none is lost."""

import pytest
from link_room import LinkRoomInMemory, record
from shard import ACCOUNT, NOW_US, PRICE_MICROS

from operator_push.bootstrap.running_links import smsc_numbers
from operator_push.domain.message import MessageState
from operator_push.kernel.errors import OperatorError
from operator_push.services.manage_links import LinkState

NORTH = {"host": "b", "system_id": "y", "prefixes": ["91"]}


def test_a_new_link_is_bound_and_takes_what_waits_for_its_numbers() -> None:
    room = LinkRoomInMemory()
    room.shard.accept(room.shard.offer())
    effect = room.change("add", "north", {**NORTH, "priority": 1}, "pw")
    assert (effect.moved, effect.waiting, effect.reconnects) == (1, 1, True)
    assert (len(room.outbox("main")), len(room.outbox("north"))) == (0, 1)
    assert [connector.settings.name for connector in room.connectors] == ["main", "north"]
    assert room.outbox("north").link_no == 2


def test_a_removed_links_messages_go_another_way() -> None:
    room = LinkRoomInMemory(record(2, "north", prefixes=["91"], priority=1))
    room.shard.accept(room.shard.offer())
    assert len(room.outbox("north")) == 1
    effect = room.change("remove", "north")
    assert (effect.moved, effect.ended) == (1, 0)
    assert len(room.outbox("main")) == 1
    assert room.connectors[1].did == ["start", "retire", "unbind", "stop"]
    assert list(room.running.links) == ["main"]


def test_what_no_link_reaches_any_more_ends_and_its_hold_goes_back() -> None:
    room = LinkRoomInMemory()
    (accepted,) = room.shard.accept(room.shard.offer(segment_count=2))
    assert room.shard.balances.held(ACCOUNT) == 2 * PRICE_MICROS
    effect = room.change("remove", "main")
    assert (effect.moved, effect.ended) == (0, 1)
    assert room.shard.ends == [(accepted.message_id, MessageState.REJECTED)]
    assert room.shard.balances.held(ACCOUNT) == 0


def test_a_stopped_links_messages_wait_and_new_ones_are_accepted() -> None:
    room = LinkRoomInMemory()
    room.shard.accept(room.shard.offer())
    effect = room.change("stop", "main")
    assert (effect.moved, effect.ended, effect.waiting) == (0, 0, 1)
    assert room.connectors[0].did == ["start", "retire", "unbind", "stop"]
    (accepted,) = room.shard.accept(room.shard.offer(subscriber_no=2))
    assert accepted.message is not None
    effect = room.change("start", "main")
    assert (effect.waiting, effect.reconnects) == (2, True)
    assert room.connectors[1].did == ["start"]


def test_a_stopped_links_messages_move_to_a_link_that_reaches_them_and_come_back() -> None:
    room = LinkRoomInMemory(record(2, "north", prefixes=["91"], priority=1))
    room.running.links["north"].watch.bound()
    room.running.links["main"].watch.bound()
    room.shard.accept(room.shard.offer())
    assert room.change("stop", "north").waiting == 0
    assert len(room.outbox("main")) == 1
    room.pass_time(10)
    room.change("start", "north")
    room.running.links["north"].watch.bound()
    assert (len(room.outbox("main")), len(room.outbox("north"))) == (0, 1)


def test_a_link_waits_for_the_answers_of_what_is_on_its_way() -> None:
    room = LinkRoomInMemory()
    link = room.running.links["main"]
    link.in_flight = 1
    room.change("stop", "main")
    room.pass_time(1)
    assert room.connectors[0].did == ["start"]
    assert not link.sending
    link.in_flight = 0
    room.pass_time(1)
    assert room.connectors[0].did == ["start", "retire", "unbind", "stop"]


def test_a_deaf_smsc_is_not_waited_for_for_ever() -> None:
    room = LinkRoomInMemory()
    room.running.links["main"].in_flight = 1
    room.connectors[0].deaf = True
    room.change("stop", "main")
    room.pass_time(6)
    assert room.connectors[0].did == ["start", "retire", "unbind"]
    room.pass_time(3)
    assert room.connectors[0].did[-1] == "stop"


def test_window_and_rate_change_in_place() -> None:
    room = LinkRoomInMemory()
    link = room.running.links["main"]
    assert not room.change("set", "main", {"window": 7, "segments_per_second": 3}, "").reconnects
    assert room.running.links["main"] is link
    assert (link.pace._window, link.pace._rate) == (7, 3)
    assert room.connectors[0].did == ["start"]


@pytest.mark.parametrize(
    "change", [{"host": "c"}, {"port": 9}, {"system_id": "z"}, {"bind_type": "transmitter"}]
)
def test_an_address_or_credentials_bind_anew_with_what_waits(change: dict[str, object]) -> None:
    room = LinkRoomInMemory()
    room.shard.accept(room.shard.offer())
    assert room.change("set", "main", change, "").reconnects
    room.pass_time(10)
    old, new = room.connectors
    assert old.did == ["start", "retire", "unbind", "stop"]
    assert new.did == ["start"]
    assert all(getattr(new.settings, key) == value for key, value in change.items())
    assert len(room.outbox("main")) == 1
    assert room.running.links["main"].sending


def test_a_new_password_binds_anew() -> None:
    room = LinkRoomInMemory()
    assert room.change("set", "main", {}, "other").reconnects
    room.pass_time(10)
    password = room.connectors[1].settings.password
    assert password is not None
    assert password.get_secret_value() == "other"


def test_a_stop_in_the_middle_of_a_new_bind_wins_and_its_start_has_the_new_settings() -> None:
    room = LinkRoomInMemory()
    room.running.links["main"].in_flight = 1
    room.change("set", "main", {"host": "c"}, "")
    room.change("stop", "main")
    room.running.links["main"].in_flight = 0
    room.pass_time(10)
    assert len(room.connectors) == 1
    assert not room.running.links["main"].sending
    room.change("start", "main")
    assert (len(room.connectors), room.connectors[1].settings.host) == (2, "c")


def test_a_start_in_the_middle_of_a_stop_binds_in_the_end() -> None:
    room = LinkRoomInMemory()
    room.running.links["main"].in_flight = 1
    room.change("stop", "main")
    room.change("start", "main")
    room.running.links["main"].in_flight = 0
    room.pass_time(10)
    assert room.running.links["main"].sending
    assert room.connectors[-1].did == ["start"]


def test_a_link_that_becomes_a_receiver_gives_its_messages_away_or_ends_them() -> None:
    room = LinkRoomInMemory()
    room.shard.accept(room.shard.offer())
    room.change("set", "main", {"bind_type": "receiver"}, "")
    room.pass_time(10)
    room.running.sweep(NOW_US, room.shard.changes)
    assert [state for _, state in room.shard.ends] == [MessageState.REJECTED]


def test_what_comes_back_to_a_link_that_is_gone_goes_another_way() -> None:
    room = LinkRoomInMemory(record(2, "north", prefixes=["91"], priority=1))
    (accepted,) = room.shard.accept(room.shard.offer())
    message = accepted.message
    assert message is not None
    (attempt,) = room.outbox("north").fill(1, NOW_US, room.shard.changes)
    effect = room.change("remove", "north")
    assert effect.at_smsc == 1
    room.pass_time(10)
    gone = room.running.outbox_of(2)
    gone.unanswered(attempt)
    gone.never_arrived(message, message.segments[0], NOW_US, room.shard.changes)
    room.running.sweep(NOW_US, room.shard.changes)
    assert (len(gone), len(room.outbox("main"))) == (0, 1)


def test_the_outbox_of_a_link_that_went_before_this_start_is_there() -> None:
    room = LinkRoomInMemory(record(2, "north", LinkState.RETIRED))
    assert list(room.running.links) == ["main"]
    assert room.running.outbox_of(2).link_no == 2
    assert room.running.outbox_of(2) is room.running.outbox_of(2)


def test_a_stopped_link_stays_so_over_a_restart() -> None:
    room = LinkRoomInMemory(record(2, "north", LinkState.STOPPED, prefixes=["91"]))
    assert [connector.settings.name for connector in room.connectors] == ["main"]
    assert not room.running.links["north"].sending


def test_a_link_without_any_password_is_not_bound(caplog: pytest.LogCaptureFixture) -> None:
    room = LinkRoomInMemory()
    room.links._links["main"] = record(1, "main")
    without = record(2, "north")
    room.running.load([type(without)(2, "north", LinkState.ACTIVE, without.settings)])
    room.running.connect_all(room._connect)
    assert "operator-push link set north --password-file" in caplog.text


def test_the_product_stops_every_link() -> None:
    room = LinkRoomInMemory(record(2, "north"))
    room.running.stop_sending()
    assert not any(link.sending for link in room.running.links.values())
    room.running.unbind_all()
    room.running.close_all("the product stops")
    assert [connector.did for connector in room.connectors] == [["start", "retire", "unbind", "stop"]] * 2


def test_a_wrong_setting_changes_nothing() -> None:
    room = LinkRoomInMemory()
    routes = room.shard.facts.routes
    for name, change in (("main", {"window": 0}), ("main", {"prefixes": ["+91"]})):
        with pytest.raises(OperatorError, match=f"link {name}"):
            room.change("set", name, change, "")
    assert room.shard.facts.routes is routes
    assert room.connectors[0].did == ["start"]


def test_one_smsc_has_one_number_and_keeps_it() -> None:
    links = [
        record(1, "a", host="x"),
        record(2, "b", host="x", port=2775),
        record(3, "c", host="x", port=9),
        record(4, "d", host="z", smsc="big"),
        record(5, "e", host="y", smsc="big"),
    ]
    assert smsc_numbers(links) == {1: 1, 2: 1, 3: 3, 4: 4, 5: 4}
    room = LinkRoomInMemory(record(2, "north"), record(3, "south", host="b"))
    assert room.smsc_nos == {1: 1, 2: 1, 3: 3}
    room.change("set", "south", {"host": "a"}, "")
    assert room.outbox("south").smsc_no == 1
    room.change("remove", "main")
    room.change("set", "north", {"window": 5}, "")
    assert room.smsc_nos == {1: 1, 2: 1, 3: 1}
