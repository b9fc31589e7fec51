"""A link that loses its bind has some seconds to come back; a refused or stopped one is down at once."""

from collections.abc import Callable

from operator_push.domain.facts import PolicyFacts
from operator_push.gateway.link_watch import LinkWatch
from operator_push.services.choose_link import ChooseLink


class Told(ChooseLink):
    """Notes what it is told."""

    def __init__(self) -> None:
        super().__init__(PolicyFacts())
        self.heard: list[str] = []

    def went_down(self, name: str) -> int:
        self.heard.append("down")
        return 1

    def came_up(self, name: str) -> int:
        self.heard.append("up")
        return 0


class Clock:
    """Runs what is asked for later when told to."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        self.waiting.append(call)

    def run(self) -> None:
        waiting, self.waiting = self.waiting, []
        for call in waiting:
            call()


def a_watch() -> tuple[LinkWatch, Told, Clock]:
    told, clock = Told(), Clock()
    return LinkWatch("main", told, 5.0, clock.later), told, clock


def test_a_link_that_is_back_in_time_was_never_down():
    watch, told, clock = a_watch()
    watch.bound()
    watch.lost()
    watch.bound()
    clock.run()
    assert told.heard == ["up", "up"]


def test_a_link_that_stays_away_is_down_also_where_it_never_bound():
    watch, told, clock = a_watch()
    clock.run()
    assert told.heard == ["down"]
    watch.bound()
    watch.lost()
    clock.run()
    assert told.heard == ["down", "up", "down"]


def test_a_refused_account_and_a_command_take_effect_at_once():
    watch, told, _ = a_watch()
    watch.bound()
    watch.refused(True)
    watch.refused(False)
    watch.stop(True)
    watch.bound()
    watch.stop(False)
    assert told.heard == ["up", "down", "up", "down", "down", "up"]


def test_the_watch_of_a_link_that_is_gone_is_silent():
    watch, told, clock = a_watch()
    watch.retire()
    watch.bound()
    watch.stop(True)
    clock.run()
    assert told.heard == []
