"""The link book: whose token it is, as the store has it, read again where people came in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import write_config, write_store
from msgspec.structs import replace
from pyroaring import BitMap

from operator_push.cli import link_book
from operator_push.cli.link_book import READ_AGAIN_S, LinkBook
from operator_push.cli.reading_threads import ReadingThreads
from operator_push.domain.short_links import ShortLink, parts_of
from operator_push.store.small_rows import upsert

LINK = ShortLink(77, "go.chai.example", "https://chai.example/", bytes(32), 0, 10)


def token(person: int) -> int:
    return parts_of(LINK.address_of(person).removeprefix("go.chai.example/"))[1]


class Rows:
    """A reading thread whose rows are their own connection."""

    def read(self, work: Callable[[Any], Any]) -> Any:
        return work(None)


def test_the_links_that_were_followed_least_lately_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[int] = []

    def people_of(rows: Any, campaign_no: int) -> BitMap:
        computed.append(campaign_no)
        return BitMap([1, 2])

    monkeypatch.setattr(link_book, "PEOPLE_MAX", 5)
    monkeypatch.setattr(link_book, "link_people", people_of)
    monkeypatch.setattr(link_book, "short_link_of", lambda rows, number: replace(LINK, campaign_no=number))
    book = LinkBook(Rows())  # type: ignore[arg-type]
    for number in (1, 2, 1, 3, 1, 2):
        assert book.follower(number, token(2)) == 2
    assert computed == [1, 2, 3, 2]


def test_people_who_came_in_are_found_after_a_while(tmp_path: Path) -> None:
    write_config(tmp_path)
    database, clock = write_store(tmp_path), [100.0]
    row = {name: getattr(LINK, name) for name in LINK.__struct_fields__}
    database.run(lambda rows: upsert(rows, "short_link", row))

    def fix(*people: int) -> None:
        octets = BitMap(people).serialize()
        fixed = {"campaign_no": 77, "subscribers": octets, "fixed_us": 1, "weights": b""}
        database.run(lambda rows: upsert(rows, "campaign_recipients", fixed))

    fix(1, 2)
    reading = ReadingThreads(f"sqlite:///{tmp_path / 'data' / 'operator-push.db'}")
    book = LinkBook(reading, lambda: clock[0])
    assert book.link(77) == LINK
    assert book.link(78) is None
    assert [book.follower(77, token(person)) for person in (1, 2, 3)] == [1, 2, 0]
    fix(1, 2, 3)
    assert book.follower(77, token(3)) == 0
    clock[0] += READ_AGAIN_S + 1
    assert book.follower(77, token(3)) == 3
    assert book.converted(77, token(3)) == 0
    reading.close()
    database.close()
