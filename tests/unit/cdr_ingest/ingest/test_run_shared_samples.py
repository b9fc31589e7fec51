"""The public samples of charging records go through a run, each with every record accounted for."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cdr_samples import SHARED, sample
from ingest_drop import EVERYTHING, Drop, counts

from cdr_ingest.formats.layouts import RowKind
from cdr_ingest.reading.trial import seen_rows
from operator_push.kernel.numbering import normalise_msisdn

LATER = datetime(2030, 1, 1, tzinfo=UTC)  # the samples' moments reach beyond today
SAMPLES = {
    "generated_scsmt_500.ber": 500,
    "generated_moc_500.ber": 500,
    "generated_scsmt_ts32297_100.cdr": 100,
}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_record_of_a_sample_is_accounted_for(tmp_path: Path, name: str) -> None:
    octets = sample(name)
    if octets is None:
        pytest.skip("shared/data/cdr is not here; install it beside the project or set SHARED_DATA")
    seen = [row for row in seen_rows(SHARED / name, RowKind.CDR, None, "UTC") if "msisdn" in row]
    numbers = dict.fromkeys(number for row in seen if (number := normalise_msisdn(row["msisdn"])))
    some = [*numbers][::2]
    drop = Drop(tmp_path, {number: (place, EVERYTHING) for place, number in enumerate(some, 1)})
    (drop.input / "cdr").mkdir()
    (drop.input / "cdr" / name).write_bytes(octets)
    report = drop.run(now=LATER)
    read, accepted, rejected, duplicates, not_permitted = counts(report)
    assert read == SAMPLES[name]
    assert read == accepted + rejected + duplicates + not_permitted
    assert rejected == 0
    of_ours = sum(normalise_msisdn(row["msisdn"]) in some for row in seen)
    assert 0 < accepted + duplicates == of_ours
    assert drop.run(now=LATER)["read"] == 0
