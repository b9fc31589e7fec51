"""Nothing is linked before each target has answered; a code is bound, ends, and is kept as a hash alone."""

from typing import Any

import pytest

from operator_push.domain.person_links import PersonLinks, checked_email, masked_email
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.services.changes import Changes
from operator_push.services.link_people import LinkCodes, LinkPeople, LinkRequest

NOW_US, MINUTE_US = 1_800_000_000_000_000, 60_000_000
KEY = b"k" * 32
SHOP, PERSON, OTHER = 3, 7, 8
NUMBERS = {PERSON: "919812345607", OTHER: "919812345608"}


class Desk:
    def __init__(self) -> None:
        self.codes = iter(range(111111, 999999, 111111))
        self.changes = Changes()
        self.people = LinkPeople(
            0, IdSequence(), PersonLinks(), KEY, 900, lambda octets: next(self.codes).to_bytes(octets, "big")
        )

    def request(self, number: int = PERSON, account_no: int = SHOP, **more: Any) -> LinkRequest:
        return LinkRequest(account_no=account_no, subscriber_no=number, msisdn=NUMBERS[number], **more)

    def ask(self, number: int = PERSON, at_us: int = NOW_US, **more: Any) -> LinkCodes:
        values = {"customer_code": "C-1", "email": "asha@Example.com", **more}
        return self.people.ask(self.request(number, **values), at_us, self.changes)

    def confirm(
        self,
        sms: str = "",
        email: str = "",
        at_us: int = NOW_US,
        number: int = PERSON,
        account_no: int = SHOP,
    ) -> tuple[str, ...]:
        asked = self.request(number, account_no)
        return self.people.confirm(asked, sms, email, at_us, self.changes).missing

    def events(self) -> list[str]:
        return [str(row["what"]) for table, row in self.changes.upserts if table == "person_link_event"]


def test_both_codes_link_and_neither_alone() -> None:
    desk = Desk()
    codes = desk.ask()
    assert (codes.sms, codes.email, codes.link.email) == ("111111", "222222", "asha@example.com")
    assert desk.confirm(sms="111111") == ("email",)
    assert desk.people.links.linked(SHOP, PERSON) is None
    assert desk.confirm(email=" 222222 ") == ()
    linked = desk.people.links.linked(SHOP, PERSON)
    assert linked is not None
    assert (linked.customer_code, linked.email) == ("C-1", "asha@example.com")
    assert (linked.sms_hash, linked.email_hash) == (b"", b"")
    assert desk.people.links.holder(SHOP, "C-1") == PERSON
    assert desk.events() == ["asked", "proved by sms", "proved by email", "linked"]
    with pytest.raises(OperatorError, match="no code waits"):
        desk.confirm(sms="111111")


def test_no_code_and_no_event_stands_anywhere_in_clear() -> None:
    desk = Desk()
    codes = desk.ask()
    written = repr(desk.changes.upserts)
    assert codes.sms not in written
    assert codes.email not in written
    events = [row for table, row in desk.changes.upserts if table == "person_link_event"]
    assert "example" not in repr(events)


def test_a_code_is_bound_to_client_person_and_target() -> None:
    desk = Desk()
    codes = desk.ask()
    desk.ask(OTHER, customer_code="C-2", email="")
    for wrong in (
        {"sms": codes.email},
        {"email": codes.sms},
        {"sms": codes.sms, "number": OTHER},
    ):
        with pytest.raises(OperatorError, match="is wrong"):
            desk.confirm(**wrong)
    with pytest.raises(OperatorError, match="no code waits"):
        desk.confirm(sms=codes.sms, account_no=4)
    assert desk.confirm(sms=codes.sms, email=codes.email) == ()


def test_it_ends_by_time_by_guesses_and_by_a_newer_one() -> None:
    desk = Desk()
    codes = desk.ask()
    with pytest.raises(OperatorError, match="no code waits"):
        desk.confirm(sms=codes.sms, at_us=NOW_US + 15 * MINUTE_US)
    newer = desk.ask(at_us=NOW_US + MINUTE_US)
    with pytest.raises(OperatorError, match="tries left: 4"):
        desk.confirm(sms=codes.sms)
    for _ in range(4):
        with pytest.raises(OperatorError, match="is wrong"):
            desk.confirm(sms="0")
    with pytest.raises(OperatorError, match="no code waits"):
        desk.confirm(sms=newer.sms, email=newer.email)


