"""The routing table of all links, and what a stopped link keeps."""

import pytest
from pydantic import SecretStr

from operator_push.bootstrap.routes import put_routes, routing_table
from operator_push.config import SmscSettings
from operator_push.domain.facts import PolicyFacts
from operator_push.kernel.errors import OperatorError


def link(name: str, *prefixes: str, bind_type: str = "transceiver") -> SmscSettings:
    return SmscSettings(
        name=name,
        host="127.0.0.1",
        system_id="x",
        password=SecretStr("x"),
        prefixes=prefixes,
        bind_type=bind_type,  # type: ignore[arg-type]
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


def test_links_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(OperatorError, match=r"'91' is routed to 'north' and to 'south'"):
        routing_table([link("north", "91"), link("south", "91")])


def test_a_table_is_put_as_a_whole() -> None:
    facts = PolicyFacts()
    table = routing_table([link("north", "91")])
    put_routes(facts, table)
    assert facts.routes is table
