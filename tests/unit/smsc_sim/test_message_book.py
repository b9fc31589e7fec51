"""The message book: every message is found by id and number while it is known."""

from operator_push.smpp.constants import MessageState
from operator_push.smpp.pdu import SubmitSm
from smsc_sim.message import EndedMessage, SimMessage
from smsc_sim.message_book import MessageBook
from smsc_sim.population import Fate

SUBMIT_US = 1_795_297_105_000_000


def message(identifier, number="91", key=None):
    pdu = SubmitSm(source_addr="56070", destination_addr=number)
    fate = Fate("on", MessageState.DELIVERED, 0.0, 0)
    key = key or identifier
    return SimMessage(identifier, None, None, pdu, 7, SUBMIT_US, fate, "", 0.0, None, key)


def end(book, one):
    one.state, one.final_us, one.error_code, one.tries = MessageState.EXPIRED, SUBMIT_US + 1, 27, 2
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
    assert book.find("7")[:2] == parts[1:]
    assert [type(one) for one in book.find("7")] == [SimMessage, SimMessage, EndedMessage]


def test_of_an_ended_message_is_kept_what_a_query_asks():
    book = MessageBook(1)
    one = message("7")
    book.add(one)
    end(book, one)
    state = MessageState.EXPIRED
    assert book.find("7") == [EndedMessage("7", None, "56070", 7, state, 27, 2, SUBMIT_US, SUBMIT_US + 1)]


def test_without_a_history_ended_messages_are_gone():
    book = MessageBook(0)
    one = message("1")
    book.add(one)
    end(book, one)
    assert book.find("1") == []


def test_the_history_is_bounded_and_at_least_fifteen_sixteenths_of_it_are_known():
    book = MessageBook(64)
    for number in range(1, 300):
        one = message(str(number))
        book.add(one)
        end(book, one)
        known = [other for other in range(1, number + 1) if book.find(str(other))]
        assert known == list(range(number - len(known) + 1, number + 1))
        assert min(number, 60) <= len(known) <= 64


def test_another_history_counts_from_the_next_part_on():
    book = MessageBook(2)
    for number in range(40):
        if number == 2:
            book.history_max = 16
        one = message(str(number))
        book.add(one)
        end(book, one)
    assert [number for number in range(40) if book.find(str(number))] == list(range(24, 40))


def test_a_shared_id_is_forgotten_with_the_first_of_its_messages():
    book = MessageBook(1)
    parts = [message("7", "91", key) for key in ("7", "7/2")]
    for one in parts:
        book.add(one)
    book.share_id("7", ("7", "7/2"))
    for one in parts:
        end(book, one)
    assert book.find("7") == []
