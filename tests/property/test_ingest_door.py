"""Laws of the door: pseudonyms by the kernel's definition, masks, local time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from cdr_ingest.door.contacts import CONTACT_TEXT, ContactPseudonyms
from cdr_ingest.features.local_time import local_day, zone_offsets
from cdr_ingest.features.partials import with_local_time
from cdr_ingest.masking import mask_row
from operator_push.kernel.instants import MICROS_PER_DAY, to_epoch_us
from operator_push.kernel.pseudonym import contact_pseudonym

DIGITS = st.text("0123456789", min_size=7, max_size=15)


@settings(max_examples=60, deadline=None)
@given(
    key=st.binary(min_size=32, max_size=80),
    owner=st.integers(1, 2**32 - 1),
    number=st.integers(100, 10**15 - 1),
    prefix=st.sampled_from(["", "+", "00"]),
)
def test_contacts_are_the_pseudonyms_of_the_kernel(key: bytes, owner: int, number: int, prefix: str) -> None:
    connection = duckdb.connect(":memory:")
    texts = connection.sql(
        f"SELECT {CONTACT_TEXT} FROM (SELECT $owner::UINTEGER AS subscriber_no, $number AS correspondent)"
        " UNION ALL SELECT NULL ORDER BY ALL NULLS FIRST",
        params={"owner": owner, "number": f"{prefix}{number}"},
    ).to_arrow_table()
    connection.close()
    found = ContactPseudonyms(key).of(texts.column(0))
    assert (found.type, found.to_pylist()) == (
        pa.uint64(),
        [None, contact_pseudonym(key, owner, str(number))],
    )


def test_many_contacts_keep_their_places() -> None:
    texts = [None if place % 3 == 0 else b"contact:%d:919845111111" % place for place in range(40_000)]
    found = ContactPseudonyms(bytes(32)).of(pa.chunked_array([texts[:7], texts[7:]])).to_pylist()
    assert [value is None for value in found] == [text is None for text in texts]
    for place in (1, 16_384, 39_998):
        assert found[place] == contact_pseudonym(bytes(32), place, "919845111111")


@given(
    number=DIGITS, marks=st.lists(st.sampled_from(["", " ", "-", ".", "x", "("]), min_size=14, max_size=14)
)
def test_no_spelling_of_a_number_passes_the_mask(number: str, marks: list[str]) -> None:
    spelled = "".join(digit + mark for digit, mark in zip(number, marks, strict=False))
    shown = mask_row(f"r,{spelled},x")
    assert sum(character.isdigit() for character in shown) <= 5


ZONES = ["Asia/Kolkata", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
MOMENTS = st.datetimes(datetime(2005, 1, 1), datetime(2030, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    moment=MOMENTS,
    before=st.integers(0, 400),
    after=st.integers(0, 400),
)
def test_local_time_by_arithmetic_is_the_zone_s_own(
    zone: ZoneInfo, moment: datetime, before: int, after: int
) -> None:
    epoch_us = to_epoch_us(moment)
    records = ibis.table({"t": "int64", "subscriber_no": "int64"}, name="records")
    first_us, last_us = epoch_us - before * MICROS_PER_DAY, epoch_us + after * MICROS_PER_DAY
    sql = ibis.to_sql(with_local_time(records, "t", zone, first_us, last_us).local_us, dialect="duckdb")
    connection = duckdb.connect(":memory:")
    connection.execute(
        "CREATE TABLE records AS SELECT ?::BIGINT AS t, 1::BIGINT AS subscriber_no", [epoch_us]
    )
    [(local_us,)] = connection.execute(sql).fetchall()
    connection.close()
    wall_clock = moment.astimezone(zone).replace(tzinfo=UTC)
    assert local_us == to_epoch_us(wall_clock)
    assert local_day(zone, epoch_us) == (wall_clock - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(days=1)


def test_summer_time_changes_at_its_second() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first, last = (to_epoch_us(datetime(2026, month, 1, tzinfo=UTC)) for month in (3, 12))
    assert [(from_us, offset // 3_600_000_000) for from_us, offset in zone_offsets(berlin, first, last)] == [
        (first, 1),
        (to_epoch_us(datetime(2026, 3, 29, 1, tzinfo=UTC)), 2),
        (to_epoch_us(datetime(2026, 10, 25, 1, tzinfo=UTC)), 1),
    ]
