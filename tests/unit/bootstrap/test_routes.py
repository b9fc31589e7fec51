"""The routing table of all links, and what a stopped link keeps."""

from pydantic import SecretStr

from operator_push.bootstrap.routes import put_routes, routing_table
from operator_push.config import NetworkSettings, RouteSettings, SmscSettings
from operator_push.domain.facts import PolicyFacts
from operator_push.domain.routing import RoutedMessage

BOTH = ("sms", "ussd")


def link(
    name: str, *prefixes: str, bind_type: str = "transceiver", channels: tuple[str, ...] = ("sms",)
) -> SmscSettings:
    return SmscSettings(
        name=name,
        host="127.0.0.1",
        system_id="x",
        password=SecretStr("x"),
        prefixes=prefixes,
        bind_type=bind_type,  # type: ignore[arg-type]
        channels=channels,  # type: ignore[arg-type]
    )


def test_the_longest_prefix_wins_and_a_receiver_routes_nothing() -> None:
    table = routing_table([link("main", ""), link("north", "91"), link("ears", "9198", bind_type="receiver")])
    assert table.select_link("919812345670") == "north"
    assert table.select_link("447700900123") == "main"


def test_a_stopped_links_numbers_go_where_another_link_reaches_them() -> None:
    table = routing_table([link("main", "")], stopped=[link("north", "91")])
    assert table.select_link("919812345670") == "main"


def test_a_stopped_link_keeps_what_nobody_else_reaches() -> None:
    table = routing_table([link("south", "9199")], stopped=[link("north", "91", "44")])
    assert table.select_link("919912345670") == "south"
    assert table.select_link("919812345670") == "north"
    assert table.select_link("447700900123") == "north"
    assert table.select_link("331234567890") is None


def test_two_links_with_one_prefix_share_its_numbers() -> None:
    table = routing_table([link("north", "91"), link("south", "91")])
    assert {table.select_link(f"91981234567{last}") for last in range(10)} == {"north", "south"}


def test_the_route_tables_go_before_the_links_prefixes() -> None:
    rows = [RouteSettings(links=("main", "gone"), plmn="404-45")]
    networks = [NetworkSettings(prefix="9198", mcc="404", mnc="45")]
    table = routing_table([link("main", ""), link("north", "91")], (), rows, networks)
    assert table.select_link("919812345670") == "main"
    assert table.select_link("919712345670") == "north"


def test_a_table_is_put_as_a_whole() -> None:
    facts = PolicyFacts()
    table = routing_table([link("north", "91")])
    put_routes(facts, table)
    assert facts.routes is table


def test_each_channel_goes_through_the_links_that_carry_it() -> None:
    links = [link("main", ""), link("screen", "", channels=("ussd",)), link("both", "44", channels=BOTH)]
    rows = [RouteSettings(links=("main", "screen"), prefix="9198")]
    table = routing_table(links, (), rows)
    for number, by_sms, by_ussd in (
        ("919812345670", ("main",), ("screen",)),
        ("447700900123", ("both", "main"), ("both", "screen")),
    ):
        assert table.links_for(RoutedMessage(number)) == by_sms
        assert table.links_for(RoutedMessage(number, channel="ussd")) == by_ussd
    nowhere = routing_table([link("main", "")])
    assert nowhere.links_for(RoutedMessage("447700900123")) == ("main",)
    assert nowhere.links_for(RoutedMessage("447700900123", channel="ussd")) == ()
