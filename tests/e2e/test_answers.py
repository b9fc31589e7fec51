"""Words of subscribers are answered between sockets: after the acknowledgement, once, also over a restart."""

import re
from collections.abc import Iterator

import pytest
from post_office import PostOffice
from product import Programs, until
from raw_esme import AskingEsme
from raw_smsc import RawSmsc

from operator_push.kernel.errors import OperatorError
from operator_push.smpp.pdu import DeliverSm, SubmitSm

MORE = """
[answers]
account = "answers"
name = "Telco"
[[opt_in]]
name = "bank"
brand = "Bank"
short_code = "56070"
keyword = "JOIN BANK"
[[mo_route]]
short_code = "56070"
account = "shop"
[linking]
account = "answers"
[email]
kind = "smtp"
sender = "no-reply@telco.example"
host = "127.0.0.1"
security = "none"
"""
PERSON = "919812340001"


@pytest.fixture(scope="module")
def smsc() -> Iterator[RawSmsc]:
    with RawSmsc() as one:
        yield one


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    with PostOffice() as one:
        yield one


@pytest.fixture(scope="module")
def programs(
    tmp_path_factory: pytest.TempPathFactory, smsc: RawSmsc, office: PostOffice
) -> Iterator[Programs]:
    codes = 'short_codes = ["56070"]'
    programs = Programs(
        tmp_path_factory.mktemp("answers"), more=f"{MORE}port = {office.port}\n", database=codes
    )
    programs.sim_port = smsc.port
    try:
        programs.start_product()
        programs.add_account("answers", prepaid_micros=0)
        programs.add_account("shop", brand="Acme", traffic_class="promotional", any_destination=False)
        bound(programs)
        yield programs
    finally:
        programs.stop()


def bound(programs: Programs) -> None:
    until(lambda: all(programs.call("stats")["links"].values()), "the bind at the SMSC")


def said(smsc: RawSmsc, text: str, person: str = PERSON) -> tuple[str, str, str]:
    """A person's text, and what comes back: sender, recipient, text."""
    smsc.deliver(
        DeliverSm(
            source_addr=person, source_addr_ton=1, destination_addr="56070", short_message=text.encode()
        )
    )
    answer = smsc.next(SubmitSm)
    assert isinstance(answer, SubmitSm)
    return answer.source_addr, answer.destination_addr, answer.short_message.decode()


def meters(programs: Programs) -> dict[str, int]:
    return programs.call("stats")["meters"]


def test_help_is_answered_from_the_code_that_was_written_to_and_costs_nothing(
    programs: Programs, smsc: RawSmsc
):
    sender, recipient, text = said(smsc, "HELP", "919812340009")
    assert (sender, recipient) == ("56070", "919812340009")
    assert text.startswith("Telco: send STOP to end")
    assert meters(programs)["answers.sent"] == 1
    assert said(smsc, "WHY", "919812340009")[2].startswith("We find no message to you")


def test_why_a_stop_and_a_start_about_the_brand_that_wrote_last(programs: Programs, smsc: RawSmsc):
    programs.call("subscriber.import", columns=["line", "msisdn"], rows=[[1, PERSON]])
    act = {"brand": "Acme", "category": "*", "purpose": "marketing", "channel": "sms", "action": "grant"}
    proof = {"at": "2026-01-01T00:00:00Z", "method": "web", "evidence": "form 7"}
    assert (
        programs.call("consent.import", rows=[{"line": 1, "msisdn": PERSON, **act, **proof}])["applied"] == 1
    )
    with AskingEsme(programs.smpp_port) as esme:
        esme.bind()
        esme.submit(PERSON, source_addr="56070", source_addr_ton=0)
        smsc.next(SubmitSm)
        why = said(smsc, "why did i get this?")[2]
        assert why.startswith("Acme sent you a message on 20")
        assert "you agreed to its marketing. Consent " in why
        assert why.endswith("of 2026-01-01. STOP ends these messages.")
        assert said(smsc, "STOP")[2].startswith("Acme: done, our messages")
        refused = esme.ask(SubmitSm(source_addr="56070", source_addr_ton=0, destination_addr=PERSON))
        assert refused.command_status != 0
        restart(programs)
    assert said(smsc, "START")[2].startswith("Acme: your messages are back"), (
        "the brand is known after a start"
    )
    with AskingEsme(programs.smpp_port) as esme:
        esme.bind()
        esme.submit(PERSON, source_addr="56070", source_addr_ton=0)
        smsc.next(SubmitSm)


