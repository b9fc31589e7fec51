"""Visits reach the server in order, also after it was away, and none twice where it took them."""

from typing import Any

from operator_push.cli import visit_telling
from operator_push.cli.visit_telling import VisitTelling
from operator_push.domain.link_visits import Filtered, Visit, VisitKind
from operator_push.kernel.errors import ResourceError


class Server:
    def __init__(self) -> None:
        self.is_away = False
        self.taken: list[int] = []
        self.calls = 0

    def call(self, do: str, visits: list[dict[str, Any]]) -> dict[str, Any]:
        self.calls += 1
        assert do == "short_link.visits"
        if self.is_away:
            raise ResourceError("no server runs")
        self.taken += [visit["subscriber_no"] for visit in visits]
        return {"taken": len(visits)}


def visit(person: int) -> Visit:
    return Visit(1, person, VisitKind.CLICK, Filtered.PERSON, 5)


def test_visits_wait_while_no_server_answers(monkeypatch: Any) -> None:
    monkeypatch.setattr(visit_telling, "BATCH", 2)
    server = Server()
    telling = VisitTelling(server.call)
    server.is_away = True
    for person in (1, 2, 3):
        telling.tell(visit(person))
    telling._tell_all()
    assert (server.taken, server.calls) == ([], 1)
    server.is_away = False
    telling._tell_all()
    assert (server.taken, server.calls) == ([1, 2, 3], 3)
    telling._tell_all()
    assert server.calls == 3


def test_beyond_the_bound_the_oldest_are_lost_and_the_log_says_so(monkeypatch: Any, caplog: Any) -> None:
    monkeypatch.setattr(visit_telling, "WAITING_MAX", 2)
    server = Server()
    telling = VisitTelling(server.call)
    for person in (1, 2, 3):
        telling.tell(visit(person))
    telling._tell_all()
    assert server.taken == [2, 3]
    assert "1 visits of short links were lost" in caplog.text


def test_what_waits_is_told_before_the_end() -> None:
    server = Server()
    telling = VisitTelling(server.call, every_s=60.0)
    telling.start()
    telling.tell(visit(7))
    telling.stop()
    assert server.taken == [7]
