"""The SMSC face end to end: odd receipts find their message, failover, order through throttling, urgency."""

import socket
from collections.abc import Iterator

import pytest
from product import Programs, running, until
from raw_esme import AskingEsme, RawEsme

from operator_push.smpp.pdu import DeliverSm, DeliverSmResp, SubmitSm

# One SMSC with every oddity, told apart by the beginning of the number.
ODD = """
seed = 7

[[fault]]
name = "hexadecimal receipts"
kind = "receipt_id"
form = "HEX"
where = "both"
prefix = "9191"

[[fault]]
name = "no key in receipts"
kind = "tlv_omitted"
commands = ["deliver_sm"]
tlvs = ["user_message_reference"]
prefix = "9191"

[[fault]]
kind = "receipt_before_response"
prefix = "9192"

[[fault]]
kind = "receipt_on_data_sm"
prefix = "9193"

[[fault]]
name = "tyntec"
kind = "receipt_text"
vendor = "tyntec"
final_after_ms = 100
prefix = "9194"

[[fault]]
kind = "response_id"
only_first_segment = true
prefix = "9195"

[[fault]]
name = "link"
kind = "receipt_text"
vendor = "link"
prefix = "9196"

[[fault]]
kind = "receipt_doubled"
prefix = "9197"
"""


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    with running(tmp_path_factory.mktemp("odd"), ODD) as programs:
        programs.add_account()
        yield programs


@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        ("9191", b"ids in hexadecimal, no key"),
        ("9192", b"a receipt before its response"),
        ("9193", b"a receipt on data_sm"),
        ("9194", b"buffered first, then the end"),
        ("9195", b"named on the first segment only " * 7),
        ("9196", b"sub:000 dlvrd:000"),
        ("9197", b"a receipt twice"),
        ("9190", b"nothing odd"),
    ],
    ids=["hexadecimal", "early", "data_sm", "buffered", "first_segment", "no_counts", "doubled", "plain"],
)
def test_a_receipt_finds_its_message_whatever_it_looks_like(odd: Programs, prefix: str, text: bytes) -> None:
    with AskingEsme(odd.smpp_port) as esme:
        esme.bind()
        for last in range(3):
            identifier = esme.submit(f"{prefix}1234567{last}", short_message=text)
            receipt = esme.receipt()
            assert b"stat:DELIVRD" in receipt.short_message
            assert f"id:{identifier} ".encode() in receipt.short_message
    until(lambda: odd.call("stats")["open_messages"] == 0, "every message to end once")


def a_dead_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


THROTTLED = """
seed = 7

[[fault]]
kind = "receipt_lost"
prefix = "9192"

[[fault]]
kind = "half_open"
prefix = "9193"
in_all = 1

[[fault]]
kind = "throttle"
prefix = "9191"
every = 3
count = 4
"""

LINKS = """
[[smsc]]
name = "dead"
host = "127.0.0.1"
port = {port}
system_id = "gateway"
password = "secret"
priority = 1
failover_after_s = 0.3
"""


