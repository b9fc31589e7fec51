"""Wireshark's dissector reads what the demo put on the wire: nothing malformed, and not a PDU less than sent.

The codec of product and simulator is one, so a shared misreading would agree with itself; tshark shares
nothing with it. All four SMPP ports of the demo are looked at: product and simulator, main run and crash run.
"""

import json
import os
import re
import struct
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from demo_run import DemoRun
from peers import require_program

from operator_push.smpp.constants import CommandId

pytestmark = pytest.mark.timeout(240)

LEAST = 1_000  # submit_sm and deliver_sm that the judgement must rest on
SUBMIT_SM, DELIVER_SM = int(CommandId.submit_sm), int(CommandId.deliver_sm)
RESPONSE = 0x8000_0000
FIELDS = ("tcp.srcport", "tcp.dstport", "smpp.command_id", "_ws.malformed", "_ws.expert.message")


@dataclass(frozen=True, slots=True)
class Dissected:
    """PDUs by (server's port, command_id); `complaints` are frames with something malformed or suspect."""

    pdus: Counter[tuple[int, int]]
    complaints: list[str]

    def of(self, command: int) -> int:
        return sum(count for (_, seen), count in self.pdus.items() if seen == command)


def dissect(capture: Path, ports: list[int]) -> Dissected:
    """What tshark finds on these ports, told that they are SMPP.

    TCP's own remarks (a full window, a closed port while the product is down) are no complaints.
    """
    tshark = require_program("tshark", package="tshark")
    told = [word for port in ports for word in ("-d", f"tcp.port=={port},smpp")]
    fields = [word for field in FIELDS for word in ("-e", field)]
    mine = " or ".join(f"tcp.port == {port}" for port in ports)
    wanted = f"({mine}) and (smpp or _ws.malformed)"
    run = subprocess.run(
        [tshark, "-n", "-r", str(capture), *told, "-Y", wanted, "-T", "fields", *fields],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    pdus: Counter[tuple[int, int]] = Counter()
    complaints = []
    for line in run.stdout.splitlines():
        source, destination, commands, malformed, remarks = line.split("\t")
        server = next(port for port in ports if port in (int(source), int(destination)))
        pdus.update((server, int(command, 16)) for command in commands.split(",") if command)
        remarks = ",".join(remark for remark in remarks.split(",") if not remark.startswith("TCP "))
        if malformed or re.search("malformed|SMPP|undecoded", remarks, re.IGNORECASE):
            complaints.append(line)
    return Dissected(pdus, complaints)


def ports_of(installation: Path) -> tuple[int, int]:
    """The product's port and its simulator's."""
    settings = tomllib.loads((installation / "product" / "operator-push.toml").read_text())
    return settings["smpp_server"]["port"], settings["smsc"][0]["port"]


def witness(installation: Path) -> Counter[str]:
    """What the simulator says that it saw and sent, by command."""
    lines = (installation / "smsc" / "witness.jsonl").open()
    return Counter(json.loads(line)["command"] for line in lines)


def esme_rows(out: Path) -> Iterator[dict[str, str]]:
    for name in ("nagarbank", "nagarlow"):
        yield from map(json.loads, (out / "esme" / f"{name}-record.jsonl").open())


def test_tshark_finds_nothing_malformed_in_the_demo(demo_run: DemoRun) -> None:
    require_program("tshark", package="tshark")
    if demo_run.capture is None:
        if os.environ.get("CI") == "true":
            pytest.fail(demo_run.why_not)
        pytest.skip(f"{demo_run.why_not}; apt-get install tshark, and run as root or let dumpcap capture")
    assert demo_run.packets_dropped == 0
    esmes, link = ports_of(demo_run.out)
    crash_esmes, crash_link = ports_of(demo_run.out / "crash")
    found = dissect(demo_run.capture, [esmes, link, crash_esmes, crash_link])

    assert found.complaints == []
    assert found.of(SUBMIT_SM) >= LEAST
    assert found.of(DELIVER_SM) >= LEAST
    for port in (esmes, link, crash_esmes, crash_link):
        assert found.pdus[port, SUBMIT_SM] > 0
        assert found.pdus[port, DELIVER_SM] > 0

    # It lost none on its way through the stream: the main run's ends counted the same.
    ours = witness(demo_run.out)
    assert found.pdus[link, SUBMIT_SM] == found.pdus[link, SUBMIT_SM | RESPONSE] == ours["submit_sm"]
    assert found.pdus[link, DELIVER_SM] == found.pdus[link, DELIVER_SM | RESPONSE] == ours["deliver_sm"]
    seen = Counter(row["event"] for row in esme_rows(demo_run.out))
    assert found.pdus[esmes, SUBMIT_SM] == found.pdus[esmes, SUBMIT_SM | RESPONSE] == seen["answered"]
    assert found.pdus[esmes, DELIVER_SM] == found.pdus[esmes, DELIVER_SM | RESPONSE] == seen["receipt"]


def test_the_judge_can_say_no(tmp_path: Path) -> None:
    """A submit_sm whose destination_addr has no end is malformed to it: its silence means something."""
    text2pcap = require_program("text2pcap", package="tshark")
    body = b"\0" + b"\1\x01SHOP\0" + b"\1\x01" + b"9" * 12
    octets = struct.pack(">IIII", 16 + len(body), SUBMIT_SM, 0, 1) + body
    dump, capture = tmp_path / "pdu.txt", tmp_path / "pdu.pcap"
    dump.write_text("000000 " + octets.hex(" ") + "\n")
    command = [text2pcap, "-q", "-T", "40000,2776", str(dump), str(capture)]
    subprocess.run(command, capture_output=True, check=True, timeout=30)
    found = dissect(capture, [2776])
    assert found.pdus[2776, SUBMIT_SM] == 1
    assert len(found.complaints) == 1
