"""Plugins are found by entry point, and what is missing is said before the start."""

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from operator_push import plugins
from operator_push.config import DeliveryEventsSettings, PortabilitySettings
from operator_push.kernel.errors import OperatorError
from operator_push.services.ports import DeliveryEvent, DeliveryEventSinkSettings


class MemorySink:
    """A sink that keeps what it is told."""

    def __init__(self, settings: DeliveryEventSinkSettings, reactor: object) -> None:
        self.settings = settings
        self.reactor = reactor
        self.events: list[DeliveryEvent] = []


def announced(monkeypatch: pytest.MonkeyPatch, *points: EntryPoint) -> None:
    def entry_points(group: str, name: str | None = None) -> list[EntryPoint]:
        return [point for point in points if point.group == group and name in (None, point.name)]

    monkeypatch.setattr(plugins, "entry_points", entry_points)


def point(name: str, value: str = f"{__name__}:MemorySink") -> EntryPoint:
    return EntryPoint(name, value, plugins.DELIVERY_EVENTS_GROUP)


def settings(**fields: Any) -> DeliveryEventsSettings:
    return DeliveryEventsSettings(
        url="http://client.example/", secret=SecretStr("sixteen characters"), **fields
    )


def test_the_webhook_that_ships_with_the_product_is_announced() -> None:
    assert "webhook" in plugins.installed_kinds(plugins.DELIVERY_EVENTS_GROUP)


def test_each_table_becomes_a_sink_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EntryPoint, "load", lambda self: MemorySink)
    announced(monkeypatch, point("memory"))
    reactor = object()
    tables = [settings(name="a", kind="memory", options={"depth": 3}), settings(name="b", kind="memory")]
    sinks = plugins.load_delivery_event_sinks(tables, reactor)
    assert list(sinks) == ["a", "b"]
    first: Any = sinks["a"]
    assert first.reactor is reactor
    assert (first.settings.name, first.settings.url) == ("a", "http://client.example/")
    assert first.settings.secret == b"sixteen characters"
    assert first.settings.options == {"depth": 3}
    assert "sixteen" not in repr(first.settings)


def test_ported_numbers_are_asked_of_the_kind_that_is_named(tmp_path: Path) -> None:
    assert plugins.load_number_portability(PortabilitySettings(), None) is None
    assert "csv" in plugins.installed_kinds(plugins.NUMBER_PORTABILITY_GROUP)
    file = tmp_path / "ported.csv"
    file.write_text("msisdn,network\n919812345678,404-45\n")
    found = plugins.load_number_portability(PortabilitySettings(kind="csv", numbers_file=file), None)
    assert found is not None
    assert found.network_of("919812345678", 0) == "404-45"
    with pytest.raises(OperatorError, match=r"number_portability.kind: no plugin of the kind 'enum'"):
        plugins.load_number_portability(PortabilitySettings(kind="enum"), None)


def test_an_unknown_kind_is_answered_with_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    announced(monkeypatch, point("memory"), point("webhook"))
    with pytest.raises(OperatorError, match="'kafka' is installed; known kinds: memory, webhook"):
        plugins.load_delivery_event_sinks([settings(kind="kafka")], object())


def test_a_kind_that_two_packages_announce_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    announced(monkeypatch, point("memory"), point("memory", "elsewhere:Sink"))
    with pytest.raises(OperatorError, match="announced twice: elsewhere:Sink, "):
        plugins.load_delivery_event_sinks([settings(kind="memory")], object())


@pytest.mark.parametrize("value", ["no_such_module_anywhere:Sink", "json:NoSuchName"])
def test_a_plugin_that_cannot_be_loaded_names_itself(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    announced(monkeypatch, point("broken", value))
    with pytest.raises(OperatorError, match=f"{value} cannot be loaded"):
        plugins.load_delivery_event_sinks([settings(kind="broken")], object())
