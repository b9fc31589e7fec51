"""Person links: the customer code, the mobile number and the e-mail address of one person, linked by proof.

A link is between one client (an account, 0: the operator) and one person. It holds once a code that was sent
to the number, and another to the address where there is one, have come back; a customer code is one person's
at its client. What waits for its codes stands beside what is linked, and takes its place once it is proved.
"""

import re
from collections.abc import Iterable

import msgspec

CODE_CHARACTERS_MAX = 64
WAITING_MAX = 100_000  # Ours: links that wait for their codes; the one that waits longest gives way
EMAIL_CHARACTERS_MAX = 254  # RFC 5321 section 4.5.3.1.3, without the brackets
_LOCAL_MAX = 64
# What people have, not all that RFC 5321 allows: nothing quoted, nothing that could begin another header.
_EMAIL = re.compile(
    r"([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+)@((?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,})"
)


class PersonLink(msgspec.Struct, frozen=True):
    """What is linked (`linked_us`), or waits for its codes (`linked_us` 0) until `expires_us`.

    `customer_code` and `email` "" where there is none; the hashes are of the codes that were sent, b"" where
    none was; `guesses`: wrong ones so far; `*_proved_us` when a code came back, 0 not yet.
    """

    account_no: int
    subscriber_no: int
    customer_code: str = ""
    email: str = ""
    sms_hash: bytes = b""
    email_hash: bytes = b""
    asked_us: int = 0
    expires_us: int = 0
    sms_proved_us: int = 0
    email_proved_us: int = 0
    guesses: int = 0
    linked_us: int = 0
    asked_by: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """By which ways a proof is missing: "sms", "email"."""
        wants = ("sms", not self.sms_proved_us), ("email", bool(self.email) and not self.email_proved_us)
        return tuple(way for way, is_missing in wants if is_missing)


class PersonLinks:
    """The links of a shard by client and person; owned by one thread."""

    def __init__(self, links: Iterable[PersonLink] = ()) -> None:
        self._linked: dict[tuple[int, int], PersonLink] = {}
        self._asked: dict[tuple[int, int], PersonLink] = {}
        self._by_code: dict[tuple[int, str], int] = {}
        for link in links:
            self.put(link)

    def put(self, link: PersonLink) -> None:
        """Take a link, or what waits, in the place of the one before."""
        key = (link.account_no, link.subscriber_no)
        if not link.linked_us:
            self._asked.pop(key, None)  # the newest stands last
            self._asked[key] = link
            return
        self.end(link.account_no, link.subscriber_no)
        self._linked[key] = link
        if link.customer_code:
            self._by_code[(link.account_no, link.customer_code)] = link.subscriber_no

    def linked(self, account_no: int, subscriber_no: int) -> PersonLink | None:
        """What is linked."""
        return self._linked.get((account_no, subscriber_no))

    def asked(self, account_no: int, subscriber_no: int) -> PersonLink | None:
        """What waits for its codes; its end is not looked at."""
        return self._asked.get((account_no, subscriber_no))

    def holder(self, account_no: int, customer_code: str) -> int:
        """Whose customer code this is, 0 for nobody's."""
        return self._by_code.get((account_no, customer_code), 0)

    def accounts_of(self, subscriber_no: int) -> list[int]:
        """The clients with whom somebody is linked, or has been asked."""
        keys = (*self._linked, *self._asked)
        return sorted({account_no for account_no, number in keys if number == subscriber_no})

    def over(self, now_us: int) -> PersonLink | None:
        """One that waits too long, or more than may wait; None where there is none.

        All wait equally long, so the oldest stands first, save one of which a code came back: it is looked at
        when those before it are gone.
        """
        oldest = next(iter(self._asked.values()), None)
        is_over = oldest is not None and (now_us >= oldest.expires_us or len(self._asked) > WAITING_MAX)
        return oldest if is_over else None

    def end(self, account_no: int, subscriber_no: int) -> PersonLink | None:
        """Take away what is linked; what it was."""
        gone = self._linked.pop((account_no, subscriber_no), None)
        if gone is not None and gone.customer_code:
            self._by_code.pop((account_no, gone.customer_code), None)
        return gone

    def give_up(self, account_no: int, subscriber_no: int) -> PersonLink | None:
        """Take away what waits; what it was."""
        return self._asked.pop((account_no, subscriber_no), None)


def checked_email(text: str) -> str:
    """An address as it is kept: its domain in small letters.

    Raises:
        ValueError: it is none that we can write to.
    """
    found = _EMAIL.fullmatch(text.strip())
    if found is None or len(text) > EMAIL_CHARACTERS_MAX or len(found[1]) > _LOCAL_MAX:
        raise ValueError("email is not an address such as name@example.com")
    return f"{found[1]}@{found[2].lower()}"


def masked_email(email: str) -> str:
    """An address as it may be shown to others: a***@example.com."""
    local, at, domain = email.partition("@")
    return f"{local[:1]}***{at}{domain}" if email else ""


def checked_customer_code(text: str) -> str:
    """A client's own name for a customer.

    Raises:
        ValueError: too long, or it holds what nobody can print.
    """
    code = text.strip()
    if len(code) > CODE_CHARACTERS_MAX or not code.isprintable():
        raise ValueError(f"customer_code must have at most {CODE_CHARACTERS_MAX} printable characters")
    return code