def test_the_first_message_to_an_imported_customer_says_how_to_end_them(programs: Programs, smsc: RawSmsc):
    person = "919812340055"
    programs.call("subscriber.import", columns=["line", "msisdn"], rows=[[1, person]])
    act = {"brand": "Acme", "category": "*", "purpose": "marketing", "channel": "sms", "action": "grant"}
    proof = {"at": "2026-01-01T00:00:00Z", "method": "import", "evidence": "customer list 7, line 1"}
    assert (
        programs.call("consent.import", rows=[{"line": 1, "msisdn": person, **act, **proof}])["applied"] == 1
    )

    def submitted() -> str:
        with AskingEsme(programs.smpp_port) as esme:
            esme.bind()
            pdu = SubmitSm(
                source_addr="SHOP", source_addr_ton=5, destination_addr=person, short_message=b"Sale"
            )
            assert esme.ask(pdu).command_status == 0
            sent = smsc.next(SubmitSm)
            assert isinstance(sent, SubmitSm)
            return sent.short_message.decode()

    assert submitted() == "Sale Send STOP to 56070 to end."
    restart(programs)
    assert submitted() == "Sale", "once, also over a restart"
    assert said(smsc, "STOP", person)[2].startswith("Acme: done"), "the code that its message named"


def test_people_subscribe_to_a_channel_get_its_issues_once_and_leave_by_stop(
    programs: Programs, smsc: RawSmsc
):
    person, other = "919812340033", "919812340034"
    made = programs.call(
        "channel.create", name="news", account="shop", brand="Daily News", short_code="56070", keyword="NEWS"
    )
    assert (made["channel"]["state"], made["channel"]["subscribers"]) == ("open", None)
    for each in (person, other):
        assert said(smsc, "news", each)[2].startswith("Daily News: do you agree")
        assert said(smsc, "yes", each)[2].startswith("Daily News: thank you")
    published(programs, smsc, "It rains.", {person, other})
    assert said(smsc, "STOP", other)[2].startswith("Daily News: done")
    restart(programs)
    published(programs, smsc, "It rains no more.", {person})
    told = programs.call("channel.unsubscribe", name="news", msisdn=person, method="web")
    assert told == {"unsubscribed": True}
    published(programs, smsc, "Nobody reads this.", set())
    assert programs.call("channel.close", name="news")["channel"]["state"] == "closed"


def published(programs: Programs, smsc: RawSmsc, text: str, readers: set[str]) -> None:
    """Publish in the channel and wait until it has reached exactly these."""
    issue = programs.call("channel.publish", name="news", text=text, by="asha")["issue"]
    sent = set()
    for _ in readers:
        pdu = smsc.next(SubmitSm)
        assert isinstance(pdu, SubmitSm)
        sent.add((pdu.destination_addr, pdu.short_message))
    assert sent == {(reader, text.encode()) for reader in readers}

    def is_over() -> bool:
        return bool(programs.call("channel.progress", name="news", issue=issue)["state"] == "finished")

    until(is_over, "the end of the issue")