@pytest.fixture(scope="module")
def two_links(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    folder = tmp_path_factory.mktemp("links")
    with running(folder, THROTTLED, more=LINKS.format(port=a_dead_port())) as programs:
        programs.add_account()
        programs.add_account("bulk", traffic_class="service")
        yield programs


def texts_at_smsc(programs: Programs, prefix: str) -> list[str]:
    """Numbers of accepted submit_sm in the order of the SMSC."""
    return [
        str(line["destination"])
        for line in programs.witness()
        if line.get("command") == "submit_sm"
        and line.get("decision") == "accepted"
        and str(line.get("destination", "")).startswith(prefix)
    ]


def permit(programs: Programs, numbers: list[str]) -> None:
    """These people agree to service messages."""
    people = [{"line": line, "msisdn": number} for line, number in enumerate(numbers, 1)]
    assert programs.call("subscriber.import", file="people.csv", rows=people)["rejected"] == []
    act = {
        "brand": "*",
        "category": "*",
        "purpose": "service",
        "channel": "sms",
        "action": "grant",
        "at": "2026-01-01T00:00:00Z",
        "method": "web",
        "evidence": "form 1",
    }
    rows = [act | person for person in people]
    assert programs.call("consent.import", file="consents.csv", rows=rows)["rejected"] == []


def test_what_the_best_link_cannot_carry_goes_through_the_next_one(two_links: Programs) -> None:
    with AskingEsme(two_links.smpp_port) as esme:
        esme.bind()
        esme.submit("919012345678")
        assert b"stat:DELIVRD" in esme.receipt().short_message


def test_throttled_messages_to_one_person_arrive_in_their_order(two_links: Programs) -> None:
    with RawEsme(two_links.smpp_port, timeout_s=30.0) as esme:
        esme.bind()
        submitted: dict[int, str] = {}
        for number in range(8):
            sequence = esme.send(
                SubmitSm(
                    source_addr="SHOP",
                    source_addr_ton=5,
                    destination_addr="919112345678",
                    registered_delivery=1,
                    short_message=f"{number}".encode(),
                )
            )
            submitted[sequence] = ""
        order: list[str] = []
        while len(order) < 8:
            pdu = esme.read()
            if isinstance(pdu, DeliverSm):
                order.append(pdu.short_message.partition(b" ")[0].decode().removeprefix("id:"))
                esme.answer(DeliverSmResp(sequence_number=pdu.sequence_number))
            else:
                submitted[pdu.sequence_number] = pdu.message_id  # type: ignore[attr-defined]
    lines = [line for line in two_links.witness() if line.get("destination") == "919112345678"]
    assert sum(line.get("decision") == "fault" for line in lines) >= 2
    assert order == list(submitted.values())


def test_a_half_open_link_is_found_and_its_unanswered_message_known_by_our_key(two_links: Programs) -> None:
    quick = {"enquire_link_s": 0.5, "response_timeout_s": 1.0}
    two_links.call("link.set", name="main", settings=quick, by="test")
    with AskingEsme(two_links.smpp_port) as esme:
        esme.bind()
        for last in range(2):  # the answer to the first one is lost with its stream
            esme.submit(f"91931234567{last}")
            assert b"stat:DELIVRD" in esme.receipt().short_message
    accepted = texts_at_smsc(two_links, "9193")
    assert sorted(accepted) == ["919312345670", "919312345671"]  # each once


def test_a_message_whose_receipt_is_lost_is_asked_about(two_links: Programs) -> None:
    two_links.call("link.set", name="main", settings={"query_after_s": 0.5}, by="test")
    with AskingEsme(two_links.smpp_port) as esme:
        esme.bind()
        esme.submit("919212345678")
        assert b"stat:DELIVRD" in esme.receipt().short_message


def test_a_one_time_password_overtakes_what_waits(two_links: Programs) -> None:
    two_links.call("link.set", name="main", settings={"segments_per_second": 20}, by="test")
    campaign = 80
    numbers = [f"9198{number:08}" for number in range(campaign)]
    permit(two_links, numbers)
    with RawEsme(two_links.smpp_port) as bulk, AskingEsme(two_links.smpp_port) as bank:
        bulk.bind("bulk")
        bank.bind()
        for number in numbers:
            bulk.send(
                SubmitSm(
                    source_addr="SALE",
                    source_addr_ton=5,
                    destination_addr=number,
                    short_message=b"offer",
                )
            )
        for _ in range(campaign):
            assert bulk.read().command_status == 0
        bank.submit("919712345678", short_message=b"your password is 1234")
        bank.receipt()
        before = len(texts_at_smsc(two_links, "9198"))
    # Four seconds of offers were waiting, and the password did not wait for them.
    assert before < campaign - 20
    until(lambda: len(texts_at_smsc(two_links, "9198")) == campaign, "the campaign to leave too")
