"""Manage links: add, set, stop, start and remove the binds to SMSCs while the product runs.

Laws: a link's number is given once and stays with its name for ever, since attempts and receipts are written
under it; a command is judged with all links together before anything changes; what the settings mean and how
a link runs is known to the ports. A removed link keeps its row, so that what it has sent can be explained.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Protocol

from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes

Values = Mapping[str, Any]  # settings of one link by key, as JSON has them; defaults left out


class LinkState(Enum):
    """What the operator wants of a link."""

    ACTIVE = "active"
    STOPPED = "stopped"  # unbound; what only it reaches waits
    RETIRED = "retired"  # removed; the row explains what it once sent


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """One link as the store has it.

    `configured`: what the configuration said when it filled this row, None for a link that a command added.
    `password` "" where it is kept elsewhere (the configuration, its file, the environment).
    """

    link_no: int
    name: str
    state: LinkState
    settings: Values
    configured: Values | None = None
    password: str = field(default="", repr=False)
    changed_us: int = 0
    changed_by: str = ""

    def as_row(self) -> dict[str, object]:
        """The row of store.schema.smsc_link_settings."""
        return {
            "link_no": self.link_no,
            "state": self.state.value,
            "settings": _json(self.settings),
            "configured": "" if self.configured is None else _json(self.configured),
            "password": self.password,
            "changed_us": self.changed_us,
            "changed_by": self.changed_by,
        }


@dataclass(frozen=True, slots=True)
class LinkEffect:
    """What a command did to messages and binds.

    `moved`: messages that waited and go another way; `ended`: those that nothing reaches any more, their
    holds released; `waiting`: those that wait at this link; `at_smsc`: messages sent through it whose end is
    still open; `reconnects`: its bind is made anew.
    """

    moved: int = 0
    ended: int = 0
    waiting: int = 0
    at_smsc: int = 0
    reconnects: bool = False


class LinkRoom(Protocol):
    """Where links run: knows what settings mean, and makes the binds as the records say."""

    def normalised(self, name: str, values: Values) -> Values:
        """The settings of a link, checked, without those that are at their default.

        Raises:
            OperatorError: naming the key and what is allowed.
        """
        ...

    def check_password(self, name: str, password: str) -> None:
        """Raises OperatorError where this password cannot be, or where another place goes before it."""
        ...

    def apply(
        self, links: Sequence[LinkRecord], changed: LinkRecord, now_us: int, changes: Changes
    ) -> LinkEffect:
        """Make `changed`, one of `links`, run as it says.

        Raises:
            OperatorError: the links contradict each other; then nothing has changed.
        """
        ...


class ManageLinks:
    """The use case."""

    def __init__(self, room: LinkRoom, links: Iterable[LinkRecord], numbers: Mapping[str, int]) -> None:
        """`numbers`: every name that ever had a number, and it."""
        self._room = room
        self._links = {link.name: link for link in links}
        self._numbers = dict(numbers)

    def links(self) -> list[LinkRecord]:
        """Every link that is not removed, by name."""
        return sorted(self._present(), key=lambda link: link.name)

    def require(self, name: str) -> LinkRecord:
        """The link of this name.

        Raises:
            OperatorError: there is none, or it is removed.
        """
        link = self._links.get(name)
        if link is None or link.state is LinkState.RETIRED:
            known = ", ".join(each.name for each in self.links()) or "none"
            raise OperatorError(f"no link is called {name!r}; there are: {known}")
        return link

    def add(
        self, name: str, values: Values, password: str, by: str, now_us: int, changes: Changes
    ) -> tuple[LinkRecord, LinkEffect]:
        """Add a link and bind it. A name that was removed gets its old number again.

        Raises:
            OperatorError: the name is taken, or the settings are not allowed.
        """
        known = self._links.get(name)
        if known is not None and known.state is not LinkState.RETIRED:
            raise OperatorError(f"a link called {name!r} exists already; change it with link set")
        number = self._numbers.get(name) or max(self._numbers.values(), default=0) + 1
        settings = self._room.normalised(name, _given(values))
        self._room.check_password(name, password)
        link = LinkRecord(number, name, LinkState.ACTIVE, settings, None, password, now_us, by)
        changed = self._apply(link, now_us, changes)
        self._numbers[name] = number
        return changed

    def set(
        self, name: str, values: Values, password: str, by: str, now_us: int, changes: Changes
    ) -> tuple[LinkRecord, LinkEffect]:
        """Change settings of a link, None puts one back to its default; `password` "" leaves it as it is.

        Raises:
            OperatorError: there is no such link, or the settings are not allowed.
        """
        link = self.require(name)
        settings = self._room.normalised(name, _given({**link.settings, **values}))
        if password:
            self._room.check_password(name, password)
        changed = replace(
            link, settings=settings, password=password or link.password, changed_us=now_us, changed_by=by
        )
        return self._apply(changed, now_us, changes)

    def stop(self, name: str, by: str, now_us: int, changes: Changes) -> tuple[LinkRecord, LinkEffect]:
        """Let nothing more leave through a link, and unbind it; what waits moves, or waits for its start."""
        return self._turn(name, LinkState.STOPPED, by, now_us, changes)

    def start(self, name: str, by: str, now_us: int, changes: Changes) -> tuple[LinkRecord, LinkEffect]:
        """Bind a stopped link again."""
        return self._turn(name, LinkState.ACTIVE, by, now_us, changes)

    def remove(self, name: str, by: str, now_us: int, changes: Changes) -> tuple[LinkRecord, LinkEffect]:
        """Stop a link for good; what waits moves, or ends with its hold released where nothing reaches it."""
        return self._turn(name, LinkState.RETIRED, by, now_us, changes)

    def _turn(
        self, name: str, state: LinkState, by: str, now_us: int, changes: Changes
    ) -> tuple[LinkRecord, LinkEffect]:
        link = self.require(name)
        if link.state is not state:
            link = replace(link, state=state, changed_us=now_us, changed_by=by)
        if state is LinkState.RETIRED:
            link = replace(link, password="")  # nobody binds with it again
        return self._apply(link, now_us, changes)

    def _apply(self, link: LinkRecord, now_us: int, changes: Changes) -> tuple[LinkRecord, LinkEffect]:
        others = [each for each in self._present() if each.name != link.name]
        effect = self._room.apply([*others, link], link, now_us, changes)
        if link.name not in self._numbers:
            changes.upserts.append(("smsc_link", {"link_no": link.link_no, "name": link.name}))
        changes.upserts.append(("smsc_link_settings", link.as_row()))
        self._links[link.name] = link
        return link, effect

    def _present(self) -> Iterable[LinkRecord]:
        return (link for link in self._links.values() if link.state is not LinkState.RETIRED)


def link_of_row(name: str, row: Mapping[str, Any]) -> LinkRecord:
    """The link of a row of store.schema.smsc_link_settings."""
    return LinkRecord(
        link_no=row["link_no"],
        name=name,
        state=LinkState(row["state"]),
        settings=json.loads(row["settings"]),
        configured=json.loads(row["configured"]) if row["configured"] else None,
        password=row["password"],
        changed_us=row["changed_us"],
        changed_by=row["changed_by"],
    )


def _given(values: Values) -> Values:
    return {key: value for key, value in values.items() if value is not None}


def _json(values: Values) -> str:
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True)
