"""Message id forms: how one SMSC writes its ids in submit_sm_resp and in receipts, stated or found out.

Law: an id is kept as the submit_sm_resp wrote it; only what a receipt says is translated. A form is found out
from pairs of which a correlation key or the recipient says that they are one message, and only where a single
pair of forms explains them; what the configuration states is never questioned. What was found out is told to
the owner, who keeps it over a restart: a receipt that comes again then is still known as one.
"""

import logging
from collections.abc import Callable, Iterable

from operator_push.smpp.message_id import (
    MessageIdForm,
    form_pairs,
    ids_in_response,
    message_id_readings,
)

log = logging.getLogger(__name__)

FormPair = tuple[MessageIdForm, MessageIdForm]
_TEXT_PAIR = (MessageIdForm.TEXT, MessageIdForm.TEXT)
_DECIMAL, _HEXADECIMAL = MessageIdForm.DECIMAL, MessageIdForm.HEXADECIMAL
_GUESSES: tuple[FormPair, ...] = (
    (_DECIMAL, _HEXADECIMAL),
    (_HEXADECIMAL, _DECIMAL),
    (_DECIMAL, _DECIMAL),
    (_HEXADECIMAL, _HEXADECIMAL),
    (MessageIdForm.CASELESS, MessageIdForm.CASELESS),
)


class MessageIdForms:
    """The forms of one SMSC; `stated` is (form in responses, form in receipts), None: to be found out.

    `on_found(in_response, in_receipt, widths)` is told by name what `recall` takes after a restart.
    """

    def __init__(
        self,
        name: str = "",
        stated: FormPair | None = None,
        on_found: Callable[[str, str, tuple[int, ...]], None] = lambda *found: None,
    ) -> None:
        self._name = name
        self._stated = stated is not None
        self._known = stated
        self._possible: frozenset[FormPair] | None = None
        self._widths: set[int] = set()
        self._on_found = on_found

    def recall(self, in_response: str, in_receipt: str, widths: Iterable[int]) -> None:
        """What was found out before this start; nothing where the configuration tells, or cannot be read."""
        if self._stated:
            return
        try:
            self._known = MessageIdForm(in_response), MessageIdForm(in_receipt)
        except ValueError:  # a newer version's word
            return
        self._possible = frozenset({self._known})
        self._widths.update(widths)

    def note(self, response_id: str) -> None:
        """An id of a submit_sm_resp: remember to how many digits they are padded."""
        if response_id[:1] == "0" and len(response_id) not in self._widths:
            self._widths.add(len(response_id))
            self._tell()

    @property
    def are_stated(self) -> bool:
        """True where the configuration tells the forms."""
        return self._stated

    @property
    def are_texts(self) -> bool:
        """True while receipts are looked up by their ids as they stand."""
        return self._known is None or self._known == _TEXT_PAIR

    def ids(self, receipt_id: str) -> tuple[str, ...]:
        """The ids that a submit_sm_resp may have used for `receipt_id`, by the forms that are known."""
        if self._known is None:
            return (receipt_id,)
        response, receipt = self._known
        return ids_in_response(receipt_id, receipt, response, self._widths)

    def guesses(self, receipt_id: str) -> tuple[str, ...]:
        """The same by every form that is not excluded; () where the configuration states the form.

        What is found by these must agree in its correlation key or recipient.
        """
        if self._stated:
            return ()
        found: dict[str, None] = {}
        for response, receipt in _GUESSES:
            found |= dict.fromkeys(ids_in_response(receipt_id, receipt, response, self._widths))
        return tuple(found)

    def readings(self, identifier: str) -> tuple[str, ...]:
        """Texts of which two ids share at least one where they may be one id in two forms."""
        return (*message_id_readings(identifier), identifier.lower())

    def learn(self, response_id: str, receipt_id: str) -> None:
        """These two are known to be one message's: exclude the forms that do not explain it."""
        if self._stated:
            return
        explains = form_pairs(response_id, receipt_id)
        if not explains:
            return
        possible = explains if self._possible is None else self._possible & explains
        self._possible = possible or explains  # the SMSC writes otherwise than before: begin anew
        if len(self._possible) == 1:
            (found,) = self._possible
            if found != self._known:
                response, receipt = found
                log.warning(
                    "SMSC %s: message ids are %s in responses and %s in receipts",
                    self._name,
                    response.value,
                    receipt.value,
                )
                self._known = found
                self._tell()

    def _tell(self) -> None:
        if not self._stated and self._known is not None:
            response, receipt = self._known
            self._on_found(response.value, receipt.value, tuple(sorted(self._widths)))
