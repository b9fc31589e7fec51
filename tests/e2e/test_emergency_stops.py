"""What is queued of a stopped account stays, over a restart too; then it leaves, once and paid once."""

from collections.abc import Iterator

import pytest
from operator_desk import BRITAIN, INDIA, PRICE_MICROS, command, ended, restart, send, story
from product import Programs, running, until


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    with running(tmp_path_factory.mktemp("stops")) as both:
        both.add_account()
        yield both


def money(programs: Programs) -> tuple[int, int]:
    account = programs.call("account.show", name="shop")["account"]
    return account["available_micros"], account["held_micros"]


def test_a_stopped_accounts_queue_is_held_over_a_restart_and_leaves_after_its_resume(
    programs: Programs,
) -> None:
    before, _ = money(programs)
    command(programs, "link", "stop", "main")  # so that something is queued
    waiting = send(programs, INDIA, BRITAIN)
    assert command(programs, "account", "stop", "shop")["name"] == "shop"
    command(programs, "link", "start", "main")
    until(lambda: programs.call("link.show", name="main")["link"]["bound"], "the link to bind")
    restart(programs)
    until(lambda: programs.call("link.show", name="main")["link"]["bound"], "the link to bind again")
    (row,) = command(programs, "queue", "list", "--account", "shop")
    assert (row["held"], row["messages"]) == (True, 2)
    assert not any(story(programs, each)["segments"][0]["attempts"] for each in waiting)
    assert money(programs) == (before - 2 * PRICE_MICROS, 2 * PRICE_MICROS)
    command(programs, "account", "resume", "shop")
    ended(programs)
    told = [story(programs, each) for each in waiting]
    assert [len(each["segments"][0]["attempts"]) for each in told] == [1, 1]
    assert {each["end"]["state"] for each in told} == {"DELIVERED"}
    assert money(programs) == (before - 2 * PRICE_MICROS, 0)


def test_one_message_is_held_while_others_leave_and_then_cancelled_with_its_money_back(
    programs: Programs,
) -> None:
    before, _ = money(programs)
    command(programs, "link", "stop", "main")
    held, free = send(programs, INDIA, BRITAIN)
    command(programs, "queue", "hold", "--message", str(held))
    command(programs, "link", "start", "main")
    until(lambda: programs.call("stats")["open_messages"] == 1, "the other message to end")
    assert story(programs, free)["end"]["state"] == "DELIVERED"
    assert money(programs) == (before - 2 * PRICE_MICROS, PRICE_MICROS)
    assert command(programs, "queue", "release", "--message", str(held), "--cancel")["cancelled"] == 1
    ended(programs)
    assert story(programs, held)["end"]["state"] == "DELETED"
    assert money(programs) == (before - PRICE_MICROS, 0)


def test_a_link_that_is_stopped_for_good_ends_what_waits_there(programs: Programs) -> None:
    before, _ = money(programs)
    command(programs, "link", "stop", "main")
    (waiting,) = send(programs, INDIA)
    assert command(programs, "link", "stop", "main", "--cancel")["ended"] == 1
    ended(programs)
    assert (story(programs, waiting)["end"]["state"], money(programs)) == ("DELETED", (before, 0))