def test_a_number_and_an_address_are_linked_by_the_codes_that_came_there(
    programs: Programs, smsc: RawSmsc, office: PostOffice
):
    person, address = "919812340022", "asha.rao@example.com"
    asked = {"account": "shop", "msisdn": person}
    programs.call("account.top_up", name="answers", amount_micros=1_000_000, reference="codes")
    told = programs.call("person.link", **asked, customer_code="C-7", email=address)
    assert (told["sms"], told["email"]) == (True, "sent")
    pdu = smsc.next(SubmitSm)
    assert isinstance(pdu, SubmitSm)
    by_sms = re.findall(r"\d{6}", pdu.short_message.decode())
    by_email = re.findall(r"\d{6}", office.letters[-1].get_content())
    assert office.letters[-1]["Subject"] == "Acme: your code"
    waiting = programs.call("person.confirm", **asked, sms_code=by_sms[0])
    assert waiting == {"linked": False, "missing": ["email"]}
    restart(programs)
    with pytest.raises(OperatorError, match="is wrong"):
        programs.call("person.confirm", **asked, email_code="000000")
    assert programs.call("person.confirm", **asked, email_code=by_email[0])["linked"]
    shown = programs.call("person.show", account="shop", customer_code="C-7", by="test")["link"]
    assert (shown["number"], shown["email"]) == ("919…22", "a***@example.com")
    for secret in (address, person, by_email[0]):
        assert secret not in (programs.folder / "operator-push.log").read_text(), (
            "no address, number or code in a log"
        )
    assert programs.call("person.unlink", **asked) == {"unlinked": True}
    restart(programs)
    shown = programs.call("person.show", **asked)
    assert shown == {"link": None, "asked": None}


def restart(programs: Programs) -> None:
    assert programs.product is not None
    programs.product.stop()
    programs.start_product()
    bound(programs)


def test_a_double_opt_in_is_asked_at_a_door_and_answered_after_a_restart(programs: Programs, smsc: RawSmsc):
    person = "919812340077"
    told = programs.call("opt_in.request", name="bank", msisdn=person, method="web", evidence={})
    assert told == {"outcome": "challenged"}
    challenge = smsc.next(SubmitSm)
    assert isinstance(challenge, SubmitSm)
    assert challenge.short_message.startswith(b"Bank: do you agree")
    restart(programs)
    assert said(smsc, "yes", person)[2].startswith("Bank: thank you")
    told = programs.call("opt_in.request", name="bank", msisdn=person, method="api")
    assert told == {"outcome": "granted already"}
    found = programs.call("permission.bitmap", purpose="marketing", brand="Bank")
    assert found["bitmap"] != programs.call("permission.bitmap", purpose="marketing", brand="Acme")["bitmap"]


def test_the_menu_ends_a_permission(programs: Programs, smsc: RawSmsc):
    person = "919812340088"
    programs.call("opt_in.request", name="bank", msisdn=person, method="shop")
    smsc.next(SubmitSm)
    said(smsc, "yes", person)
    assert "1 Bank (yes)" in said(smsc, "MENU", person)[2]
    assert said(smsc, "1", person)[2].startswith("Bank (yes): 1 say no")
    assert said(smsc, "1", person)[2].startswith("Done. Bank (no): 1 agree to it")


def test_who_is_erased_is_nobody_and_stays_silent_when_the_number_comes_again(programs: Programs):
    person, act = "919812340066", {"brand": "Acme", "category": "*", "purpose": "marketing", "channel": "sms"}
    row = {"line": 1, "msisdn": person, **act, "action": "grant", "method": "web", "evidence": "form 9"}
    grant = {"rows": [{**row, "at": "2026-01-01T00:00:00Z"}]}
    programs.call("subscriber.import", columns=["line", "msisdn"], rows=[[1, person], [2, PERSON]])
    assert programs.call("consent.import", **grant)["applied"] == 1
    assert programs.call("subscriber.erase", number=person, by="test") == {"erased": True, "acts": 1}
    assert programs.call("subscriber.erase", number=person) == {"erased": False, "acts": 0}
    restart(programs)
    assert programs.call("subscriber.import", rows=[{"line": 1, "msisdn": person}])["applied"] == 1
    programs.call("consent.import", **grant)
    with AskingEsme(programs.smpp_port) as esme:
        esme.bind()
        offered = SubmitSm(
            source_addr="SHOP", source_addr_ton=5, destination_addr=person, short_message=b"again"
        )
        assert esme.ask(offered).command_status != 0
    change = {"line": 1, "msisdn": PERSON, "change": "recycled", "at": "2026-06-01T00:00:00Z"}
    told = programs.call("subscriber.change", rows=[change, {"line": 2}])
    assert (told["applied"], told["rejected"]) == (1, [{"line": 2, "reason": "column 'msisdn' is missing"}])
