"""A number that changes hands takes no permission along; one that is ported keeps what brands hold."""

import pytest
from shard import MSISDN, NOW_US, Shard

from operator_push.domain.consent import Basis, ConsentAction, ConsentEvent, Evidence, Purpose, Scope
from operator_push.domain.consent_states import ConsentState
from operator_push.domain.permission import PermissionWord
from operator_push.services.change_owner import ChangeOwner
from operator_push.vault.vault import Vault

BRAND, MARKETING = 7, Purpose.MARKETING
AT, ROW = "2027-01-15T07:00:00Z", {"msisdn": MSISDN, "change": "recycled", "evidence": "record 7"}
AT_US = NOW_US - 3_600_000_000


class Desk:
    def __init__(self) -> None:
        self.shard = Shard()
        self.book = self.shard.permission
        self.vault = Vault(b"k" * 32)
        self.number = self.vault.enrol([MSISDN], NOW_US).numbers[0]
        self.owners = ChangeOwner(0, self.shard.ids, self.book, self.vault)
        self.gone: list[int] = []
        self.owners.on_gone.append(lambda number, changes: self.gone.append(number))
        self.grant(brand_no=BRAND)
        self.grant(brand_no=0)
        self.grant(purpose=Purpose.USE_CALL_DATA)

    def grant(
        self, brand_no: int = 0, purpose: Purpose = MARKETING, at_us: int = AT_US - 1, number: int = 0
    ) -> None:
        scope = (number or self.number, brand_no, 0, purpose, "*")
        self.book.apply(ConsentEvent(*scope, ConsentAction.GRANT, at_us, Evidence("web"), Basis.CONSENT))

    def change(self, **row: str) -> bool:
        return self.owners.change({**ROW, "at": AT, **row}, NOW_US, self.shard.changes)

    def allows(self, brand_no: int, purpose: Purpose = MARKETING) -> bool:
        return self.book.allows(self.vault.number_of(MSISDN), brand_no, 0, purpose)

    def state(self, number: int, brand_no: int = 0) -> ConsentState:
        return self.book.state(number, Scope(MARKETING, brand_no, 0, "*"), NOW_US)


def test_the_same_change_told_twice_happens_once():
    desk = Desk()
    assert desk.change()
    new = desk.vault.number_of(MSISDN)
    assert desk.vault.owner_since_us(new) == AT_US
    assert not desk.change()
    assert desk.vault.number_of(MSISDN) == new
    assert desk.change(at="2027-01-15T07:30:00Z"), "a later one is another"


def test_a_change_may_name_a_subscriber_in_place_of_a_number():
    desk = Desk()
    assert not desk.change(msisdn="", subscriber_no="99")
    assert desk.change(msisdn="", subscriber_no=str(desk.number))
    assert desk.gone == [desk.number]
    assert not desk.change(msisdn="", subscriber_no=str(desk.number)), "who has no number has none to lose"
    with pytest.raises(ValueError, match="whole number"):
        desk.change(msisdn="", subscriber_no="one")


@pytest.mark.parametrize("kind", ["recycled", "new_owner"])
def test_a_new_owner_begins_anew_and_history_stays_with_the_former_one(kind: str):
    desk = Desk()
    assert desk.change(change=kind)
    new = desk.vault.number_of(MSISDN)
    assert new != desk.number
    assert not any(desk.allows(brand_no) for brand_no in (0, BRAND))
    assert desk.state(desk.number) is desk.state(new) is ConsentState.VOID
    assert desk.gone == [desk.number]
    with pytest.raises(LookupError):
        desk.vault.msisdn_of(desk.number, "send")
    former, following = (row for _, row in desk.shard.changes.upserts)
    assert (former["subscriber_no"], former["msisdn"]) == (desk.number, "")
    assert (following["subscriber_no"], following["msisdn"]) == (new, MSISDN)
    assert former["lookup"] != following["lookup"]


def test_what_is_dated_before_the_change_revives_nothing_and_what_comes_after_counts():
    desk = Desk()
    desk.change()
    new = desk.vault.number_of(MSISDN)
    desk.grant(BRAND, at_us=AT_US - 1, number=new)
    assert not desk.allows(BRAND)
    desk.grant(BRAND, at_us=AT_US + 1, number=new)
    assert desk.allows(BRAND)


def test_ported_out_ends_what_the_operator_was_granted_and_keeps_what_a_brand_holds():
    desk = Desk()
    assert desk.change(change="ported_out")
    assert desk.vault.number_of(MSISDN) == desk.number
    assert desk.allows(BRAND)
    assert not desk.allows(9), "all brands was granted to the operator"
    assert not desk.allows(0, Purpose.USE_CALL_DATA)
    assert desk.state(desk.number) is ConsentState.EXPIRED
    assert not desk.gone


def test_ported_out_is_no_refusal_and_lifts_none():
    desk = Desk()
    stop = (desk.number, 9, 0, MARKETING, "*", ConsentAction.WITHDRAW, AT_US - 1, Evidence("sms"))
    desk.book.apply(ConsentEvent(*stop))
    desk.change(change="ported_out")
    assert desk.book.word_of(desk.number, 9, 0, MARKETING) is PermissionWord.NO
    assert desk.book.word_of(desk.number, 10, 0, MARKETING) is not PermissionWord.NO


def test_an_erased_number_is_silent_when_it_comes_again():
    desk = Desk()
    desk.vault.on_suppressed = lambda number, at_us: desk.owners.suppress(number, at_us, desk.shard.changes)
    number, lookup, _ = desk.vault.forget(MSISDN)
    desk.owners.forget(number, NOW_US)
    assert (number, lookup) == (desk.number, desk.vault.forget(MSISDN)[1])
    assert desk.vault.number_of(MSISDN) == 0
    assert not desk.shard.changes.consent_event
    assert not desk.book.allows(desk.number, BRAND, 0, MARKETING)
    (again,) = desk.vault.enrol([MSISDN], NOW_US).numbers
    assert desk.book.word_of(again, BRAND, 0, MARKETING) is PermissionWord.NO
    assert len(desk.shard.changes.consent_event) == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"change": "sold"}, "is not one of recycled, new_owner, ported_out"),
        ({"msisdn": "12"}, "not an international number"),
        ({"at": "2030-01-01T00:00:00Z"}, "in the future"),
        ({"at": "soon"}, "isoformat"),
    ],
)
def test_what_cannot_be_is_told(row: dict[str, str], reason: str):
    with pytest.raises(ValueError, match=reason):
        Desk().change(**row)


def test_a_number_of_nobody_is_unchanged():
    desk = Desk()
    assert not desk.change(msisdn="919800000000")
    assert not desk.shard.changes.consent_event
