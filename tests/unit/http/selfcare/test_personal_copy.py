"""A person's own copy: moments in words, nothing that a spreadsheet would run, the same in both forms."""

import csv
import io
import json
import zipfile

from operator_push.http.selfcare.personal_copy import copy_json, copy_tables, copy_zip

NOW_US = 1_800_000_000_000_000
FOUND = {
    "events": [{"trigger": "top_up", "source": "records as they came", "at_us": NOW_US, "amount": 150.0}],
    "declared": [{"name": "language", "value": "=1+1", "declared_us": 0}],
    "links": [],
}


def test_both_forms_hold_the_same() -> None:
    tables = copy_tables(FOUND)
    told = json.loads(copy_json("Telco", "919845000001", NOW_US, tables))
    assert (told["operator"], told["made_at"], told["msisdn"]) == (
        "Telco",
        "2027-01-15T08:00:00.000000Z",
        "919845000001",
    )
    assert told["events"][0]["at"] == "2027-01-15T08:00:00.000000Z"
    assert told["declared"][0] == {"name": "language", "value": "=1+1", "declared_at": ""}
    with zipfile.ZipFile(io.BytesIO(copy_zip(tables))) as archive:
        assert sorted(archive.namelist()) == ["declared.csv", "events.csv", "links.csv"]
        (row,) = csv.DictReader(io.StringIO(archive.read("events.csv").decode()))
        assert row == {name: str(value) for name, value in told["events"][0].items()}
        assert "'=1+1" in archive.read("declared.csv").decode()
