"""operator-push smpp as a person uses it."""

import json

import pytest
from click.testing import CliRunner

from operator_push.cli.smpp_commands import smpp

ENQUIRE_LINK = "00000010000000150000000000000001"
DECODED = {
    "command_length": 16,
    "command_id": 21,
    "command": "enquire_link",
    "command_status": 0,
    "sequence_number": 1,
}


def run(*arguments, stdin=None):
    return CliRunner().invoke(smpp, arguments, input=stdin)


def test_decode_reads_arguments_or_lines():
    for result in (run("decode", ENQUIRE_LINK), run("decode", stdin=f"\n{ENQUIRE_LINK}\n")):
        assert result.exit_code == 0
        assert [json.loads(line) for line in result.output.splitlines()] == [DECODED]


def test_a_line_is_a_stream_and_each_line_starts_anew():
    result = run("decode", stdin=f"{ENQUIRE_LINK} {ENQUIRE_LINK[:6]}\n{ENQUIRE_LINK * 2}\n")
    entries = [json.loads(line) for line in result.output.splitlines()]
    assert [entry.get("command", entry.get("error")) for entry in entries] == [
        "enquire_link",
        "incomplete: 3 octets of a PDU, then the stream ends",
        "enquire_link",
        "enquire_link",
    ]


@pytest.mark.parametrize(
    ("stream", "answer", "words"),
    [
        ("xyz", None, "not hex"),
        ("000", None, "not hex"),
        ("00", None, "incomplete: 1 octet of a PDU"),
        ("0000000f", "ESME_RINVCMDLEN", "15 is not in 16..70000"),
        ("00000011000000060000000000000001ff", "ESME_RINVCMDLEN", "unbind with sequence_number 1"),
        ("0000001180000004000000000000000139", None, "message_id: no NUL"),
    ],
)
def test_what_cannot_be_read_is_data(stream, answer, words):
    result = run("decode", stream)
    (entry,) = (json.loads(line) for line in result.output.splitlines())
    assert result.exit_code == 0
    assert list(entry) == ["error", "answer"]
    assert entry["answer"] == answer
    assert words in entry["error"]


def test_encode_is_the_inverse_of_decode():
    printed = run("decode", ENQUIRE_LINK * 2).output
    assert run("encode", stdin=printed).output == f"{ENQUIRE_LINK}\n" * 2
    assert run("encode", '{"command": "enquire_link", "sequence_number": 1}').output == f"{ENQUIRE_LINK}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "object 1: "),
        ("[]", "object 1: not a JSON object"),
        ('{"error": "x", "answer": null}', "object 1: this is an error that decode printed"),
        ('{"command": "submit_sm", "priority_flag": 256}', "priority_flag: 256 is not in 0..255"),
        ('{"command": "nonsense"}', "'nonsense' is no SMPP command"),
    ],
)
def test_encode_names_what_is_wrong_and_goes_on(text, words):
    result = run("encode", stdin=f"{text}\n{json.dumps(DECODED)}\n")
    assert result.exit_code == 1
    assert words in result.stderr
    assert result.stdout == f"{ENQUIRE_LINK}\n"


def test_segments_for_people_and_programs():
    assert run("segments", "Hello €").output == "1 segment in GSM7: 8 septets (8)\n"
    assert (
        run("segments", "é" * 161 + "\u0905").output
        == "3 segments in UCS2: 162 16-bit units (67 + 67 + 28)\n"
    )
    result = run("segments", "--json", stdin="x" * 161 + "\n")
    assert json.loads(result.output) == {
        "encoding": "GSM7",
        "segments": 2,
        "units": 161,
        "units_per_segment": [153, 8],
    }


def test_a_text_that_cannot_be_sent():
    result = run("segments", "x" * (153 * 255 + 1))
    assert result.exit_code == 2
    assert "at most 255" in result.stderr


def segments_json(*arguments, stdin=None):
    result = run("segments", "--json", *arguments, stdin=stdin)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "encoding", "carried", "tables"),
    [
        (["ğ" * 70], "UCS2", [70], None),
        (["--shift-tables", "tr", "ğ" * 70], "GSM7", [140], {"locking": None, "single": "tr"}),
        (["--shift-tables", "es, tr", "ğ" * 152], "GSM7", [152], {"locking": "tr", "single": None}),
        (["--reference-bits", "16", "a" * 161], "GSM7", [152, 9], None),
        (["--reference-bits", "16", "я" * 71], "UCS2", [66, 5], None),
        (["--encoding", "LATIN1", "ç" * 141], "LATIN1", [134, 7], None),
        (["--encoding", "ucs2", "a" * 71], "UCS2", [67, 4], None),
        (["--encoding", "ia5", "a" * 161], "IA5", [153, 8], None),
        (["--method", "sar", "a" * 161], "GSM7", [153, 8], None),
        (["--method", "payload", "--reference-bits", "16", "a" * 161], "GSM7", [152, 9], None),
    ],
)
def test_segments_as_a_link_would_cut_them(arguments, encoding, carried, tables):
    (answer,) = segments_json(*arguments)
    assert (answer["encoding"], answer["units_per_segment"]) == (encoding, carried)
    assert (answer["segments"], answer["units"]) == (len(carried), sum(carried))
    assert answer.get("shift_tables") == tables


def test_segments_names_its_tables_to_people():
    result = run("segments", "--shift-tables", "hi", "नमस्ते Q")
    assert (
        result.output == "1 segment in GSM7 with Hindi locking shift and Hindi single shift: 9 septets (9)\n"
    )


def test_segments_of_files(tmp_path):
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text("x" * 160 + "\n", encoding="utf-8")
    second.write_text("я", encoding="utf-8")
    answers = segments_json("--file", str(first), "--file", str(second))
    assert [(answer["encoding"], answer["units"]) for answer in answers] == [("GSM7", 160), ("UCS2", 1)]
    assert run("segments", "x", "--file", str(first)).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--encoding", "gsm7", "aя"], "GSM7 lacks character 2, U+044F; leave out --encoding or choose UCS2"),
        (["--shift-tables", "de", "a"], "'de' has no shift tables; choose of tr, es, pt"),
        (["--shift-tables", "tr", "--method", "sar", "a"], "shift tables need method udh"),
        (["\ud83d"], "U+D83D is a lone surrogate"),
    ],
)
def test_segments_says_what_is_wrong(arguments, words):
    result = run("segments", *arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())
