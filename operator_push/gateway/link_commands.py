"""Link commands of the control socket: list, show, add, set, stop, start and remove binds to SMSCs.

A few lines over services.manage_links; documented in docs/control-socket.md. No password is ever answered.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from operator_push.config import Settings, SmscSettings
from operator_push.config.link_settings import all_link_values, link_password
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, who
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.gateway.smsc_link import SmscLink
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.services.changes import Changes
from operator_push.services.manage_links import LinkEffect, LinkRecord, ManageLinks

_Turn = Callable[[str, str, int, Changes], tuple[LinkRecord, LinkEffect]]


class LinksThatRun(Protocol):
    """What is asked of the room where links run."""

    @property
    def links(self) -> Mapping[str, SmscLink]: ...

    def settings_of(self, record: LinkRecord) -> SmscSettings: ...


class LinkCommands:
    """The handlers by name."""

    def __init__(
        self,
        links: ManageLinks,
        running: LinksThatRun,
        settings: Settings,
        cancel_waiting: Callable[[str, int, Changes], int],
        committer: Committer,
    ) -> None:
        """`cancel_waiting` ends what waits at a link and tells how many messages."""
        self._links = links
        self._running = running
        self._settings = settings
        self._cancel_waiting = cancel_waiting
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {
            "link.list": self._list,
            "link.show": self._show,
            "link.add": self._add,
            "link.set": self._set,
            "link.stop": self._stop,
            "link.start": self._turn(self._links.start),
            "link.remove": self._turn(self._links.remove),
        }

    def _list(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        answer({"links": [self._shown(link) for link in self._links.links()]})

    def _show(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        answer({"link": self._shown(self._links.require(str(args["name"])))})

    def _add(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        name, values, password = _asked(args)
        self._done(
            answer, *self._links.add(name, values, password, who(args), now_us(), self._committer.changes)
        )

    def _set(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        name, values, password = _asked(args)
        if not values and not password:
            raise OperatorError("nothing to set: give settings or a password")
        self._done(
            answer, *self._links.set(name, values, password, who(args), now_us(), self._committer.changes)
        )

    def _stop(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        name, at_us, changes = str(args["name"]), now_us(), self._committer.changes
        link, effect = self._links.stop(name, who(args), at_us, changes)
        if args.get("cancel"):
            effect = replace(effect, ended=self._cancel_waiting(name, at_us, changes))
        self._done(answer, link, effect)

    def _turn(self, turn: _Turn) -> Handler:
        def handler(args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
            self._done(answer, *turn(str(args["name"]), who(args), now_us(), self._committer.changes))

        return handler

    def _done(self, answer: Answer, link: LinkRecord, effect: LinkEffect) -> None:
        result = {
            "link": self._shown(link),
            "moved": effect.moved,
            "ended": effect.ended,
            "at_smsc": effect.at_smsc,
            "reconnects": effect.reconnects,
        }
        after_commit(self._committer, answer, result)

    def _shown(self, record: LinkRecord) -> dict[str, Any]:
        link = self._running.links.get(record.name)
        _, kept_in = link_password(self._settings, record.name, record.password)
        return {
            "name": record.name,
            "state": record.state.value,
            "bound": link is not None and link.is_bound,
            "waiting": len(link.outbox) if link is not None else 0,
            "in_flight": link.in_flight if link is not None else 0,
            "settings": all_link_values(self._running.settings_of(record)),
            "password": kept_in,
            "changed_at": iso(record.changed_us),
            "changed_by": record.changed_by,
        }


def _asked(args: Mapping[str, Any]) -> tuple[str, Mapping[str, Any], str]:
    values = args.get("settings") or {}
    if not isinstance(values, dict):
        raise OperatorError("settings must be an object of keys and values")
    return str(args["name"]), values, str(args.get("password") or "")
