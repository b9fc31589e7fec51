"""Route MO: to the account of its short code and keyword, else to whoever wrote last, else nowhere.

What is routed nowhere is stored all the same and counted. Conversations are kept for the short codes of the
configuration, in memory and for a stated time; a start reads them back.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable

from operator_push.domain.message import Origin
from operator_push.domain.mo_routing import MoRoutes
from operator_push.kernel.ids import id_epoch_us
from operator_push.kernel.meters import Meters
from operator_push.services.changes import Changes
from operator_push.services.hear_subscribers import Inbound
from operator_push.services.open_messages import OpenMessage

_ANSWER = Origin.ANSWER
_NOBODY = (0, 0, 0)
CONVERSATIONS_MAX = 500_000  # Ours: about 100 MB; beyond it the oldest is forgotten.

# Owes an MO message to an account: (account_no, mo_id, inbound, now_us, changes).
OweMo = Callable[[int, int, Inbound, int, Changes], None]


class Conversations:
    """Who last wrote to whom from which short code."""

    def __init__(self, short_codes: Iterable[str], kept_us: int) -> None:
        self._short_codes = frozenset(short_codes)
        self._kept_us = kept_us
        self._last: OrderedDict[tuple[str, str], tuple[int, int, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._last)

    def note(self, message: OpenMessage) -> None:
        """A message was admitted: its recipient may answer."""
        if message.source in self._short_codes and message.origin != _ANSWER:
            ours = message.account_no, message.message_id, message.brand_no
            self.remember(message.source, message.destination, *ours)

    def remember(self, short_code: str, msisdn: str, account_no: int, message_id: int, brand_no: int) -> None:
        """This account wrote to this person from this code, for this brand."""
        key = (short_code, msisdn)
        self._last[key] = (account_no, message_id, brand_no)
        self._last.move_to_end(key)
        if len(self._last) > CONVERSATIONS_MAX:
            self._last.popitem(last=False)

    def last(self, short_code: str, msisdn: str, now_us: int) -> int:
        """The account that wrote last, 0 where nobody did within the time that is kept."""
        return self.last_message(short_code, msisdn, now_us)[0]

    def last_message(self, short_code: str, msisdn: str, now_us: int) -> tuple[int, int]:
        """(account_no, message_id) of the message that came last, zeros where none did in that time."""
        return self._found(short_code, msisdn, now_us)[:2]

    def last_brand(self, short_code: str, msisdn: str, now_us: int) -> int:
        """The brand whose message came last, 0 where none did in that time."""
        return self._found(short_code, msisdn, now_us)[2]

    def _found(self, short_code: str, msisdn: str, now_us: int) -> tuple[int, int, int]:
        found = self._last.get((short_code, msisdn), _NOBODY)
        return found if now_us - id_epoch_us(found[1]) <= self._kept_us else _NOBODY


class RouteMo:
    """The use case; `account_no_of` knows accounts by name, 0 where there is none of it."""

    def __init__(
        self,
        routes: MoRoutes,
        conversations: Conversations,
        account_no_of: Callable[[str], int],
        owe: OweMo,
        meters: Meters,
    ) -> None:
        self._routes = routes
        self._conversations = conversations
        self._account_no_of = account_no_of
        self._owe = owe
        self._meters = meters

    def account_for(self, inbound: Inbound, now_us: int) -> int:
        """Whose message this is; 0 where it is nobody's."""
        name = self._routes.account_for(inbound.destination, inbound.text)
        account_no = self._account_no_of(name) if name else 0
        return account_no or self._conversations.last(inbound.destination, inbound.source, now_us)

    def route(self, inbound: Inbound, mo_id: int, now_us: int, changes: Changes) -> int:
        """Owe the message to its account, whose number is returned; 0 where it is only stored."""
        account_no = self.account_for(inbound, now_us)
        if account_no:
            self._owe(account_no, mo_id, inbound, now_us, changes)
        self._meters.count("mo.routed" if account_no else "mo.unrouted")
        return account_no
