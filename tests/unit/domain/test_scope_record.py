"""A scope's record: each step tells whether it changed something, and forgets what a new owner never said."""

from operator_push.domain.consent import Basis, Purpose, Scope
from operator_push.domain.consent_states import ConsentState
from operator_push.domain.scope_record import NO_CHALLENGE, ScopeRecord


def record(purpose: Purpose = Purpose.MARKETING) -> ScopeRecord:
    return ScopeRecord(Scope(purpose, 1, 8, "sms"), 0)


def test_a_grant_again_changes_its_end_or_nothing() -> None:
    of = record()
    assert of.grant(7, 100)
    assert not of.grant(7, 100)
    assert of.grant(7, 200)
    assert of.end_us(7, with_consent=True) == 200
    assert of.grant(7, 0)
    assert of.end_us(7, with_consent=True) == 0


def test_an_ended_grant_is_remembered_as_such() -> None:
    of = record()
    of.grant(7, 100)
    of.end_grant(7, with_consent=True)
    assert of.state(7, 100) is ConsentState.EXPIRED
    assert of.grant(7, 0)
    assert of.state(7, 100) is ConsentState.GRANTED


def test_bases_are_told_apart() -> None:
    of = record()
    assert of.permit(7, Basis.SOFT_OPT_IN, 0)
    assert not of.permit(7, Basis.SOFT_OPT_IN, 0)
    assert of.basis(7) is Basis.SOFT_OPT_IN
    service = record(Purpose.SERVICE)
    service.permit(7, Basis.SERVICE, 0)
    service.permit(8, Basis.LEGAL, 0)
    assert (service.basis(7), service.basis(8)) == (Basis.SERVICE, Basis.LEGAL)


def test_a_new_owner_has_said_nothing() -> None:
    of = record()
    of.grant(7, 100)
    of.challenge(7, 50)
    of.request(7)
    assert of.forget(7)
    assert not of.forget(7)
    assert of.challenged_until_us(7) == NO_CHALLENGE
    assert of.state(7, 0) is ConsentState.PENDING
