"""The product between an independent ESME (python-smpplib) and the simulator, as a user would set it up."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import smpplib.client
import smpplib.exceptions
from product import Programs, running, until

PLAIN = "reasons_in_words = false"  # smpplib 2.2 raises KeyError at a TLV in submit_sm_resp


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    with running(tmp_path_factory.mktemp("gateway"), server=PLAIN) as both:
        both.add_account()
        both.add_account("promo", traffic_class="promotional", any_destination=False, senders=["PROMO"])
        yield both


class Esme:
    """A transceiver of smpplib that remembers what it got."""

    def __init__(self, port: int, name: str = "shop", password: str = "pw") -> None:
        self.client = smpplib.client.Client("127.0.0.1", port, timeout=30, allow_unknown_opt_params=True)
        self.client.connect()
        self.client.bind_transceiver(system_id=name, password=password)
        self.responses: list[tuple[int, str]] = []
        self.receipts: list[str] = []
        self.client.set_message_sent_handler(
            lambda pdu: self.responses.append((pdu.status, (pdu.message_id or b"").decode()))
        )
        self.client.set_message_received_handler(lambda pdu: self.receipts.append(pdu.short_message.decode()))
        self.client.set_error_pdu_handler(lambda pdu: None)

    def submit(self, destination: str, source: str = "SHOP", text: bytes = b"hello", **more: int) -> None:
        asked = {"source_addr_ton": 5, "dest_addr_ton": 1, "dest_addr_npi": 1, "registered_delivery": 1}
        self.client.send_message(
            source_addr=source, destination_addr=destination, short_message=text, **(asked | more)
        )

    def read(self, responses: int = 0, receipts: int = 0) -> None:
        while len(self.responses) < responses or len(self.receipts) < receipts:
            self.client.read_once()

    def close(self) -> None:
        self.client.unbind()
        self.client.disconnect()


def test_a_message_is_accepted_delivered_and_its_receipt_comes_back(programs: Programs):
    esme = Esme(programs.smpp_port)
    esme.submit("919812345670")
    esme.read(responses=1, receipts=1)
    ((status, message_id),) = esme.responses
    assert status == 0
    assert f"id:{message_id} " in esme.receipts[0]
    assert "stat:DELIVRD" in esme.receipts[0]
    esme.close()
    until(lambda: programs.call("stats")["committed"], "the last commit")
    account = programs.call("account.show", name="shop")["account"]
    assert (account["available_micros"], account["held_micros"]) == (9_900_000, 0)


@pytest.mark.parametrize(
    ("name", "destination", "source", "status"),
    [
        ("shop", "12ab", "SHOP", 0x0B),
        ("shop", "919812345670", "FAR-TOO-LONG-NAME", 0x0A),
        ("promo", "919812345670", "PROMO", 0x45),
        ("promo", "919812345670", "OTHER", 0x0A),
    ],
    ids=["bad address", "bad sender", "no permission", "not its sender"],
)
def test_refusals_have_their_status(
    programs: Programs, name: str, destination: str, source: str, status: int
):
    esme = Esme(programs.smpp_port, name)
    esme.submit(destination, source)
    esme.read(responses=1)
    assert esme.responses == [(status, "")]
    esme.close()


def test_credit_ends_where_the_money_does(programs: Programs):
    programs.add_account("poor", prepaid_micros=250_000)
    esme = Esme(programs.smpp_port, "poor")
    for _ in range(4):
        esme.submit("919812345671")
    esme.read(responses=4)
    assert [status for status, _ in esme.responses] == [0, 0, 0x45, 0x45]
    esme.close()


@pytest.mark.parametrize(("name", "password"), [("shop", "wrong"), ("nobody", "pw")])
def test_a_wrong_password_or_name_does_not_bind(programs: Programs, name: str, password: str):
    with pytest.raises((smpplib.exceptions.PDUError, smpplib.exceptions.ConnectionError)):
        Esme(programs.smpp_port, name, password)


def test_an_esme_that_was_away_gets_its_receipt_when_it_binds_again(programs: Programs):
    first = Esme(programs.smpp_port)
    first.submit("919812345672")
    first.read(responses=1)
    message_id = first.responses[0][1]
    first.client.disconnect()
    until(lambda: programs.call("stats")["deliveries_waiting"] >= 1, "a receipt that waits")
    again = Esme(programs.smpp_port)
    again.read(receipts=1)
    assert f"id:{message_id} " in again.receipts[0]
    again.close()


def test_no_number_and_no_text_in_the_log(programs: Programs):
    log = Path(programs.folder / "operator-push.log").read_text()
    assert "9198123" not in log
    assert "hello" not in log
