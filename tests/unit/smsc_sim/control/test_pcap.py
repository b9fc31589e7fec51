"""The capture file: read back frame by frame here, and judged by tshark."""

import struct
import subprocess
from ipaddress import ip_address
from random import Random

import pytest
from peers import require_program

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import DeliverSm, DeliverSmResp, SubmitSm, SubmitSmResp
from smsc_sim.control.capture import Address, Capture
from smsc_sim.control.pcap import pcap_pieces
from smsc_sim.control.tcp_flow import SEGMENT_OCTETS

START_US = 1_795_297_105_000_000
PORT = 12_775
FIN, SYN, RST, ACK = 1, 2, 4, 16


def frames(octets):
    assert struct.unpack("<IHHiIII", octets[:24]) == (0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1)
    at = 24
    while at < len(octets):
        seconds, micros, kept, length = struct.unpack_from("<IIII", octets, at)
        assert kept == length
        yield seconds * 1_000_000 + micros, octets[at + 16 : at + 16 + length]
        at += 16 + length


def tcp(frame):
    header = 20 if frame[12:14] == b"\x08\x00" else 40
    source, target, sequence, acknowledged, offset, flags = struct.unpack_from(">HHIIBB", frame, 14 + header)
    return source, target, sequence, acknowledged, flags, frame[14 + header + (offset >> 4) * 4 :]


def talk(capture, pairs, *, esme="127.0.0.1", smsc="127.0.0.1", cut=3000, end=True):
    """One stream with `pairs` messages and receipts, read and written in pieces that cut PDUs anywhere."""
    stream = capture.open(START_US, "b1", Address(esme, 50_000), Address(smsc, PORT))
    incoming, outgoing = b"", b""
    for number in range(1, pairs + 1):
        text = b"hello " * (number % 20)
        incoming += encode_pdu(
            SubmitSm(number, source_addr="56070", destination_addr=f"9198765{number:05d}", short_message=text)
        )
        incoming += encode_pdu(DeliverSmResp(number))
        outgoing += encode_pdu(SubmitSmResp(number, message_id=f"{number:019d}"))
        outgoing += encode_pdu(DeliverSm(number, source_addr="919876543210", destination_addr="56070"))
    chance, t = Random(5), START_US
    while incoming or outgoing:
        t += 1000
        size = chance.randint(1, cut)
        part, incoming = incoming[:size], incoming[size:]
        if part:
            capture.came_in(t, stream, part)
        size = size * 7 // 10 + 1  # So that both directions end about together.
        part, outgoing = outgoing[:size], outgoing[size:]
        if part:
            capture.went_out(t + 300, stream, part)
    if end:
        capture.close(t + 1000, stream, by_smsc=False, broken=False)
    return stream


def write(path, capture, port=None):
    path.write_bytes(b"".join(pcap_pieces(capture.chunks(), port)))
    return path


