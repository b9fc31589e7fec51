"""E-mail reaches a real SMTP server whole, and a refusal is told without the address."""

from collections.abc import Iterator
from typing import Any

import pytest
from post_office import PostOffice

from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.services.ports import Email, EmailSenderSettings
from operator_push_adapters.email_smtp import SmtpSender

TO = "asha.rao@example.com"


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    with PostOffice() as one:
        yield one


def sender(office: PostOffice, security: str = "none", address: str = "no-reply@telecom.example") -> Any:
    return SmtpSender(EmailSenderSettings(address, "127.0.0.1", office.port, security, timeout_s=30))


def test_a_letter_comes_as_it_was_written(office: PostOffice) -> None:
    sender(office)(Email(TO, "Chai Point: आपका कोड", "Code 123456\n"))
    (letter,) = office.letters
    assert (letter["To"], letter["From"]) == (TO, "no-reply@telecom.example")
    assert letter["Subject"] == "Chai Point: आपका कोड"
    assert letter.get_content().split() == ["Code", "123456"]
    assert letter["Message-ID"].endswith("@telecom.example>")
    assert letter["Auto-Submitted"] == "auto-generated"


def test_what_is_not_taken_is_told_without_the_address(office: PostOffice) -> None:
    office.answer = f"550 no such user {TO}"
    try:
        with pytest.raises(ResourceError) as refused:
            sender(office)(Email(TO, "x", "y"))
        assert str(refused.value) == "the mail server answered 550"
        with pytest.raises(ResourceError, match="could not be asked"):
            sender(office, "starttls")(Email(TO, "x", "y"))  # the server offers none: nothing goes in clear
    finally:
        office.answer = "250 taken"
    nobody = SmtpSender(EmailSenderSettings("a@b.example", "127.0.0.1", 1, "none", timeout_s=2))
    with pytest.raises(ResourceError, match="could not be asked"):
        nobody(Email(TO, "x", "y"))


@pytest.mark.parametrize(("address", "security"), [("nobody", "none"), ("a@b.example", "ssl")])
def test_settings_that_cannot_work_stop_the_start(office: PostOffice, address: str, security: str) -> None:
    with pytest.raises(OperatorError, match="email"):
        sender(office, security, address)
