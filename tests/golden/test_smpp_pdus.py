"""The hand-written PDUs of smpp_pdus.txt, through the commands that a person would use."""

import json
from pathlib import Path

import pytest

from operator_push.cli.smpp_commands import decode_stream, encode_object
from operator_push.smpp.constants import CommandId
from operator_push.smpp.framer import Framer

pytestmark = pytest.mark.usefixtures("both_codecs")


def cases():
    return list(_cases())


def _cases():
    text = Path(__file__).with_name("smpp_pdus.txt").read_text(encoding="utf-8")
    for block in text.split("\n== ")[1:]:
        name, *lines = block.splitlines()
        octets = "".join(line.partition("|")[0] for line in lines if line[:1] not in ("", "{", "!", "#"))
        yield pytest.param(octets, [line for line in lines if line[:1] in ("{", "!")], id=name)


def known_commands():
    return {
        json.loads(line)["command"] for case in cases() for line in case.values[1] if line.startswith("{")
    } - {None}


@pytest.mark.parametrize(("octets", "expected"), cases())
def test_decode(octets, expected):
    found = list(decode_stream(octets))
    assert len(found) == len(expected)
    for entry, line in zip(found, expected, strict=True):
        if line.startswith("{"):
            assert json.dumps(entry) == line  # the order of the fields is part of it
        else:
            answer, _, words = line[1:].partition("|")
            assert (str(entry["answer"] or "null"), words.strip() in entry["error"]) == (answer.strip(), True)


@pytest.mark.parametrize(("octets", "expected"), cases())
def test_encode_is_the_inverse(octets, expected):
    pdus = Framer().feed(bytes.fromhex(octets))
    for pdu, line in zip(pdus, expected, strict=False):
        if line.startswith("{"):
            assert encode_object(line) == pdu.hex()


def test_every_command_has_a_case():
    assert known_commands() == {command.name for command in CommandId}
