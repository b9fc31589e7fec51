"""Rows of the store put in force over links that run, and what is told of one number."""

import pytest
from control_desk import call
from link_room import LinkRoomInMemory, record

from operator_push.bootstrap.live_routes import LiveRoutes, answers_of
from operator_push.bootstrap.routes import RoutesInForce
from operator_push.domain.routing import RoutedMessage
from operator_push.gateway.route_commands import RouteCommands
from operator_push.kernel.errors import OperatorError
from operator_push.services.manage_routes import ManageRoutes, RoutingKind
from operator_push.services.registry import Registry

INDIA = "919812345670"


class Desk:
    """Links main ("") and north ("91") over a shard, and the calls route.* and network.*."""

    def __init__(self) -> None:
        self.room = LinkRoomInMemory(record(7, "north", prefixes=["44"]))
        self.registry = Registry([], [], [])
        self.routes = RoutesInForce(self.registry, [])
        self.room.running._make_routes = self.routes  # as links_of_store gives it
        self.live = LiveRoutes(self.routes, self.room.running, [])
        tell = answers_of(self.room.shard.facts, self.room.choose)
        commands = RouteCommands(ManageRoutes(self.live, []), self.registry, tell, self.room.committer)
        self.handlers = commands.handlers()

    def call(self, do: str, **args: object) -> dict[str, object]:
        return call(self.handlers, do, **args)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_route_moves_what_waits_and_its_removal_moves_it_back(desk: Desk) -> None:
    desk.room.shard.accept(desk.room.shard.offer())
    assert len(desk.room.outbox("main")) == 1
    added = desk.call("route.add", settings={"links": ["north"]}, by="ann")
    assert (added["moved"], added["route"]["settings"], added["route"]["added_by"]) == (
        1,
        {"links": ["north"]},
        "ann",
    )
    assert (len(desk.room.outbox("main")), len(desk.room.outbox("north"))) == (0, 1)
    assert desk.call("route.list")["routes"] == [added["route"]]
    assert desk.call("route.remove", number=1)["moved"] == 1
    assert len(desk.room.outbox("main")) == 1
    table = [row["removed_by"] for name, row in desk.room.written.upserts if name == "routing_row"]
    assert table == ["", "control socket"]


def test_routes_by_network_need_it_and_show_tells_how_a_number_goes(desk: Desk) -> None:
    with pytest.raises(OperatorError, match="no network row says which numbers are in 404-45"):
        desk.call("route.add", settings={"links": ["north"], "plmn": "404-45"})
    desk.call("network.add", settings={"prefix": "9198", "mcc": "404", "mnc": "45"})
    desk.call("route.add", settings={"links": ["north"], "plmn": "404-45"})
    with pytest.raises(OperatorError, match="a route asks"):
        desk.call("network.remove", number=1)
    with pytest.raises(OperatorError, match="network 1 has it"):
        desk.call("network.add", settings={"prefix": "9198", "mcc": "404", "mnc": "46"})
    told = desk.call("route.show", to=INDIA)
    assert (told["network"], told["link"]) == ("404-45", "north")
    assert told["links"] == [{"name": "north", "up": True}, {"name": "main", "up": True}]
    assert told["routes"][0] == {
        "link": "north", "prefix": "", "priority": 50, "weight": 1, "plmn": "404-45"
    }  # fmt: skip
    desk.room.choose.went_down("north")
    assert desk.call("route.show", to=INDIA)["link"] == "main"
    assert desk.call("network.list")["networks"][0]["number"] == 1


def test_what_cannot_be_is_refused_and_changes_nothing(desk: Desk) -> None:
    before = desk.room.shard.facts.routes
    with pytest.raises(OperatorError, match="no link that sends is called 'nowhere'; there are: main, north"):
        desk.call("route.add", settings={"links": ["nowhere"]})
    for args in ({"to": "x"}, {"to": INDIA, "traffic_class": "loud"}, {"to": INDIA, "account": "nobody"}):
        with pytest.raises(OperatorError):
            desk.call("route.show", **args)
    assert desk.room.shard.facts.routes is before
    assert desk.live.normalised(RoutingKind.ROUTE, {"links": ["main"], "weight": 1}) == {"links": ["main"]}


def test_a_route_is_told_by_account_sender_and_class(desk: Desk) -> None:
    settings = {"links": ["north"], "sender": "SHOP*", "traffic_class": "service"}
    desk.call("route.add", settings=settings)
    table = desk.room.shard.facts.routes
    assert table.links_for(RoutedMessage(INDIA, 1, "SHOPS", 2))[0] == "north"
    told = desk.call("route.show", to=INDIA, sender="SHOPS", traffic_class="service")
    assert (told["link"], told["routes"][0]["sender"]) == ("north", "SHOP*")
    assert desk.call("route.show", to=INDIA)["link"] == "main"
