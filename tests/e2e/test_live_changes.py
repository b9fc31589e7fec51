"""Prices and links change under traffic through the command line, and both survive a restart."""

from collections.abc import Iterator

import pytest
from operator_desk import BRITAIN, INDIA, PRICE_MICROS, command, ended, restart, send, story
from product import Programs, running, until


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    with running(tmp_path_factory.mktemp("live")) as both:
        both.add_account()
        yield both


def test_a_price_changes_between_two_messages_and_stays_over_a_restart(programs: Programs) -> None:
    money = programs.call("account.show", name="shop")["account"]["available_micros"]
    (before,) = send(programs, INDIA)
    assert command(programs, "tariff", "set", "91", "0.03")["version"] == 2
    after, elsewhere = send(programs, INDIA, BRITAIN)
    ended(programs)
    restart(programs)  # the first start after this price
    (again,) = send(programs, INDIA)
    ended(programs)
    prices = [story(programs, each)["price_micros"] for each in (before, after, elsewhere, again)]
    assert prices == [PRICE_MICROS, 30_000, PRICE_MICROS, 30_000]
    told = command(programs, "price", "--account", "shop", "--to", INDIA, "--text", "hello")
    assert (told["total_micros"], told["tariff"], told["version"]) == (30_000, "server", 2)
    left = programs.call("account.show", name="shop")["account"]
    assert (left["available_micros"], left["held_micros"]) == (money - sum(prices), 0)
    log = (programs.folder / "operator-push.log").read_text()
    assert "the tariff in force is version 2" in log


def test_a_link_is_added_stopped_and_removed_under_traffic(programs: Programs) -> None:
    address = ["host=127.0.0.1", f"port={programs.sim_port}", "system_id=gateway"]
    command(
        programs, "link", "add", "north", *address, "prefixes=91", "priority=1", "--password-file", "-",
        told="secret\n",
    )  # fmt: skip
    until(lambda: programs.call("link.show", name="north")["link"]["bound"], "the new link to bind")
    through_north, through_main = send(programs, INDIA, BRITAIN)
    ended(programs)
    command(programs, "link", "stop", "north")
    (while_stopped,) = send(programs, INDIA)
    ended(programs)
    restart(programs)
    assert programs.call("link.show", name="north")["link"]["state"] == "stopped"
    command(programs, "link", "start", "north")
    until(lambda: programs.call("link.show", name="north")["link"]["bound"], "the link to bind again")
    (started,) = send(programs, INDIA)
    ended(programs)
    command(programs, "link", "remove", "north", "--yes")
    (removed,) = send(programs, INDIA)
    ended(programs)
    assert [link["name"] for link in programs.call("link.list")["links"]] == ["main"]
    told = [story(programs, each) for each in (through_north, through_main, while_stopped, started, removed)]
    links = [each["segments"][0]["attempts"][0]["link"] for each in told]
    assert links == ["north", "main", "main", "north", "main"]
    assert {each["end"]["state"] for each in told} == {"DELIVERED"}
    assert "secret" not in (programs.folder / "operator-push.log").read_text()


def test_a_route_and_a_network_count_at_once_and_after_a_restart(programs: Programs) -> None:
    address = ["host=127.0.0.1", f"port={programs.sim_port}", "system_id=gateway"]
    command(
        programs, "link", "add", "side", *address, "prefixes=7", "priority=900", "--password-file", "-",
        told="secret\n",
    )  # fmt: skip
    until(lambda: programs.call("link.show", name="side")["link"]["bound"], "the new link to bind")
    (before,) = send(programs, INDIA)
    network = command(programs, "network", "add", "prefix=9198", "mcc=404", "mnc=45")["network"]["number"]
    route = command(programs, "route", "add", "links=side", "plmn=404-45")["route"]["number"]
    shown = command(programs, "route", "show", "--to", INDIA, "--account", "shop")
    assert (shown["network"], shown["link"]) == ("404-45", "side")
    routed, elsewhere = send(programs, INDIA, BRITAIN)
    ended(programs)
    restart(programs)
    until(lambda: programs.call("link.show", name="side")["link"]["bound"], "the link to bind again")
    (again,) = send(programs, INDIA)
    ended(programs)
    command(programs, "route", "remove", str(route))
    command(programs, "network", "remove", str(network))
    (removed,) = send(programs, INDIA)
    ended(programs)
    command(programs, "link", "remove", "side", "--yes")
    told = [story(programs, each) for each in (before, routed, elsewhere, again, removed)]
    links = [each["segments"][0]["attempts"][0]["link"] for each in told]
    assert links == ["main", "side", "main", "side", "main"]
    assert command(programs, "route", "list") == command(programs, "network", "list") == []


def test_what_waits_for_a_stopped_link_leaves_after_its_start_also_over_a_restart(programs: Programs) -> None:
    command(programs, "link", "stop", "main")
    waiting = send(programs, INDIA, BRITAIN)
    assert programs.call("link.show", name="main")["link"]["waiting"] == 2
    restart(programs)
    assert programs.call("link.show", name="main")["link"]["waiting"] == 2
    assert not any(story(programs, each)["segments"][0]["attempts"] for each in waiting)
    command(programs, "link", "start", "main")
    ended(programs)
    assert [story(programs, each)["end"]["state"] for each in waiting] == ["DELIVERED"] * 2


def test_window_changes_in_place_and_credentials_bind_anew(programs: Programs) -> None:
    assert not command(programs, "link", "set", "main", "window=3", "segments_per_second=50")["reconnects"]
    assert command(programs, "link", "set", "main", "enquire_link_s=20")["reconnects"]
    until(lambda: programs.call("link.show", name="main")["link"]["bound"], "the link to bind anew")
    send(programs, *[INDIA] * 5)
    ended(programs)
    restart(programs)
    assert [link["name"] for link in programs.call("link.list")["links"]] == ["main"]  # north stays removed
    settings = programs.call("link.show", name="main")["link"]["settings"]
    assert (settings["window"], settings["segments_per_second"], settings["enquire_link_s"]) == (3, 50, 20)
    log = (programs.folder / "operator-push.log").read_text().splitlines()
    (told,) = [line for line in log if "link main: the store says something else" in line]
    assert "INFO" in told  # commands did it: nobody edited the file
