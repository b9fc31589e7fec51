"""The message book: every message is found by id and number while it is known."""

from types import SimpleNamespace

from smsc_sim.message_book import MessageBook


def message(identifier, number="91", key=None):
    pdu = SimpleNamespace(destination_addr=number)
    return SimpleNamespace(smsc_message_id=identifier, key=key or identifier, pdu=pdu, final_us=0)


def end(book, one):
    one.final_us = 1
    book.end(one)


def test_open_and_ended_messages_are_found_until_they_are_forgotten():
    book = MessageBook(2)
    messages = [message(str(i)) for i in range(4)]
    for one in messages:
        book.add(one)
    assert book.open_to("91") == messages
    for one in messages[:3]:
        end(book, one)
    assert [len(book.find(str(i))) for i in range(4)] == [0, 1, 1, 1]
    assert book.open_to("91") == [messages[3]]
    assert list(book.of_number("91")) == messages[1:]
    assert list(book.open) == ["3"]


def test_numbers_are_followed_from_the_first_search_on():
    book = MessageBook(10)
    assert book.open_to("91") == []
    one, two, other = message("1"), message("2"), message("3", "92")
    for each in (one, two, other):
        book.add(each)
    assert book.open_to("91") == [one, two]
    end(book, one)
    end(book, two)
    assert book.open_to("91") == []
    assert book.open_to("92") == [other]


def test_messages_that_share_an_id_are_found_together_open_ones_first():
    book = MessageBook(10)
    parts = [message("7", str(i), key) for i, key in enumerate(("7", "7/2", "7/3"))]
    for one in parts:
        book.add(one)
    book.share_id("7", ("7", "7/2", "7/3"))
    end(book, parts[0])
    assert book.find("7") == [parts[1], parts[2], parts[0]]


def test_without_a_history_ended_messages_are_gone():
    book = MessageBook(0)
    one = message("1")
    book.add(one)
    end(book, one)
    assert book.find("1") == []
