"""Issues are handed in one batch at a time, each after the commit of the one before."""

from collections.abc import Callable

from operator_push.bootstrap.channels import AGAIN_S, LOOK_S, HandInTurn
from operator_push.services.changes import Changes


class Later:
    """One call that a reactor was asked for."""

    def __init__(self, delay_s: float, work: Callable[[], None]) -> None:
        self.delay_s, self.work, self.is_active = delay_s, work, True

    def active(self) -> bool:
        return self.is_active

    def cancel(self) -> None:
        self.is_active = False


class Room:
    """Reactor, committer and use case in one: `left` batches, what was promised, what is called later."""

    def __init__(self, left: int = 0) -> None:
        self.left = left
        self.batches = 0
        self.is_open = True
        self.later: list[Later] = []
        self.promised: list[Callable[[], None]] = []
        self.changes = Changes()
        self.turn = HandInTurn(self, self, lambda: self.is_open, self)  # type: ignore[arg-type]

    def callLater(self, delay_s: float, work: Callable[[], None]) -> Later:  # noqa: N802  # the reactor's name
        self.later.append(Later(delay_s, work))
        return self.later[-1]

    def promise(self, work: Callable[[], None]) -> None:
        self.promised.append(work)

    def kick(self) -> None:
        pass

    def hand_in_next(self, now_us: int, changes: Changes) -> bool:
        if not self.left:
            return False
        self.left -= 1
        self.batches += 1
        return True

    def waiting(self) -> list[Later]:
        return [each for each in self.later if each.is_active]

    def go_on(self) -> None:
        """The commit is done, or else the time has come."""
        if self.promised:
            self.promised.pop(0)()
            return
        (due,) = self.waiting()
        due.is_active = False
        due.work()


def test_one_batch_a_commit_however_often_somebody_asks() -> None:
    room = Room(left=3)
    room.turn.look()
    room.turn.look()
    room.turn.look()
    assert (room.batches, len(room.promised), room.waiting()) == (1, 1, [])
    room.go_on()
    assert [each.delay_s for each in room.waiting()] == [AGAIN_S]
    room.turn.look()  # published meanwhile: at once, in the place of what waits
    assert (room.batches, len(room.promised), room.waiting()) == (2, 1, [])
    for _ in range(4):
        room.go_on()
    assert room.batches == 3
    assert [each.delay_s for each in room.waiting()] == [LOOK_S], "one look a second, and no second chain"


def test_nothing_is_handed_in_where_there_is_no_room() -> None:
    room = Room(left=1)
    room.is_open = False
    room.turn.look()
    assert (room.batches, [each.delay_s for each in room.waiting()]) == (0, [LOOK_S])
    room.is_open = True
    room.go_on()
    assert room.batches == 1
