"""Opt-in commands of the control socket: somebody typed a number at a door, and it is asked by SMS."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from operator_push.domain.consent_record import EXTRA
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, whole
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.changes import Changes

ReadNotices = Callable[[Callable[[int | BaseException], None]], None]


class Asks(Protocol):
    """What is asked of services.take_opt_ins."""

    def request(
        self, name: str, msisdn: str, method: str, given: Mapping[str, Any], now_us: int, changes: Changes
    ) -> str: ...

    def called_at(self, name: str) -> str: ...

    def missed_call(self, called: str, msisdn: str, now_us: int, changes: Changes) -> str: ...


class OptInCommands:
    """The handlers by name; `asks` None where no account answers."""

    def __init__(
        self,
        asks: Asks | None,
        read_notices: ReadNotices,
        msisdn_of: Callable[[int], str],
        committer: Committer,
    ) -> None:
        self._asks = asks
        self._msisdn_of = msisdn_of
        self._read_notices = read_notices
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {
            "opt_in.request": self._request,
            "opt_in.missed_call": self._missed_call,
            "notice.refresh": self._refresh,
        }

    def _request(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"name", "msisdn", "method", "evidence": {…}} → {"outcome"} after it is on disk."""
        asks, msisdn = self._able(), _msisdn(args, "msisdn")
        given = dict(args.get("evidence") or {})
        unknown = sorted(given.keys() - EXTRA.keys())
        if unknown:
            raise OperatorError(f"evidence {unknown[0]!r} is not one of {', '.join(EXTRA)}")
        outcome = asks.request(
            str(args["name"]), msisdn, str(args["method"]), given, now_us(), self._committer.changes
        )
        after_commit(self._committer, answer, {"outcome": outcome})

    def _missed_call(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"called" or "name", "caller" or "caller_no"} → {"outcome"} after it is on disk: what the
        operator's switch tells, or its records."""
        asks = self._able()
        if args.get("caller_no") is not None:
            caller = self._msisdn_of(whole(args["caller_no"], "caller_no"))
        else:
            caller = _msisdn(args, "caller")
        called = asks.called_at(str(args["name"])) if "name" in args else str(args["called"])
        outcome = asks.missed_call(called, caller, now_us(), self._committer.changes)
        after_commit(self._committer, answer, {"outcome": outcome})

    def _able(self) -> Asks:
        if self._asks is None:
            raise OperatorError("nobody can be asked: the configuration names no [answers] account")
        return self._asks

    def _refresh(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{} → {"notices"}: texts that were registered beside the server are known from now on."""

        def told(count: int | BaseException) -> None:
            if isinstance(count, BaseException):
                refuse(str(count))
            else:
                answer({"notices": count})

        self._read_notices(told)


def _msisdn(args: Mapping[str, Any], key: str) -> str:
    msisdn = normalise_msisdn(str(args[key]))
    if msisdn is None:
        raise OperatorError(f"{key} is not an international number")
    return msisdn
