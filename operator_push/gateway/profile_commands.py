"""Profile commands of the control socket: what a person says of themselves."""

from collections.abc import Callable, Mapping
from typing import Any

from operator_push.domain.declared import checked
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, who
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.changes import Changes


class ProfileCommands:
    """The handlers by name."""

    def __init__(
        self,
        shard: int,
        number_of: Callable[[str], int],
        declared: Callable[[int, frozenset[str], str, str, int, Changes], None],
        committer: Committer,
    ) -> None:
        """`declared` is told what somebody says, and which incentive with which terms they were shown."""
        self._shard = shard
        self._number_of = number_of
        self._declared = declared
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {"profile.declare": self._declare}

    def _declare(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"number", "attributes": {name: value}, "by"} → {"declared"}: all of them, or none.

        `incentive_ref` and `incentive_terms`: the offer that was shown beside the form.
        """
        number = self._number_of(normalise_msisdn(str(args["number"])) or "")
        if not number:
            raise OperatorError("number: no subscriber has this number")
        given = args["attributes"]
        if not isinstance(given, dict) or not given:
            raise OperatorError("attributes: give an object of names and values")
        try:
            values = {str(name): checked(str(name), str(value)) for name, value in given.items()}
        except ValueError as error:
            raise OperatorError(str(error)) from error
        at_us, by = now_us(), who(args)
        for name, value in values.items():
            row = {"shard": self._shard, "subscriber_no": number, "name": name, "value": value}
            row |= {"declared_us": at_us, "declared_by": by}
            self._committer.changes.upserts.append(("declared_attribute", row))
        said = frozenset(name for name, value in values.items() if value)
        shown, terms = str(args.get("incentive_ref") or ""), str(args.get("incentive_terms") or "")
        self._declared(number, said, shown, terms, at_us, self._committer.changes)
        after_commit(self._committer, answer, {"declared": len(values)})
