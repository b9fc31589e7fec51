"""Subscriber records of other systems, by the command that turns them into our files."""

import base64
import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cdr_ingest.cli import main
from cdr_ingest.generate.writing import SUBSCRIBER_COLUMNS

LDIF = f"""version: 1
# exported by night
dn: uid=1,ou=people
msisdn: +91 98450 00001
imsi: 404980000000001
activationDate: 2026-01-01T00:00:00Z
birthDate: 1990-05-05
preferredLanguage;lang-x: HI
tariffPlan: Talk
  99
paymentType: prepaid
deviceOs:: {base64.b64encode(b"Android").decode()}
accountCode: ACC-7
customerCode: C-1
homeZone: Asia/Kolkata
ageBand: 35-44
tac: 35099999
planEndDate: 20261201000000Z
status: suspended
statusDate: 20261010120000Z

dn: uid=2,ou=people
mobile: 919845000002
statusChange: Ported Out
statusChangedAt: 2026-10-10T12:00:00Z
"""
PARTY = {
    "@type": "Individual",
    "id": "p1",
    "birthDate": "1985-01-01",
    "languageAbility": [{"languageCode": "kn", "isFavouriteLanguage": True}],
    "contactMedium": [{"mediumType": "mobile", "characteristic": {"phoneNumber": "+919845000003"}}],
    "partyCharacteristic": [
        {"name": "imsi", "value": "404980000000003"},
        {"name": "activatedOn", "value": "2020-01-01"},
        {"name": "plan", "value": "Postpaid 499"},
        {"name": "prepaid", "value": False},
    ],
}
CUSTOMER = {
    "@type": "Customer",
    "id": "c1",
    "status": "number recycled",
    "validFor": {"startDateTime": "2026-10-11T00:00:00Z"},
    "contactMedium": [{"phoneNumber": "919845000004"}],
}


def convert(file: Path, *more: object) -> Result:
    arguments = ["subscribers", "convert", file, "--out", file.parent / "drop", *more]
    return CliRunner().invoke(main, [str(one) for one in arguments], catch_exceptions=False)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_ldif_becomes_rows_and_changes(tmp_path: Path) -> None:
    file = tmp_path / "crm.ldif"
    file.write_text(LDIF)
    assert json.loads(convert(file, "--json").stdout) == {"subscribers": 1, "changes": 1}
    [row] = rows(tmp_path / "drop" / "subscribers.csv")
    assert tuple(row)[: len(SUBSCRIBER_COLUMNS)] == tuple(SUBSCRIBER_COLUMNS)
    assert [value for value in row.values() if value] == [
        "919845000001", "404980000000001", "2026-01-01", "1990", "hi", "Talk 99", "true", "android",
        "ACC-7", "C-1", "Asia/Kolkata", "35-44", "35099999", "2026-12-01", "suspended",
        "2026-10-10T12:00:00Z",
    ]  # fmt: skip
    assert rows(tmp_path / "drop" / "changes" / "crm.csv") == [
        {
            "msisdn": "919845000002",
            "change": "ported_out",
            "at": "2026-10-10T12:00:00Z",
            "evidence": "uid=2,ou=people",
        }
    ]


@pytest.mark.parametrize("form", ["list", "lines", "one"])
def test_party_and_customer_become_rows_and_changes(tmp_path: Path, form: str) -> None:
    file = tmp_path / "crm.json"
    both = [PARTY, CUSTOMER]
    texts = {
        "list": json.dumps(both),
        "lines": "\n".join(map(json.dumps, both)),
        "one": json.dumps(PARTY, indent=1),
    }
    file.write_text(texts[form])
    convert(file)
    [row] = rows(tmp_path / "drop" / "subscribers.csv")
    assert [value for value in row.values() if value] == [
        "919845000003", "404980000000003", "2020-01-01", "1985", "kn", "Postpaid 499", "false",
    ]  # fmt: skip
    if form != "one":
        [change] = rows(tmp_path / "drop" / "changes" / "crm.csv")
        assert [*change.values()] == ["919845000004", "recycled", "2026-10-11T00:00:00Z", "c1"]


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (b"dn: x\nno colon\n", "crm:2: "),
        (b"dn: x\nimsi:: !\n", "not base64"),
        (b'[{"a": 1},', "is not JSON"),
        (b"dn: \xff\n", "is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_its_place(tmp_path: Path, octets: bytes, told: str) -> None:
    file = tmp_path / "crm"
    file.write_bytes(octets)
    result = convert(file)
    assert result.exit_code == 2
    assert told in result.stderr


def test_numbers_as_a_country_writes_them_become_international(tmp_path: Path) -> None:
    file = tmp_path / "crm.ldif"
    file.write_text("dn: a\nmsisdn: 098450 00001\n\ndn: b\nmsisdn: 09845000002\nstatus: recycled\n")
    convert(file, "--region", "IN")
    [row] = rows(tmp_path / "drop" / "subscribers.csv")
    [change] = rows(tmp_path / "drop" / "changes" / "crm.csv")
    assert (row["msisdn"], change["msisdn"]) == ("919845000001", "919845000002")
    assert "two capital letters" in convert(file, "--region", "India").stderr


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "cannot be read" in convert(tmp_path / "none").stderr
