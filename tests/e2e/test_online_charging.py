"""Online charging on the running product: a real freeDiameter relay, behind it a charging system of ours.

Messages go through the simulator and never wait for the charging system; at the end the ledger and the books
of the charging system say the same, also where answers are lost and the product is killed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from diameter_ocs import IDENTITY, REALM, DiameterOcs
from free_ports import free_port
from freediameter import GATEWAY, GATEWAY_REALM, relay
from freediameter import IDENTITY as RELAY_IDENTITY
from freediameter import REALM as RELAY_REALM
from ocs_books import OcsBooks
from operator_desk import asked
from product import Programs, running, until
from raw_esme import RawEsme

from operator_push.smpp.pdu import SubmitSm

PRICE = 100_000
MONEY = 3_000_000

SETTINGS = """
[online_charging]
kind = "diameter"
origin_host = "{gateway}"
origin_realm = "{gateway_realm}"
destination_realm = "{realm}"
peers = ["aaa://{relay}:{port};address=127.0.0.1"]
tx_s = 1.0
resend_s = 0.5
slice = "1"
{more}
"""


@dataclass
class Charged:
    """The product, its charging system and what lies between."""

    programs: Programs
    ocs: DiameterOcs

    def open(self, account: str) -> None:
        """An account that is charged online, and has its first slice."""
        self.programs.add_account(account, prepaid_micros=0, online_charging=True)
        until(lambda: self.shown(account)["available_micros"] > 0, "the first slice")

    def shown(self, account: str) -> dict[str, Any]:
        told: dict[str, Any] = self.programs.call("account.show", name=account)["account"]
        return told

    def submit(self, account: str, count: int) -> list[int]:
        """The command_status of so many messages, one after another."""
        with RawEsme(self.programs.smpp_port) as esme:
            assert esme.bind(account).command_status == 0
            return [self._submit(esme, number) for number in range(count)]

    def earned(self, account: str) -> int:
        """Micros that the ledger has earned from the account."""
        return int(self.programs.call("ledger.sides", account=account).get("revenue", 0))

    def stop_product(self) -> None:
        assert self.programs.product is not None
        self.programs.product.stop()
        self.programs.product = None

    def _submit(self, esme: RawEsme, number: int) -> int:
        plain = {"source_addr_ton": 5, "source_addr": "SHOP", "dest_addr_ton": 1, "dest_addr_npi": 1}
        esme.send(SubmitSm(**plain, destination_addr=f"9198123456{number:02}", short_message=b"hi"))  # type: ignore[arg-type]
        return esme.read().command_status


@contextmanager
def charged(folder: Path, money: dict[str, int], more: str = "") -> Iterator[Charged]:
    books, port = OcsBooks(dict(money)), free_port()
    with (
        DiameterOcs(books, port, RELAY_IDENTITY, RELAY_REALM) as ocs,
        relay(folder, IDENTITY, REALM, port) as relay_port,
    ):
        names = {"gateway": GATEWAY, "gateway_realm": GATEWAY_REALM, "realm": REALM, "relay": RELAY_IDENTITY}
        settings = SETTINGS.format(port=relay_port, more=more, **names)
        with running(folder, more=settings) as programs:
            yield Charged(programs, ocs)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Charged]:
    """What all tests but the last share, an account each; the last of them stops it."""
    money = {"shop": MONEY, "poor": 5 * PRICE, "unlucky": MONEY}
    with charged(tmp_path_factory.mktemp("online"), money) as both:
        yield both


def test_messages_spend_slices(one: Charged) -> None:
    one.open("shop")
    assert one.shown("shop")["online"]["quota_micros"] == 1_000_000
    assert one.submit("shop", 8) == [0] * 8
    until(lambda: one.earned("shop") == 8 * PRICE, "receipts of all messages")
    until(lambda: any(kind == 2 for kind, *_ in one.ocs.requests), "the next slice")
    assert all(sms_node == 3 for *_, sms_node in one.ocs.requests)
    with pytest.raises(Exception, match="charged online"):
        one.programs.call("account.top_up", name="shop", amount_micros=5, reference="a")
    # Far fewer requests than messages is the purpose of slices: here one to open, one or two to go on.
    assert len(one.ocs.requests) <= 4


def test_nothing_is_sent_beyond_the_money_of_the_customer(one: Charged) -> None:
    one.open("poor")
    statuses = one.submit("poor", 7)
    assert statuses[:5] == [0] * 5
    assert all(statuses[5:])
    until(lambda: one.ocs.books.used.get("poor") == 5 * PRICE, "the last report")
    assert one.ocs.books.total("poor") == 5 * PRICE


def test_lost_answers_and_a_kill_leave_both_books_exact(one: Charged) -> None:
    one.open("unlucky")
    one.ocs.silent = True
    before = len(one.ocs.requests)
    assert one.submit("unlucky", 7) == [0] * 7
    copies = "a copy with the T bit"
    until(lambda: any(is_copy for _, _, is_copy, _ in one.ocs.requests[before:]), copies)
    assert one.programs.product is not None
    one.programs.product.kill()
    before = len(one.ocs.requests)
    one.programs.start_product()
    until(lambda: len(one.ocs.requests) > before, "the copy of the next run")
    assert one.ocs.requests[before][2]
    one.ocs.silent = False
    until(lambda: one.shown("unlucky")["online"]["asked"] is None, "an answer")
    until(lambda: one.earned("unlucky") == 7 * PRICE, "receipts of all messages")
    assert one.ocs.books.copies > 0


def test_what_is_left_of_slices_goes_back_when_the_product_stops(one: Charged) -> None:
    spent = {"shop": 8 * PRICE, "poor": 5 * PRICE, "unlucky": 7 * PRICE}
    until(lambda: all(one.earned(name) == spent[name] for name in spent), "receipts of all messages")
    one.stop_product()
    books = one.ocs.books
    assert books.used == spent
    assert books.reserved == {}
    assert books.money == {"shop": MONEY - 8 * PRICE, "poor": 0, "unlucky": MONEY - 7 * PRICE}
    assert one.ocs.requests[-1][0] == 3
    proof = asked(one.programs, "ledger", "verify")
    assert (proof["ok"], proof["open_holds"]) == (True, 0)


def test_continue_lets_messages_go_on_up_to_its_limit_and_reports_them(tmp_path: Path) -> None:
    more = 'failure_handling = "continue"\noffline_limit = "0.3"'
    with charged(tmp_path, {"shop": MONEY}, more) as one:
        one.open("shop")
        one.ocs.silent = True
        assert one.submit("shop", 10) == [0] * 10
        until(lambda: one.shown("shop")["online"]["advanced_micros"] > 0, "an advance")
        statuses = one.submit("shop", 4)
        assert statuses[:3] == [0] * 3
        assert statuses[3] != 0
        one.ocs.silent = False
        until(lambda: one.earned("shop") == 13 * PRICE, "receipts of all messages")
        one.stop_product()
        assert one.ocs.books.used == {"shop": 13 * PRICE}
        assert one.ocs.books.reserved == {}
