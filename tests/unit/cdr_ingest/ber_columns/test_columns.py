"""Columns of charging records against an element-by-element reading of the same octets."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from cdr_samples import sample, smsc_message
from hypothesis import given, settings
from hypothesis import strategies as st

from cdr_ingest.ber_columns import values
from cdr_ingest.ber_columns.columns import BLOCK_RECORDS, KINDS, MOC, SC_SMO, SC_SMT, read_columns
from operator_push.cdr import ber
from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.field_kinds import bcd_digits, bcd_octets, time_stamp_of
from operator_push.cdr.file_32297 import looks_like_32297
from operator_push.cdr.smsc_writing import sc_smo, sc_smt

NODE = "919800000009"
READ_ONE = {
    values.digits: bcd_digits,
    values.address: lambda octets: bcd_digits(octets[1:]) if octets else 1 / 0,
    values.integer: lambda octets: (
        int.from_bytes(octets, "big", signed=True) if 0 < len(octets) <= 8 else 1 / 0
    ),
    values.moment: lambda octets: time_stamp_of(octets).astimezone(UTC),
    values.octet_string: bytes,
    values.text: lambda octets: octets.decode(),
}


def field(number, content, form="short"):
    """[number] with content octets, or with elements (a list); its length in one of several forms."""
    inside = b"".join(content) if isinstance(content, list) else content
    first = (0xA0 if isinstance(content, list) else 0x80) | min(number, 31)
    tag = bytes((first,)) if number < 31 else bytes((first, number))
    match form:
        case "indefinite" if isinstance(content, list):
            return tag + b"\x80" + inside + b"\x00\x00"
        case "three":
            return tag + b"\x83" + len(inside).to_bytes(3, "big") + inside
        case "two":
            return tag + b"\x82" + len(inside).to_bytes(2, "big") + inside
    if len(inside) < 128:
        return tag + bytes((len(inside),)) + inside
    return field(number, content, "two")


def told_singly(data, kind):
    """What a patient reader finds."""
    rows, at = [], 0
    while at < len(data):
        if data[at] in ber.FILLERS:
            at += 1
            continue
        element, behind = ber.decode(data, at, len(data))
        if element.tag == ber.context(kind.number):
            row = {"offset": at}
            for name, (path, reader) in kind.columns.items():
                octets = one_field(element, path)
                row[name] = None if octets is None else READ_ONE[reader](octets)
            rows.append(row)
        at = behind
    return rows


def one_field(element, path):
    for depth, number in enumerate(path, start=1):
        inside = element.value if element.is_constructed else ()
        same = [one for one in inside if one.tag == ber.context(number)]
        same = [one for one in same if one.is_constructed == (depth < len(path))]
        if not same:
            return None
        element = same[0]
    return element.value


FORMS = st.sampled_from(["short"] * 6 + ["two", "three", "indefinite"])
DIGITS = st.text("0123456789*#abc", max_size=17).map(bcd_octets)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 30)).map(
    lambda at: bytes.fromhex(f"{at:%y%m%d%H%M%S}") + b"+\x05\x30"
)
CONTENT = {
    values.digits: DIGITS,
    values.address: DIGITS.map(lambda digits: b"\x91" + digits),
    values.integer: st.integers(-(2**63), 2**63 - 1).map(ber.integer_octets),
    values.moment: MOMENTS,
    values.octet_string: st.binary(max_size=200),
    values.text: st.text(max_size=70).map(str.encode),
}


@st.composite
def records(draw, kind):
    """A record with some of its fields, strangers between them, some twice, in any order."""
    tree = {}
    for path, reader in kind.columns.values():
        for _ in range(draw(st.sampled_from([0, 1, 1, 1, 2]))):
            leaf = (path[-1], draw(CONTENT[reader]))
            tree.setdefault(path[:-1], []).append(field(*leaf, draw(FORMS)))
    for path in sorted(tree, key=len, reverse=True):
        inside = draw(st.permutations([*tree[path], field(draw(st.integers(90, 127)), b"stranger")]))
        if path:
            tree.setdefault(path[:-1], []).append(field(path[-1], inside, draw(FORMS)))
        else:
            tree[path] = inside
    return field(kind.number, tree.get((), []), draw(FORMS))


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_columns_are_what_one_by_one_is_read(kind, data):
    other = field(99, [field(1, b"x")])
    filler = st.sampled_from([b"", b"", b"\x00", b"\xff\xff"])
    parts = data.draw(st.lists(st.one_of(records(kind), st.just(other), filler), max_size=12))
    octets = b"".join(parts)
    if looks_like_32297(octets, len(octets)):
        return
    assert read_columns(octets, kind).to_pylist() == told_singly(octets, kind)


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_octets_that_are_changed_are_read_as_one_by_one_or_refused(data):
    record = data.draw(records(SC_SMT))
    octets = bytearray(record * 3)
    for _ in range(data.draw(st.integers(1, 3))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    octets = bytes(octets)
    if looks_like_32297(octets, len(octets)):
        return
    try:
        expected = told_singly(octets, SC_SMT)
    except (CdrError, ValueError, ZeroDivisionError, UnicodeDecodeError):
        expected = None
    try:
        found = read_columns(octets, SC_SMT).to_pylist()
    except CdrError:
        assert expected is None
    else:
        assert expected is None or found == expected


def test_what_the_simulator_writes():
    message = smsc_message()
    octets = (sc_smo(message, NODE, 1) + sc_smt(message, NODE, 2)) * 3
    told = read_columns(octets, SC_SMT).to_pylist()
    assert [row["recipient_msisdn"] for row in told] == [message.destination] * 3
    assert told[0]["message_reference"] == message.smsc_message_id.encode()
    assert told[0]["discharge_time"] == datetime.fromtimestamp(message.final_us / 1e6, UTC)
    assert [row["local_sequence_number"] for row in read_columns(octets, SC_SMO).to_pylist()] == [1, 1, 1]


def test_more_records_than_a_block():
    octets = sc_smt(smsc_message(), NODE, 2)
    told = read_columns(octets * (BLOCK_RECORDS + 5), SC_SMT)
    assert told.num_rows == BLOCK_RECORDS + 5
    assert told["offset"].to_pylist()[-1] == len(octets) * (BLOCK_RECORDS + 4)
    assert len(told["recipient_msisdn"].unique()) == 1


def test_no_octets_are_no_records():
    told = read_columns(b"", MOC)
    assert (told.num_rows, told.column_names) == (0, ["offset", *MOC.columns])
    assert told.schema.field("answer_time").type == pa.timestamp("us", "UTC")


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (field(94, [field(5, b"\x26\x13\x01\x00\x00\x00+\x00\x00")]), r"\[5\] \(submission_time\)"),
        (field(94, [field(9, b"")]), r"\[9\] \(total_number\)"),
        (field(94, [field(2, [field(1, b"\x91\xf1\x32")])]), r"\[2\] \[1\] \(recipient_msisdn\)"),
        (field(94, [field(9, b"\x01")])[:-1], "octet"),
        (field(94, [field(9, b"\x01")]) * 3 + b"\xbf\x5e\x05\x89", "octet"),
    ],
)
def test_what_is_wrong_is_told_with_its_path_and_place(octets, told):
    with pytest.raises(CdrError, match=told):
        read_columns(octets, SC_SMT)


@pytest.mark.parametrize(
    ("name", "kind"), [("generated_scsmt_500.ber", SC_SMT), ("generated_moc_500.ber", MOC)]
)
def test_samples_of_another_house(name, kind):
    octets = sample(name)
    if octets is None:
        pytest.skip("shared/data/cdr is not here; install it beside the project or set SHARED_DATA")
    found = read_columns(octets, kind).to_pylist()
    assert len(found) == 500
    assert found == told_singly(octets, kind)
    assert all(row[name] is not None for row in found for name in list(kind.columns)[:1])


def test_a_file_of_32297():
    octets = sample("generated_scsmt_ts32297_100.cdr")
    if octets is None:
        pytest.skip("shared/data/cdr is not here; install it beside the project or set SHARED_DATA")
    assert read_columns(octets, SC_SMT).num_rows == 100
