"""Bind checks: ranges fail closed, versions and certificate names are what was agreed."""

import pytest

from operator_push.gateway.bind_checks import bind_fault, in_ranges, version_fault
from operator_push.services.account_terms import NO_TERMS, AccountTerms
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import BindPdu, BindReceiver, BindTransceiver, BindTransmitter

RANGES = ("192.0.2.0/24", "2001:db8::/32")


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("192.0.2.9", True),
        ("192.0.3.9", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("::ffff:192.0.2.9", True),
        ("fe80::1%eth0", False),
        ("", False),
        ("/run/socket", False),
    ],
)
def test_an_address_is_in_a_range_or_outside(address: str, inside: bool) -> None:
    assert in_ranges(address, RANGES) is inside


def test_no_terms_let_everybody_try() -> None:
    assert bind_fault(NO_TERMS, BindTransceiver(interface_version=0x34), "", frozenset()) is None


@pytest.mark.parametrize(
    ("terms", "address", "names", "words"),
    [
        (AccountTerms(source_ranges=RANGES), "198.51.100.1", frozenset(), "ranges"),
        (AccountTerms(source_ranges=()), "192.0.2.1", frozenset(), "ranges"),
        (AccountTerms(source_ranges=RANGES), "", frozenset(), "ranges"),
        (AccountTerms(versions=("5.0",)), "", frozenset(), "version 3.4"),
        (AccountTerms(versions=()), "", frozenset(), "version 3.4"),
        (AccountTerms(certificate_subject="shop"), "", frozenset(), "shows none"),
        (AccountTerms(certificate_subject="shop"), "", frozenset({"bank"}), "shows bank"),
    ],
)
def test_a_term_that_is_not_met_refuses_the_bind(
    terms: AccountTerms, address: str, names: frozenset[str], words: str
) -> None:
    fault = bind_fault(terms, BindTransmitter(interface_version=0x34), address, names)
    assert fault is not None
    assert fault.status == CommandStatus.ESME_RBINDFAIL
    assert words in fault.reason


def test_terms_that_are_met_let_the_bind_in() -> None:
    terms = AccountTerms(source_ranges=RANGES, versions=("3.3", "3.4"), certificate_subject="shop")
    pdu = BindTransmitter(interface_version=0x10)  # up to 0x33 is 3.3, SMPP v3.4 section 5.2.4
    assert bind_fault(terms, pdu, "192.0.2.1", frozenset({"shop", "www"})) is None


@pytest.mark.parametrize(
    ("pdu", "refused"),
    [
        (BindTransceiver(interface_version=0x33), True),
        (BindTransceiver(interface_version=0x00), True),
        (BindTransceiver(interface_version=0x34), False),
        (BindTransmitter(interface_version=0x33), False),
        (BindReceiver(interface_version=0x33), False),
    ],
)
def test_smpp_3_3_has_no_bind_transceiver(pdu: BindPdu, refused: bool) -> None:
    fault = version_fault(pdu)
    assert (fault is not None) is refused
    if fault is not None:
        assert fault.status == CommandStatus.ESME_RINVCMDID
