"""Signed heads: what a stranger with the file and the public key can tell, and what no longer passes."""

import hashlib
import json

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from operator_push.domain.ledger_heads import NO_LINE, head_of_line, line_of
from operator_push.kernel.errors import OperatorError
from operator_push.services.sign_heads import check_lines, signed_line

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
NOW_US = 1_800_000_000_000_000


def three_days() -> list[str]:
    lines: list[str] = []
    for place in range(3):
        previous = lines[-1] if lines else None
        lines.append(
            signed_line(KEY, 0, 20_833 + place, 10 * (place + 1), bytes([place] * 32), previous, NOW_US)
        )
    return lines


def test_a_line_can_be_checked_with_nothing_of_ours() -> None:
    first, second, _ = three_days()
    told = json.loads(first)
    assert (told["format"], told["day"], told["seal_no"]) == ("operator-push ledger head 1", "2027-01-15", 10)
    assert told["previous"] == NO_LINE
    assert json.loads(second)["previous"] == hashlib.sha256(first.encode()).hexdigest()
    public = KEY.public_key()
    assert told["key"] == hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]
    signature = bytes.fromhex(told.pop("signature"))
    public.verify(signature, json.dumps(told, separators=(",", ":")).encode())


def test_a_file_is_taken_whole() -> None:
    heads = check_lines([f"{line}\n" for line in three_days()], [KEY.public_key()], "heads")
    assert [head.seal_no for head in heads] == [10, 20, 30]
    assert heads[-1].name == "the signed head of 2027-01-17 (seal 30)"
    assert check_lines([], [KEY.public_key()], "heads") == []


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (lambda lines: [lines[0], lines[2]], "heads:2: this line does not follow from the line before it"),
        (lambda lines: lines[1:], "heads:1: this line does not follow"),
        (
            lambda lines: [lines[0].replace('"seal_no":10', '"seal_no":11')],
            "signature that is not of its octets",
        ),
        (lambda lines: [lines[0][:-4] + '0"}'], "heads:1: this line"),
        (lambda lines: ["{}"], "is no ledger head"),
        (lambda lines: [lines[0].replace("head 1", "head 2")], "has the format"),
    ],
)
def test_what_was_changed_does_not_pass(lines, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(OperatorError, match="heads:") as error:
        check_lines(lines(three_days()), [KEY.public_key()], "heads")
    assert words in str(error.value)


def test_a_line_of_another_key_passes_only_where_that_is_said() -> None:
    lines = three_days()
    with pytest.raises(OperatorError, match="is signed with the key"):
        check_lines(lines, [OTHER.public_key()], "heads")
    assert len(check_lines(lines, [OTHER.public_key()], "heads", other_keys=True)) == 3
    assert len(check_lines(lines, [OTHER.public_key(), KEY.public_key()], "heads")) == 3


def test_a_head_that_goes_back_does_not_pass() -> None:
    first = three_days()[0]
    back = signed_line(KEY, 0, 20_834, 9, bytes(32), first, NOW_US)
    with pytest.raises(OperatorError, match="names seal 9 of shard 0, which goes back"):
        check_lines([first, back], [KEY.public_key()], "heads")


def test_lines_are_read_back_as_they_were() -> None:
    line = three_days()[0]
    assert line_of(head_of_line(line)) == line
    assert msgspec.structs.asdict(head_of_line(line))["shard"] == 0
