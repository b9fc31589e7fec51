"""Replace messages: another text for what has not left (replace_sm, SMPP v3.4 section 4.10).

The new text is a message of its own through the one door: decided, priced and held anew, the new hold before
the old one is released, so that a text without credit changes nothing. Its ESME goes on knowing it by the id
of the first.
"""

from operator_push.domain.policy import Policy
from operator_push.services.accept_submissions import Accepted, AcceptSubmissions, Offered
from operator_push.services.cancel_message import REPLACED, CancelMessage
from operator_push.services.changes import Changes
from operator_push.services.open_messages import OpenMessage, submission_of
from operator_push.services.shown_ids import ShownIds


class ReplaceMessage:
    """The use case of one shard."""

    def __init__(
        self, accept: AcceptSubmissions, cancel: CancelMessage, shown: ShownIds, policy: Policy
    ) -> None:
        self._accept = accept
        self._cancel = cancel
        self._shown = shown
        self._policy = policy

    def replace(self, old: OpenMessage, offer: Offered, now_us: int, changes: Changes) -> Accepted:
        """Put `offer` in the place of an unsent message; where it is refused the old one stays as it was."""
        old_submission = submission_of(old)
        if old.takes_slot:  # the new one may have its slot
            self._policy.given_up(old_submission, old.message_id, old.not_before_us)
        way_out = self._accept.way_out
        told_it = way_out is not None and way_out.give_place(old)
        (accepted,) = self._accept.accept([offer], now_us, changes)
        if old.takes_slot:
            self._policy.admitted(old_submission, old.message_id, old.not_before_us)
        if accepted.message is None:
            if told_it and way_out is not None:
                way_out.take_place_again(old)
            return accepted
        self._shown.show_as(accepted.message_id, self._shown.shown_of(old.message_id), changes)
        old.registered_delivery = 0  # its ESME hears of the id again when the new text has ended
        self._cancel.withdraw(old, REPLACED, now_us, changes)
        return accepted
