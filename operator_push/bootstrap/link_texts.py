"""Link texts: which link wants texts otherwise than most, and the cutter that heeds it.

Only links with options of their own are kept, so that where all are plain no message pays for a look-up.
"""

from collections.abc import Iterable

import msgspec

from operator_push.bootstrap.state import State
from operator_push.config import SmscSettings
from operator_push.domain.consent import SMS
from operator_push.domain.facts import PolicyFacts
from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.cut_plan import ConcatReferences
from operator_push.gateway.message_cutting import stored_reference
from operator_push.text.link_text import PLAIN_LINK, LinkText
from operator_push.text.shift_tables import LANGUAGE_CODES, NationalLanguage, language_of_code


class LinkTexts:
    """The options of links by name; links come and go while the product runs."""

    def __init__(self, facts: PolicyFacts, links: Iterable[SmscSettings] = ()) -> None:
        self._facts = facts  # its table is replaced while we run: ask for it each time
        self._texts: dict[str, LinkText] = {}
        for link in links:
            self.put(link)

    def put(self, link: SmscSettings) -> None:
        """A link is there, or has new settings; what was accepted before keeps its cut."""
        if link.text == PLAIN_LINK:
            self._texts.pop(link.name, None)
        else:
            self._texts[link.name] = link.text

    def of_message(
        self, source: str, destination: str, account_no: int, traffic_class: int
    ) -> LinkText | None:
        """The options of the first of the links for such a message; None where it has none of its own."""
        if not self._texts:
            return None
        links = self._facts.routes.links_for(_Asked(source, destination, account_no, traffic_class))
        return self._texts.get(links[0]) if links else None


class _Asked(msgspec.Struct, gc=False):
    """What routes look at (domain.routing.Routable)."""

    source: str
    destination: str
    account_no: int
    traffic_class: int
    channel: str = SMS  # a screen is not cut for


def cutter_of(state: State, texts: LinkTexts) -> MessageCutter:
    """The cutter of a gateway; its references go on where those of open messages end."""
    references = ConcatReferences()
    for message in state.messages:
        if message.segment_count > 1 and (reference := stored_reference(message)) is not None:
            references.remember(message.destination, reference)

    def shift_tables(account_no: int) -> tuple[NationalLanguage, ...]:
        account = state.registry.account(account_no)
        codes = account.terms.shift_tables if account is not None else None
        return tuple(language_of_code(code) for code in codes or () if code in LANGUAGE_CODES)

    return MessageCutter(texts.of_message, references, shift_tables)
