"""A rotation: the key first, then the rows page by page, then the keys that nobody needs."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from operator_push.gateway.vault_commands import KeyStore, VaultCommands
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.lookup_keys import LookupKeys
from operator_push.vault.vault import Vault


class Desk:
    """The commands over a store of seven people, two to a page; `later` holds what waits."""

    def __init__(self, keys: LookupKeys, needed: set[int] = frozenset()) -> None:  # type: ignore[assignment]
        self.vault = Vault(keys)
        self.removed: list[int] = []
        self.pages: list[int] = []
        self.later: list[tuple[Callable[..., None], Any]] = []
        self.told: list[object] = []
        store = KeyStore(
            lambda keys: keys.with_key(b"n" * 32), self.removed.append, self.page, lambda rows: set(needed)
        )
        writer = SimpleNamespace(submit=lambda work, done: done(work(None)))
        committer = SimpleNamespace(
            changes=SimpleNamespace(vault_audit=[]), promise=lambda call: call(), kick=lambda: None
        )
        self.committer = committer
        self.commands = VaultCommands(
            self.vault,
            store,
            lambda at_us: 7,
            writer,
            committer,
            lambda s, call, arg: self.later.append((call, arg)),
        )

    def page(self, rows: object, after: int, version: int, value: Callable[[str], bytes]) -> int:
        self.pages.append(after)
        return min(after + 2, 7) if after < 7 else 0

    def rotate(self) -> None:
        self.commands.handlers()["vault.rotate"]({"by": "ann"}, self.told.append, pytest.fail)

    def run(self) -> None:
        while self.later:
            call, argument = self.later.pop(0)
            call(argument)


def test_a_rotation_goes_through_everybody_and_lets_old_keys_go() -> None:
    desk = Desk(LookupKeys({0: b"0" * 32, 1: b"1" * 32, 2: b"2" * 32}), needed={1, 3})
    desk.rotate()
    assert desk.told == [{"version": 3, "key_id": desk.vault.keys.key_id(3)}]
    assert desk.committer.changes.vault_audit[0][3:5] == ("ann", "look-up key 3")
    with pytest.raises(OperatorError, match="still at work"):
        desk.rotate()
    desk.run()
    assert desk.pages == [0, 2, 4, 6, 7]
    assert desk.removed == [2]
    assert set(desk.vault.keys.by_version) == {0, 1, 3}, "the pseudonym key stays"
    desk.rotate()


def test_a_start_goes_on_with_what_an_earlier_rotation_left() -> None:
    desk = Desk(LookupKeys({0: b"0" * 32}))
    desk.commands.go_on()
    assert desk.pages == []
    desk.vault.is_behind = True
    desk.commands.go_on()
    desk.run()
    assert desk.pages[-1] == 7
    assert not desk.vault.is_behind


def test_a_key_that_cannot_be_written_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(LookupKeys({0: b"0" * 32}))

    def full(keys: LookupKeys) -> LookupKeys:
        raise OSError("disk full")

    desk.commands._store = desk.commands._store._replace(write_next=full)
    with pytest.raises(ResourceError, match="disk full"):
        desk.rotate()
    assert desk.vault.keys.current == 0
    assert desk.pages == []
