"""Money terms on the running product: a reseller and its child, a line and a cap, over a kill."""

from collections.abc import Iterator
from typing import Any

import pytest
from operator_desk import asked
from product import Programs, running, until
from raw_esme import RawEsme

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import SubmitSm

PRICE = 100_000
FAILED = CommandStatus.ESME_RSUBMITFAIL


@pytest.fixture
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    with running(tmp_path_factory.mktemp("terms")) as both:
        yield both


def submit(programs: Programs, name: str, count: int) -> list[int]:
    """The statuses of so many submissions that are sent in one chunk."""
    plain = {"source_addr_ton": 5, "source_addr": "SHOP", "dest_addr_ton": 1, "dest_addr_npi": 1}
    pdus = [
        SubmitSm(**plain, destination_addr=f"91981234567{number}", short_message=b"hi", registered_delivery=1)  # type: ignore[arg-type]
        for number in range(count)
    ]
    with RawEsme(programs.smpp_port) as esme:
        assert esme.bind(name).command_status == 0
        for number, pdu in enumerate(pdus, 1000):
            pdu.sequence_number = number
        esme.send_octets(b"".join(encode_pdu(pdu) for pdu in pdus))
        found = {}
        while len(found) < count:
            answer = esme.read()
            if answer.sequence_number >= 1000:
                found[answer.sequence_number] = answer.command_status
    return [found[number] for number in sorted(found)]


def shown(programs: Programs, name: str) -> dict[str, Any]:
    account: dict[str, Any] = programs.call("account.show", name=name)["account"]
    return account


def verified(programs: Programs) -> dict[str, Any]:
    told: dict[str, Any] = asked(programs, "ledger", "verify")
    return told


def test_a_child_of_a_reseller_spends_its_money_and_line_exactly(programs: Programs) -> None:
    programs.add_account("reseller", prepaid_micros=0, credit_limit_micros=3 * PRICE, warn_at_percent=60)
    child = {"parent": "reseller", "pays_from": "parent", "reward_ppm": 100_000, "prepaid_micros": 0}
    programs.add_account("agency", **child, monthly_cap_micros=2 * PRICE)
    assert submit(programs, "agency", 3) == [0, 0, FAILED]  # the cap of the child
    until(lambda: shown(programs, "reseller")["held_micros"] == 0, "the receipts")
    assert programs.product is not None
    programs.product.kill()
    programs.start_product()
    agency, reseller = shown(programs, "agency"), shown(programs, "reseller")
    assert (agency["pays"], agency["month_used_micros"]) == ("reseller", 2 * PRICE)
    assert (reseller["available_micros"], reseller["credit_micros"]) == (PRICE, 3 * PRICE)
    assert [each["kind"] for each in reseller["warnings"]] == ["credit_line"]
    programs.call("account.set", name="agency", monthly_cap_micros=None)
    assert submit(programs, "agency", 2) == [0, FAILED]  # the line of the reseller
    until(lambda: shown(programs, "reseller")["held_micros"] == 0, "the receipt")
    balances = verified(programs)["balances_micros"]
    assert (balances["credit"], balances["revenue"]) == (-3 * PRICE, 3 * PRICE * 9 // 10)
    assert (balances["earned"], balances["clearing"], balances["available"]) == (3 * PRICE // 10, 0, 0)


def test_a_cap_that_is_set_later_counts_the_month_so_far(programs: Programs) -> None:
    programs.add_account("shop")
    assert submit(programs, "shop", 2) == [0, 0]
    programs.call("account.set", name="shop", monthly_cap_micros=3 * PRICE)
    until(lambda: shown(programs, "shop")["month_used_micros"] == 2 * PRICE, "the month so far")
    assert submit(programs, "shop", 2) == [0, FAILED]


def ledger(programs: Programs, *arguments: str) -> Any:
    """What a command of the ledger prints as JSON."""
    return asked(programs, "ledger", *arguments)


def test_corrections_are_posted_once_with_their_reason(programs: Programs) -> None:
    programs.add_account("shop")
    assert submit(programs, "shop", 3) == [0, 0, 0]
    until(lambda: shown(programs, "shop")["held_micros"] == 0, "the receipts")
    note = ("credit-note", "shop", "0.15", "--reference", "CN-1", "--reason", "complaint 7")
    posted, again = ledger(programs, *note), ledger(programs, *note)
    assert (posted["amount_micros"], posted["duplicate"], again["duplicate"]) == (150_000, False, True)
    assert again["posting"] == posted["posting"]
    with pytest.raises(AssertionError, match=r"all that was earned"):
        ledger(programs, "credit-note", "shop", "0.16", "--reference", "CN-2", "--reason", "too much")
    ledger(programs, "refund", "shop", "9.85", "--reference", "R-1", "--reason", "closed")
    assert shown(programs, "shop")["available_micros"] == 0
    assert ledger(programs, "balance", "--account", "shop")["revenue"] == 150_000
    kept = ledger(programs, "corrections", "--account", "shop")
    assert [(each["kind"], each["reason"]) for each in kept] == [
        ("refund", "closed"),
        ("credit_note", "complaint 7"),
    ]
    assert verified(programs)["balances_micros"]["revenue"] == 150_000


def test_a_silent_smsc_s_hold_expires_onto_the_list(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("silent")
    more = "[charging]\nhold_expires_s = 12\n"
    with running(folder, '[[fault]]\nkind = "receipt_lost"\n', more=more) as both:
        both.add_account("shop", prepaid_micros=2 * PRICE)
        assert submit(both, "shop", 1) == [0]
        assert len(ledger(both, "holds")) == 1
        until(lambda: shown(both, "shop")["available_micros"] == 2 * PRICE, "the hold's end")
        (expired,) = ledger(both, "holds", "--expired")
        assert (expired["account"], expired["expired_micros"], expired["charged_micros"]) == (
            "shop",
            PRICE,
            0,
        )
        assert ledger(both, "holds") == []
        assert verified(both)["open_holds"] == 0


def test_shared_money_is_leased_in_slices_and_survives_a_kill(programs: Programs) -> None:
    programs.add_account("shared", prepaid_micros=10 * PRICE, lease_slice_micros=2 * PRICE)
    until(lambda: shown(programs, "shared")["available_micros"] == 2 * PRICE, "the rest to go back")
    assert programs.product is not None
    programs.product.kill()
    programs.start_product()
    assert shown(programs, "shared")["available_micros"] == 2 * PRICE
    accepted = 0

    def send() -> bool:
        nonlocal accepted
        accepted += submit(programs, "shared", 3).count(0)
        return accepted >= 10

    until(send, "ten messages to be paid for")
    until(lambda: FAILED in submit(programs, "shared", 1), "the end of the money")
    assert accepted == 10
    until(lambda: shown(programs, "shared")["held_micros"] == 0, "the receipts")
    balances = verified(programs)["balances_micros"]
    assert (balances["revenue"], balances["available"], balances["leased"]) == (10 * PRICE, 0, 0)
    with pytest.raises(AssertionError, match="own"):
        ledger(programs, "reclaim", "0", "--owner-is-gone")
