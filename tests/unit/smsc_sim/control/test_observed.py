"""What is observed: streams by account and type, samples, and what a scrape says of them."""

from pathlib import Path
from types import SimpleNamespace

from twisted.internet.testing import StringTransport

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import EnquireLink
from smsc_sim.cdr_files import CdrFiles
from smsc_sim.control.messages import messages_of
from smsc_sim.control.observed import resident_octets
from smsc_sim.line_file import LineFile
from smsc_sim.witness import Witness, address_part, key_part


def stream(world, name="b1", system_id="shop", binding="transceiver", smsc=""):
    """A stream that is watched: its protocol and its tap."""
    identity = SimpleNamespace(account=SimpleNamespace(system_id=system_id)) if binding else None
    session = SimpleNamespace(binding=binding, peer_version=0x34, open_requests=4)
    bind = SimpleNamespace(name=name, identity=identity, session=session, outstanding_submits=2)
    protocol = SimpleNamespace(
        transport=StringTransport(), dataReceived=lambda data: None, peer="127.0.0.1:5", close_reason=""
    )
    return protocol, world.observed.stream_up(protocol, bind, smsc)


def test_a_stream_is_shown_from_its_beginning_to_its_end(world):
    protocol, tap = stream(world, smsc="north")
    protocol.dataReceived(encode_pdu(EnquireLink(1)))
    protocol.transport.write(encode_pdu(EnquireLink(1)) * 2)
    [shown] = world.observed.binds()
    assert (shown["bind"], shown["smsc"], shown["system_id"]) == ("north.b1", "north", "shop")
    assert (shown["type"], shown["version"], shown["peer"]) == ("transceiver", "0x34", "127.0.0.1:5")
    assert (shown["pdus_in"], shown["pdus_out"]) == (1, 2)
    assert (shown["octets_in"], shown["octets_out"]) == (16, 32)
    assert (shown["unanswered_in"], shown["unanswered_out"]) == (2, 4)
    tap.closed("Connection was closed cleanly.")
    assert world.observed.binds() == []


def test_a_scrape_counts_binds_by_account_and_type(world):
    stream(world, "b1")
    stream(world, "b2")
    stream(world, "b3", "bank", "receiver")
    stream(world, "b4", binding=None)
    text = world.observed.metrics(world.engine).content.decode()
    for line in (
        'smsc_sim_binds{smsc="",system_id="shop",type="transceiver"} 2',
        'smsc_sim_binds{smsc="",system_id="bank",type="receiver"} 1',
        'smsc_sim_binds{smsc="",system_id="",type="unbound"} 1',
        'smsc_sim_submits_accepted_total{smsc="north"} 10',
        'smsc_sim_fault_hits_total{fault="slow",smsc="north"} 12',
        'smsc_sim_fault_on{fault="slow",smsc="south"} 0',
        "smsc_sim_unfinished 3",
    ):
        assert f"{line}\n" in text


def test_records_are_kept_from_the_moment_they_are_named(world):
    file = LineFile(None)
    world.observed.keep_rows("north", file, CdrFiles(None, True, world.t))
    Witness(file).submit_accepted(1, "b1", 5, address_part("56070", "91987") + key_part(None, "77"))
    for flush in (lambda: None, file.flush):
        flush()
        [message] = messages_of("91987", world.observed.rows, 10)["messages"]
        assert (message["smsc"], message["smsc_message_id"]) == ("north", "77")


def test_memory_is_told_where_the_system_tells_it():
    octets = resident_octets()
    assert (octets is not None) == Path("/proc/self/statm").exists()
    assert octets is None or octets > 1_000_000
