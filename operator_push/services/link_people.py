"""Link people: a customer code, a number and an e-mail address become one person's by the codes sent to each.

Laws: a code is bound to client, person and target; it holds for a while, once, and ends after too many wrong
guesses; only keyed hashes of codes are kept; how many are sent to one target is limited. Nothing is linked
before every target has answered. What is unlinked is deleted. Each step leaves an event, without the address.
"""

import hmac
from collections.abc import Callable, Mapping

import msgspec

from operator_push.domain.person_links import PersonLink, PersonLinks, checked_customer_code, checked_email
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.pseudonym import lookup_value
from operator_push.services.changes import Changes
from operator_push.services.rate_windows import SECOND_US, RateWindow, RateWindows

CODE_DIGITS = 6
GUESSES_MAX = 5
CODES_PER_TARGET = ((3, 900), (10, 86_400))  # Ours: as self-care has it; also by each person
_FORGOTTEN: Mapping[str, object] = msgspec.structs.asdict(PersonLink(0, 0))

ASKED, LINKED, UNLINKED, GIVEN_UP = "asked", "linked", "unlinked", "ended"  # `what` of an event


class LinkRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks what for whom. `number_proof`: how the number was proved already, "" where it was not."""

    account_no: int
    subscriber_no: int
    msisdn: str
    customer_code: str = ""
    email: str = ""
    number_proof: str = ""
    by: str = ""


class LinkCodes(msgspec.Struct, frozen=True):
    """What is to be sent: "" where nothing is."""

    sms: str
    email: str
    link: PersonLink


class LinkPeople:
    """The use case for one shard. `chance`: so many random octets; `key` that of the vault."""

    def __init__(
        self,
        shard: int,
        ids: IdSequence,
        links: PersonLinks,
        key: bytes,
        lifetime_s: int,
        chance: Callable[[int], bytes],
    ) -> None:
        self._shard = shard
        self._ids = ids
        self.links = links
        self._key = key
        self._lifetime_us = lifetime_s * SECOND_US
        self._chance = chance
        self._sent = RateWindows(*(RateWindow(most, within_s) for most, within_s in CODES_PER_TARGET))

    def ask(self, asked: LinkRequest, now_us: int, changes: Changes) -> LinkCodes:
        """Begin a link: what waited before ends, and new codes are to be sent.

        Raises:
            OperatorError: nothing to link, no address, a customer code that is somebody else's, or codes were
                sent to one of the targets too often.
        """
        try:
            code = checked_customer_code(asked.customer_code)
            email = checked_email(asked.email) if asked.email else ""
        except ValueError as fault:
            raise OperatorError(str(fault)) from fault
        if not code and not email:
            raise OperatorError("give customer_code, email or both: that is what is linked to the number")
        if code and not asked.account_no:
            raise OperatorError("a customer code is a client's own; name the account")
        self._check_holder(asked.account_no, asked.subscriber_no, code)
        targets = ("" if asked.number_proof else asked.msisdn, email)
        self._count([f"person {asked.subscriber_no}", *(each for each in targets if each)], now_us)
        sms = "" if asked.number_proof else self._new_code()
        by_email = self._new_code() if email else ""
        link = PersonLink(
            asked.account_no,
            asked.subscriber_no,
            code,
            email,
            self._hash(asked, asked.msisdn, sms),
            self._hash(asked, email, by_email),
            now_us,
            now_us + self._lifetime_us,
            now_us if asked.number_proof else 0,
            asked_by=asked.by,
        )
        self._keep(link, changes)
        self._note(link, ASKED, asked.number_proof or "codes are sent", asked.by, now_us, changes)
        return LinkCodes(sms, by_email, link)

    def confirm(
        self, asked: LinkRequest, sms_code: str, email_code: str, now_us: int, changes: Changes
    ) -> PersonLink:
        """Take the codes that came back, in one call or in two; the link as it is then (`missing`).

        Raises:
            OperatorError: nothing waits, it is over, or a code is wrong.
        """
        link = self.links.asked(asked.account_no, asked.subscriber_no)
        if link is None or now_us >= link.expires_us or link.guesses >= GUESSES_MAX:
            raise OperatorError("no code waits for an answer (any more); ask for new ones with person.link")
        given = {
            "sms": (sms_code, link.sms_hash, asked.msisdn),
            "email": (email_code, link.email_hash, link.email),
        }
        for way in link.missing:
            code, held, target = given[way]
            if not code:
                continue
            if not self._fits(asked, target, code, held):
                self._keep(msgspec.structs.replace(link, guesses=link.guesses + 1), changes)
                left = GUESSES_MAX - link.guesses - 1
                raise OperatorError(f"the code by {way} is wrong; tries left: {left}")
            link = msgspec.structs.replace(link, **{f"{way}_proved_us": now_us, f"{way}_hash": b""})
            self._note(link, f"proved by {way}", "the code came back", asked.by, now_us, changes)
        if link.missing:
            self._keep(link, changes)
            return link
        self._check_holder(link.account_no, link.subscriber_no, link.customer_code)
        self._forget(self.links.give_up(link.account_no, link.subscriber_no), changes)
        before = self.links.linked(link.account_no, link.subscriber_no) or PersonLink(0, 0)
        linked = msgspec.structs.replace(
            link,
            customer_code=link.customer_code or before.customer_code,
            email=link.email or before.email,
            email_proved_us=link.email_proved_us or before.email_proved_us,
            linked_us=now_us,
        )
        self._keep(linked, changes)
        self._note(linked, LINKED, "by the codes of each", asked.by, now_us, changes)
        return linked

    def unlink(self, account_no: int, subscriber_no: int, by: str, now_us: int, changes: Changes) -> bool:
        """Delete what is linked and what waits; False where nothing was."""
        linked = self.links.end(account_no, subscriber_no)
        asked = self.links.give_up(account_no, subscriber_no)
        for gone, what in ((linked, UNLINKED), (asked, GIVEN_UP)):
            self._forget(gone, changes)
            if gone is not None:
                self._note(gone, what, "", by, now_us, changes)
        return linked is not None or asked is not None

    def take_back(self, link: PersonLink, changes: Changes) -> None:
        """The codes could not be sent: nothing waits."""
        self._forget(self.links.give_up(link.account_no, link.subscriber_no), changes)

    def sweep(self, now_us: int, changes: Changes) -> None:
        """Delete what was not proved in time: an address that nobody proved is none of ours to keep."""
        while (over := self.links.over(now_us)) is not None:
            self.take_back(over, changes)

    def forget(self, subscriber_no: int, changes: Changes) -> None:
        """The number has a new owner, or the person is erased: every link ends."""
        for account_no in self.links.accounts_of(subscriber_no):
            self._forget(self.links.end(account_no, subscriber_no), changes)
            self._forget(self.links.give_up(account_no, subscriber_no), changes)

    def _check_holder(self, account_no: int, subscriber_no: int, customer_code: str) -> None:
        holder = self.links.holder(account_no, customer_code) if customer_code else 0
        if holder not in (0, subscriber_no):
            raise OperatorError("this customer code is linked to another person; unlink it there first")

    def _count(self, targets: list[str], now_us: int) -> None:
        keys = [lookup_value(self._key, "link target", target).hex() for target in targets]
        wait_s = max((self._sent.wait_s(key, now_us) for key in keys), default=0)
        if wait_s:
            raise OperatorError(f"codes were sent there too often; ask again in {-(-wait_s // 60)} minutes")
        for key in keys:
            self._sent.count(key, now_us)

    def _new_code(self) -> str:
        return f"{int.from_bytes(self._chance(8), 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}}"

    def _hash(self, asked: LinkRequest, target: str, code: str) -> bytes:
        bound = f"{asked.account_no}:{asked.subscriber_no}:{target}:{code}"
        return lookup_value(self._key, "link code", bound) if code else b""

    def _fits(self, asked: LinkRequest, target: str, code: str, held: bytes) -> bool:
        return bool(held) and hmac.compare_digest(self._hash(asked, target, code.strip()), held)

    def _keep(self, link: PersonLink, changes: Changes) -> None:
        self.links.put(link)
        changes.upserts.append(("vault_link", self._row(link, msgspec.structs.asdict(link))))

    def _forget(self, link: PersonLink | None, changes: Changes) -> None:
        """Empty its row at once; the next start takes the row away."""
        if link is not None:
            changes.upserts.append(("vault_link", self._row(link, _FORGOTTEN)))

    def _row(self, link: PersonLink, values: Mapping[str, object]) -> dict[str, object]:
        key = {"shard": self._shard, "account_no": link.account_no, "subscriber_no": link.subscriber_no}
        return {**values, **key, "is_linked": int(bool(link.linked_us))}

    def _note(self, link: PersonLink, what: str, told: str, by: str, now_us: int, changes: Changes) -> None:
        named = f"{link.customer_code}:{link.email}"
        row: dict[str, object] = {
            "shard": self._shard,
            "event_id": self._ids.next_id(now_us),
            "account_no": link.account_no,
            "subscriber_no": link.subscriber_no,
            "what": what,
            "told": told,
            "named": lookup_value(self._key, "link", named),
            "at_us": now_us,
            "by_whom": by,
        }
        changes.upserts.append(("person_link_event", row))
