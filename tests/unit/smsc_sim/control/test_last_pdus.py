"""The last PDUs: newest first, filtered, decoded late, whatever the cuts of the stream."""

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import DeliverSm, EnquireLink, SubmitSm, SubmitSmResp
from smsc_sim.control.last_pdus import Wanted, last_pdus


def submit(number, destination="919876543210", text=b"hi"):
    return SubmitSm(number, source_addr="56070", destination_addr=destination, short_message=text)


def listed(world, **wanted):
    found = last_pdus(world.observed.capture, Wanted(**wanted))
    return [(pdu["command"], pdu["sequence_number"]) for pdu in found]


def test_the_newest_come_first_with_their_place(world):
    stream = world.stream()
    world.came_in(stream, submit(1), submit(2))
    world.t += 1_000
    world.went_out(stream, SubmitSmResp(1, message_id="7"))
    newest, *rest = last_pdus(world.observed.capture, Wanted())
    assert (newest["command"], newest["direction"], newest["bind"]) == ("submit_sm_resp", "out", "b1")
    assert newest["t"] == world.t
    assert newest["fields"] == {"message_id": "7"}
    assert bytes.fromhex(newest["hex"]) == encode_pdu(SubmitSmResp(1, message_id="7"))
    assert [(pdu["sequence_number"], pdu["direction"]) for pdu in rest] == [(2, "in"), (1, "in")]


def test_no_more_than_the_limit(world):
    stream = world.stream()
    for number in range(1, 301):
        world.came_in(stream, EnquireLink(number))
    assert listed(world, limit=3) == [("enquire_link", number) for number in (300, 299, 298)]


def test_filters(world):
    stream, other = world.stream(), world.stream("b2")
    world.came_in(stream, submit(1), EnquireLink(2), submit(3, "918888888888"))
    world.went_out(other, DeliverSm(9, source_addr="918888888888", destination_addr="56070"))
    assert listed(world, command="submit_sm") == [("submit_sm", 3), ("submit_sm", 1)]
    assert listed(world, number="918888888888") == [("deliver_sm", 9), ("submit_sm", 3)]
    assert listed(world, bind="b2") == [("deliver_sm", 9)]
    assert listed(world, direction="out") == [("deliver_sm", 9)]
    assert listed(world, command="submit_sm", number="9198", limit=1) == [("submit_sm", 1)]
    assert listed(world, bind="b3") == []


def test_a_pdu_in_pieces_is_one_and_an_unfinished_one_is_none(world):
    stream = world.stream()
    octets = encode_pdu(submit(1)) + encode_pdu(submit(2))
    for at in range(0, len(octets) - 5, 7):
        world.observed.capture.came_in(world.t, stream, octets[at : min(at + 7, len(octets) - 5)])
    assert listed(world) == [("submit_sm", 1)]
    world.observed.capture.came_in(world.t, stream, octets[-5:])
    assert listed(world) == [("submit_sm", 2), ("submit_sm", 1)]
    assert listed(world, limit=1) == [("submit_sm", 2)]


def test_after_lost_framing_the_pdus_before_it_are_still_there(world):
    stream = world.stream()
    world.came_in(stream, submit(1))
    world.observed.capture.came_in(world.t, stream, b"\0\0\0\x03 nonsense")
    world.observed.capture.came_in(world.t, stream, encode_pdu(submit(2)))
    assert listed(world) == [("submit_sm", 1)]


def test_what_is_rare_is_found_far_back(world):
    stream = world.stream()
    world.came_in(stream, submit(1, "918888888888"))
    for number in range(2, 3_000):
        world.came_in(stream, EnquireLink(number))
    assert listed(world, limit=1, number="918888888888") == [("submit_sm", 1)]
    assert listed(world, limit=5, command="submit_sm") == [("submit_sm", 1)]
