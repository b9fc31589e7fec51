"""Submit commands of the control socket: what other programs of the operator have to say to one person."""

from collections.abc import Mapping
from typing import Any

from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, whole
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.submit_text import SubmitText

VALID_S_MAX = 7 * 86_400


class SubmitCommands:
    """The handlers by name."""

    def __init__(self, submit: SubmitText, committer: Committer) -> None:
        self._submit = submit
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {"message.submit": self._message_submit}

    def _message_submit(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"account", "sender", "number", "text", "valid_s"} → {"message_id"}, once it is on disk."""
        msisdn = normalise_msisdn(str(args["number"]))
        if msisdn is None:
            raise OperatorError("number is not an international number")
        valid_s = whole(args.get("valid_s", 0), "valid_s")
        if not 0 <= valid_s <= VALID_S_MAX:
            raise OperatorError(f"valid_s {valid_s} is not in 0..{VALID_S_MAX}")
        message_id = self._submit.submit(
            str(args["account"]),
            str(args["sender"]),
            msisdn,
            str(args["text"]),
            valid_s,
            now_us(),
            self._committer.changes,
        )
        after_commit(self._committer, answer, {"message_id": message_id})