def tshark(path, *options, port=PORT):
    command = [require_program("tshark", package="tshark"), "-r", str(path), "-d", f"tcp.port=={port},smpp"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commands(path, **more):
    found = {}
    for line in tshark(path, "-T", "fields", "-e", "smpp.command_id", **more).split():
        for number in line.split(","):
            found[int(number, 16)] = found.get(int(number, 16), 0) + 1
    return found


def test_a_stream_becomes_a_handshake_its_octets_in_order_and_an_end():
    capture = Capture(100_000)
    stream = capture.open(START_US, "b1", Address("10.0.0.9", 50_000), Address("10.0.0.1", PORT))
    capture.came_in(START_US + 5, stream, b"a" * (SEGMENT_OCTETS + 10))
    capture.went_out(START_US + 9, stream, b"b" * 20)
    capture.close(START_US + 12, stream, by_smsc=True, broken=False)
    read = [(t, *tcp(frame)) for t, frame in frames(b"".join(pcap_pieces(capture.chunks())))]
    assert [row[5] for row in read] == [
        *(SYN, SYN | ACK, ACK),
        *(ACK, ACK | 8, ACK),
        *(ACK | 8, ACK),
        *(FIN | ACK, FIN | ACK, ACK),
    ]
    assert [row[0] - START_US for row in read] == [0, 0, 0, 5, 5, 5, 9, 9, 12, 12, 12]
    first = read[0][3]
    second = read[1][3]
    data = read[3:5]
    assert [row[3] - first for row in data] == [1, 1 + SEGMENT_OCTETS]
    assert b"".join(row[6] for row in data) == b"a" * (SEGMENT_OCTETS + 10)
    answer = read[6]
    assert (answer[1], answer[2]) == (PORT, 50_000)
    assert (answer[3] - second, answer[4] - first) == (1, 1 + SEGMENT_OCTETS + 10)
    assert read[8][3] - second == 21


@pytest.mark.parametrize(("esme", "smsc"), [("10.0.0.9", "10.0.0.1"), ("::1", "::1")])
def test_every_checksum_is_right(esme, smsc):
    capture = Capture(100_000)
    talk(capture, 20, esme=esme, smsc=smsc)
    checked = 0
    for _, frame in frames(b"".join(pcap_pieces(capture.chunks()))):
        packet = frame[14:]
        if ":" not in esme:
            assert int.from_bytes(packet[:20], "big") % 0xFFFF == 0
        segment = packet[40 if ":" in esme else 20 :]
        pseudo = ip_address(esme).packed + ip_address(smsc).packed + struct.pack(">HH", 6, len(segment))
        padded = pseudo + segment + b"\0" * (len(segment) % 2)
        assert int.from_bytes(padded, "big") % 0xFFFF == 0
        checked += 1
    assert checked > 10


def test_a_broken_stream_ends_with_a_reset():
    capture = Capture(100_000)
    stream = capture.open(START_US, "b1", Address("127.0.0.1", 50_000), Address("127.0.0.1", PORT))
    capture.close(START_US, stream, by_smsc=False, broken=True)
    *_, (_, last) = frames(b"".join(pcap_pieces(capture.chunks())))
    assert tcp(last)[4] == RST | ACK


def test_pieces_are_small_whatever_the_capture():
    capture = Capture(4_000_000)
    talk(capture, 6_000, cut=60_000)
    sizes = [len(piece) for piece in pcap_pieces(capture.chunks())]
    assert len(sizes) > 5
    assert max(sizes) < 200_000


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_tshark_finds_every_pdu_and_nothing_to_complain_of(tmp_path, address):
    capture = Capture(10_000_000)
    talk(capture, 1_500, esme=address, smsc=address)
    path = write(tmp_path / "all.pcap", capture)
    assert commands(path) == {4: 1500, 5: 1500, 0x80000004: 1500, 0x80000005: 1500}
    strict = ("-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE")
    assert (
        tshark(path, *strict, "-Y", "_ws.malformed || tcp.analysis.flags || tcp.checksum.status == 0") == ""
    )


def test_tshark_reads_what_is_left_once_the_beginning_has_gone(tmp_path):
    capture = Capture(150_000)
    stream = talk(capture, 3_000, end=False)
    assert capture.chunks_dropped > 10
    path = write(tmp_path / "end.pcap", capture)
    found = commands(path)
    assert min(found.get(number, 0) for number in (4, 5, 0x80000004, 0x80000005)) > 200
    assert max(found.values()) < 3_000
    assert set(found) == {4, 5, 0x80000004, 0x80000005}
    assert tshark(path, "-Y", "_ws.malformed") == ""
    assert stream.incoming.pdus == 6_000


def test_a_capture_can_be_written_with_the_port_that_wireshark_knows(tmp_path):
    capture = Capture(1_000_000)
    talk(capture, 50)
    path = write(tmp_path / "port.pcap", capture, port=2775)
    # 9999 tells tshark nothing: it knows 2775 by itself.
    assert commands(path, port=9999)[4] == 50
