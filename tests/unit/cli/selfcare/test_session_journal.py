"""Sessions outlive a restart for the browser that has the cookie, and the file tells nobody else anything."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from operator_push.cli.selfcare import session_journal
from operator_push.cli.selfcare.session_journal import SessionJournal
from operator_push.services.enter_selfcare import EnterSelfcare, Limits, NotIn, Person
from operator_push.services.rate_windows import SECOND_US

PERSON = Person("919812345601", 7, "IN")
OTHER = Person("919812345602", 8, None)
MINUTE = 60 * SECOND_US
NOW = 1_800_000_000 * SECOND_US


class Pages:
    """The program, started as often as a test wants over one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.numbers = itertools.count(1)
        self.journal: SessionJournal | None = None
        self.start(NOW)

    def start(self, now_us: int) -> None:
        self.stop()
        self.journal = SessionJournal(self.path, lambda msisdn: f"digest of {msisdn[-1]}", lambda: now_us)
        self.entry = EnterSelfcare(Limits(idle_s=900), self.chance, None, now_us, self.journal)

    def stop(self) -> None:
        if self.journal is not None:
            self.journal.close()

    def chance(self, octets: int) -> bytes:
        return (next(self.numbers) * 104_729).to_bytes(octets, "big")

    def sign_in(self, person: Person = PERSON, now_us: int = NOW) -> str:
        sent = self.entry.begin(person.msisdn, person, "mine", now_us)
        assert sent is not None
        opened = self.entry.answer_link(sent.link, "ip", now_us)
        assert not isinstance(opened, NotIn)
        return opened[0]


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    pages = Pages(tmp_path / "sessions.log")
    yield pages
    pages.stop()


def test_a_session_goes_on_after_a_restart_with_its_secrets(pages: Pages) -> None:
    secret = pages.sign_in()
    before = pages.entry.session(secret, NOW + MINUTE)
    pages.start(NOW + 2 * MINUTE)
    after = pages.entry.session(secret, NOW + 2 * MINUTE)
    assert before is not None
    assert after is not None
    assert (after.person, after.csrf, after.proof, after.began_us) == (
        PERSON,
        before.csrf,
        before.proof,
        before.began_us,
    )
    pages.start(NOW + 3 * MINUTE)
    assert pages.entry.session(secret, NOW + 3 * MINUTE) is not None, "and after the next one"
    assert pages.entry.session("somebody's guess", NOW + 3 * MINUTE) is None


def test_the_file_opens_nothing_and_names_nobody(pages: Pages) -> None:
    secret = pages.sign_in()
    session = pages.entry.session(secret, NOW)
    assert session is not None
    text = pages.path.read_text()
    assert not any(told in text for told in (secret, session.csrf, PERSON.msisdn, session.proof))
    assert pages.path.stat().st_mode & 0o777 == 0o600


def test_what_has_ended_stays_so_after_a_restart(pages: Pages) -> None:
    left, erased, idle, kept = (
        pages.sign_in(),
        pages.sign_in(),
        pages.sign_in(OTHER, NOW - 20 * MINUTE),
        pages.sign_in(OTHER),
    )
    pages.entry.leave(left)
    pages.entry.leave_everywhere(PERSON)
    pages.start(NOW + MINUTE)
    assert [pages.entry.session(each, NOW + MINUTE) is not None for each in (left, erased, idle, kept)] == [
        False,
        False,
        False,
        True,
    ]
    pages.start(NOW + 13 * 3_600 * SECOND_US)
    assert pages.path.read_text() == ""


def test_a_restart_between_sign_in_and_sign_out_or_erasure(pages: Pages) -> None:
    left, erased = pages.sign_in(OTHER), pages.sign_in()
    pages.start(NOW)
    pages.entry.leave(left)
    pages.entry.leave_everywhere(PERSON)
    assert [pages.entry.session(each, NOW) for each in (left, erased)] == [None, None]
    pages.start(NOW)
    assert [pages.entry.session(each, NOW) for each in (left, erased)] == [None, None]


def test_the_hours_of_a_busy_session_are_those_since_it_began(pages: Pages) -> None:
    secret = pages.sign_in()
    for minute in range(10, 12 * 60, 10):
        if minute % 50 == 0:
            pages.start(NOW + minute * MINUTE)
        assert pages.entry.session(secret, NOW + minute * MINUTE) is not None, minute
    pages.start(NOW + 12 * 60 * MINUTE)
    assert pages.entry.session(secret, NOW + 12 * 60 * MINUTE) is None


def test_a_line_that_is_broken_costs_one_session(pages: Pages) -> None:
    first, second = pages.sign_in(OTHER), pages.sign_in()
    pages.stop()
    lines = pages.path.read_text().splitlines()
    pages.path.write_text(lines[0][:90] + "\nnonsense\n" + "\n".join(lines[1:]))
    pages.journal = None
    pages.start(NOW)
    assert pages.entry.session(first, NOW) is None
    assert pages.entry.session(second, NOW) is not None


def test_a_cookie_that_opens_nothing_writes_nothing(pages: Pages) -> None:
    size = pages.path.stat().st_size
    for guess in ("", "guess"):
        pages.entry.leave(guess)
        assert pages.entry.session(guess, NOW) is None
    assert pages.path.stat().st_size == size


def test_a_long_file_is_written_anew(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_journal, "LINES_MAX", 5)
    secret = pages.sign_in()
    for minute in range(1, 30):
        assert pages.entry.session(secret, NOW + minute * 2 * MINUTE) is not None
    assert len(pages.path.read_text().splitlines()) <= 5
    pages.start(NOW + 60 * MINUTE)
    assert pages.entry.session(secret, NOW + 60 * MINUTE) is not None