def test_codes_to_one_target_are_limited_whoever_asks() -> None:
    desk = Desk()
    for number in (PERSON, OTHER, PERSON):
        desk.ask(number, customer_code="")
    with pytest.raises(OperatorError, match="too often; ask again in 15 minutes"):
        desk.ask(OTHER, customer_code="")
    desk.ask(OTHER, customer_code="", at_us=NOW_US + 15 * MINUTE_US)


def test_a_customer_code_is_one_person_s_until_it_is_unlinked() -> None:
    desk = Desk()
    codes = desk.ask(email="")
    assert desk.confirm(sms=codes.sms) == ()
    with pytest.raises(OperatorError, match="another person"):
        desk.ask(OTHER, email="")
    later = desk.ask(customer_code="", number_proof="self-care")
    assert (later.sms, desk.confirm(email=later.email)) == ("", ())
    linked = desk.people.links.linked(SHOP, PERSON)
    assert linked is not None
    assert (linked.customer_code, linked.email) == ("C-1", "asha@example.com"), "what was linked stays"
    assert desk.people.unlink(SHOP, PERSON, "asha", NOW_US, desk.changes)
    assert not desk.people.unlink(SHOP, PERSON, "asha", NOW_US, desk.changes)
    row = next(row for table, row in reversed(desk.changes.upserts) if table == "vault_link")
    assert (row["email"], row["customer_code"], row["asked_us"], row["is_linked"]) == ("", "", 0, 1)
    assert desk.events()[-1] == "unlinked"
    desk.ask(OTHER, email="")


def test_a_new_owner_of_the_number_is_linked_to_nothing() -> None:
    desk = Desk()
    codes = desk.ask(email="")
    desk.confirm(sms=codes.sms)
    desk.ask(account_no=0, customer_code="")
    desk.people.forget(PERSON, desk.changes)
    assert desk.people.links.accounts_of(PERSON) == []
    assert desk.people.links.holder(SHOP, "C-1") == 0


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"customer_code": "", "email": ""}, "customer_code, email or both"),
        ({"email": "asha"}, "not an address"),
        ({"email": "a@b.example\nBcc: c@d.example"}, "not an address"),
        ({"email": "asha@localhost"}, "not an address"),
        ({"customer_code": "x" * 65}, "at most 64"),
        ({"account_no": 0}, "name the account"),
    ],
)
def test_what_cannot_be_linked(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(OperatorError, match=why):
        Desk().ask(**wrong)


def test_an_address_is_shown_masked() -> None:
    assert masked_email(checked_email(" Asha.Rao+x@Mail.Example.COM ")) == "A***@mail.example.com"
    assert masked_email("") == ""


def test_what_nobody_proved_in_time_is_deleted() -> None:
    desk = Desk()
    desk.ask()
    desk.ask(OTHER, at_us=NOW_US + MINUTE_US, customer_code="", email="o@example.com")
    desk.people.sweep(NOW_US + 14 * MINUTE_US, desk.changes)
    assert desk.people.links.asked(SHOP, PERSON) is not None
    desk.changes.upserts.clear()
    desk.people.sweep(NOW_US + 15 * MINUTE_US, desk.changes)
    assert desk.people.links.asked(SHOP, PERSON) is None
    assert desk.people.links.asked(SHOP, OTHER) is not None
    ((table, row),) = desk.changes.upserts
    assert (table, row["subscriber_no"], row["email"], row["asked_us"]) == ("vault_link", PERSON, "", 0)


def test_nobody_sends_mails_to_strangers_one_after_the_other() -> None:
    desk = Desk()
    for name in "abc":
        desk.ask(customer_code="", email=f"{name}@example.com", number_proof="signed in")
    with pytest.raises(OperatorError, match="too often"):
        desk.ask(customer_code="", email="d@example.com", number_proof="signed in")
