"""The running server charges what `price` says, by every dimension of a tariff, also over a restart."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from operator_desk import asked, command, ended, restart, story
from product import Programs, running
from raw_esme import RawEsme

from operator_push.cli.main import main
from operator_push.smpp.pdu import SubmitSm, SubmitSmResp
from operator_push.smpp.tlv import TlvTag

EVERYTHING = Path(__file__).parents[1] / "golden/rating/everything.toml"
INDIA, DELHI, OWN, ABROAD, EMIRATES = (
    "917012345678",
    "911112345678",
    "919812345678",
    "4915112345678",
    "971501234567",
)
PORTED = "917098765432"
NUMBER_PORTABILITY = """
[number_portability]
kind = "csv"
numbers_file = "ported.csv"
"""
ACCOUNTS = {
    "otp": "transactional",
    "service": "service",
    "promo": "promotional",
    "taxfree": "transactional",
    "rounded": "transactional",
    "lines": "transactional",
    "accepted": "transactional",
    "submitted": "transactional",
    "bundled": "transactional",
    "clinic": "transactional",
    "startup": "transactional",
    "gifted": "transactional",
    "ported": "transactional",
}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    folder = tmp_path_factory.mktemp("tariff")
    (folder / "ported.csv").write_text(f"msisdn,network\n{PORTED},404-45\n")
    with running(folder, more=NUMBER_PORTABILITY) as both:
        act = {"brand": "*", "category": "*", "purpose": "marketing", "channel": "*", "action": "grant"}
        told = {"at": "2026-01-01T00:00:00Z", "method": "web", "evidence": "form 7", "notice_version": ""}
        for line, msisdn in enumerate((INDIA, ABROAD), start=1):
            both.call("subscriber.import", file="", rows=[{"line": line, "msisdn": msisdn}])
            for brand in ("promo", "service"):
                row = act | told | {"line": line, "msisdn": msisdn, "brand": brand, "language": ""}
                both.call("consent.import", file="", rows=[row | {"reference": ""}])
        for name, traffic_class in ACCOUNTS.items():
            both.add_account(name, traffic_class=traffic_class)
        imported = command(both, "tariff", "import", str(EVERYTHING))
        assert (imported["new"], imported["in_force"]) == (True, "everything")
        yield both


def price(programs: Programs, account: str, to: str, text: str, sender: str = "SHOP") -> dict[str, Any]:
    asked = ("--account", account, "--to", to, "--text", text, "--sender", sender)
    found: dict[str, Any] = command(programs, "price", *asked)
    return found


def submit(programs: Programs, account: str, *messages: tuple[str, str], sender: str = "SHOP") -> list[int]:
    """Submit texts one after the other; our ids of them."""
    ids = []
    with RawEsme(programs.smpp_port) as esme:
        assert esme.bind(account).command_status == 0
        for to, text in messages:
            plain = text.isascii()
            octets = text.encode("ascii" if plain else "utf-16-be")
            long = len(octets) > 254
            esme.send(
                SubmitSm(
                    source_addr_ton=0 if sender.isdigit() else 5,
                    source_addr=sender,
                    dest_addr_ton=1,
                    dest_addr_npi=1,
                    destination_addr=to,
                    data_coding=0 if plain else 8,
                    short_message=b"" if long else octets,
                    tlvs=((int(TlvTag.message_payload), octets),) if long else (),
                )
            )
            answer = esme.read()
            assert isinstance(answer, SubmitSmResp)
            assert answer.command_status == 0
            ids.append(int(answer.message_id))
    return ids


@pytest.mark.parametrize(
    ("account", "to", "text", "sender", "total_micros"),
    [
        ("otp", INDIA, "hello", "SHOP", 165_200),  # 0.14 and 18 %
        ("otp", INDIA, "ж", "SHOP", 177_000),
        ("otp", INDIA, "hello", "56070", 153_400),
        ("otp", INDIA, "x" * 161, "SHOP", 330_400),  # two segments
        ("otp", DELHI, "hello", "SHOP", 188_800),
        ("ported", PORTED, "hello", "SHOP", 141_600),  # the network it was ported to
        ("otp", ABROAD, "x" * 400, "SHOP", 990_000),  # three segments, no tax
        ("taxfree", INDIA, "hello", "SHOP", 140_000),
        ("promo", ABROAD, "hello", "SHOP", 330_000),
        ("service", INDIA, "hello", "SHOP", None),  # by hour or weekend
        ("rounded", INDIA, "hello", "SHOP", 150_000),  # 0.14 - 0.0175 + 0.02205 = 0.14455, up
        ("lines", INDIA, "hello", "SHOP", 140_000),  # 0.14 - 0.02 + 0.02
        ("accepted", INDIA, "hello", "SHOP", 165_200),
        ("submitted", INDIA, "hello", "SHOP", 165_200),
        ("startup", INDIA, "hello", "SHOP", 0),  # the credit pays 0.14 of its 0.40
    ],
)
def test_what_is_asked_is_what_is_charged(
    programs: Programs, account: str, to: str, text: str, sender: str, total_micros: int | None
) -> None:
    asked = price(programs, account, to, text, sender)
    if total_micros is not None:
        assert asked["total_micros"] == total_micros
    (message_id,) = submit(programs, account, (to, text), sender=sender)
    ended(programs)
    told = story(programs, message_id)
    assert (told["end"]["state"], told["end"]["settled_micros"]) == ("DELIVERED", asked["total_micros"])
    assert told["held_micros"] == asked["total_micros"]
    assert told["priced_by"]["lines"] == asked["lines"]
    taxes = [line["amount_micros"] for line in asked["lines"] if line["what"] == "tax GST"]
    posted = [each["amount_micros"] for each in told["transfers"] if each["kind"] == "TAX"]
    assert posted == [tax for tax in taxes if tax]
    assert (told["priced_by"]["tariff"], told["priced_by"]["version"]) == ("everything", 1)


# Account, recipient, and what messages of two segments to it come to, one after the other.
COUNTED = [
    # two at 0.12, then 0.12 and 0.10, then 0.10 and 0.08, then 0.08 twice; and 18 % on each
    ("otp", OWN, [283_200, 259_600, 212_400, 188_800]),
    ("otp", EMIRATES, [2_000_000, 1_500_000, 1_500_000]),  # 2 x 1.00; 2 x 0.70 and the minimum
    ("bundled", INDIA, [0, 165_200, 330_400]),
    ("clinic", INDIA, [1_180_000, 165_200, 330_400]),  # a month, then one of two segments covered
    ("gifted", INDIA, [0, 188_800, 330_400]),  # the credit pays 0.28, then 0.12
]


def charged_as_priced(programs: Programs, account: str, to: str, total_micros: int) -> None:
    text = "x" * 161
    assert price(programs, account, to, text)["total_micros"] == total_micros
    (message_id,) = submit(programs, account, (to, text))
    ended(programs)
    assert story(programs, message_id)["end"]["settled_micros"] == total_micros


def test_what_counts_in_a_month_goes_on_over_a_restart(programs: Programs) -> None:
    for account, to, totals in COUNTED:
        charged_as_priced(programs, account, to, totals[0])
    restart(programs)
    for account, to, totals in COUNTED:
        for total_micros in totals[1:]:
            charged_as_priced(programs, account, to, total_micros)


def test_the_parts_of_a_long_message_cost_what_the_whole_would(programs: Programs) -> None:
    """All units with a minimum, cut by the ESME itself."""
    programs.add_account("parts")
    whole = price(programs, "parts", EMIRATES, "x" * 161)["total_micros"]
    ids = []
    with RawEsme(programs.smpp_port) as esme:
        assert esme.bind("parts").command_status == 0
        for number, octets in ((1, b"x" * 153), (2, b"x" * 8)):
            esme.send(
                SubmitSm(
                    source_addr_ton=5,
                    source_addr="SHOP",
                    dest_addr_ton=1,
                    dest_addr_npi=1,
                    destination_addr=EMIRATES,
                    esm_class=0x40,
                    short_message=b"\x05\x00\x03\x07\x02" + bytes([number]) + octets,
                )
            )
            answer = esme.read()
            assert isinstance(answer, SubmitSmResp)
            ids.append(int(answer.message_id))
    ended(programs)
    assert sum(story(programs, each)["end"]["settled_micros"] for each in ids) == whole == 2_000_000


def test_a_message_on_its_way_keeps_its_price_and_a_version_is_never_rewritten(
    programs: Programs, tmp_path: Path
) -> None:
    programs.add_account("slow")
    command(programs, "link", "stop", "main")
    before = price(programs, "slow", ABROAD, "hello")["total_micros"]
    (message_id,) = submit(programs, "slow", (ABROAD, "hello"))
    text = EVERYTHING.read_text(encoding="utf-8").replace('per_segment = "0.33"', 'per_segment = "0.44"')
    later = tmp_path / "everything-2.toml"
    later.write_text(text.replace("version = 1", "version = 2"), encoding="utf-8")
    assert command(programs, "tariff", "import", str(later))["new"]
    restart(programs)
    assert price(programs, "slow", ABROAD, "hello")["total_micros"] == 440_000
    command(programs, "link", "start", "main")
    ended(programs)
    told = story(programs, message_id)
    assert told["end"]["settled_micros"] == before == 330_000
    assert (told["priced_by"]["version"], told["priced_by"]["lines"][0]["unit_price_micros"]) == (1, 330_000)
    changed = tmp_path / "changed.toml"
    changed.write_text(text, encoding="utf-8")
    with pytest.raises(AssertionError, match="give the new one a higher version"):
        command(programs, "tariff", "import", str(changed))


def test_an_account_pays_by_its_own_tariff_or_by_rows(programs: Programs, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'tariff = "own"\nversion = 1\ncurrency = "USD"\n[[price]]\nname = "all"\nper_segment = "0.01"\n'
        '[[exchange_rate]]\nto = "INR"\nrate = "84.5"\nvalid_from = 2026-01-01T00:00:00Z\n'
    )
    assert command(programs, "tariff", "import", "--named-only", str(own))["in_force"] == "everything"
    programs.add_account("special", tariff="own")
    programs.add_account("simple", tariff="rows")
    totals = []
    for account in ("special", "simple"):
        totals.append(price(programs, account, ABROAD, "hello")["total_micros"])
        (message_id,) = submit(programs, account, (ABROAD, "hello"))
        ended(programs)
        assert story(programs, message_id)["end"]["settled_micros"] == totals[-1]
    assert totals == [845_000, 100_000]
    shown = command(programs, "tariff", "show")
    assert shown["in_force"] == "everything"
    kept = [(each["tariff"], each["version"]) for each in shown["documents"]]
    assert kept == [("everything", 1), ("everything", 2), ("own", 1)]
    with pytest.raises(Exception, match="no tariff is called 'none'"):
        programs.add_account("wrong", tariff="none")


def test_the_books_are_right(programs: Programs) -> None:
    config = str(programs.folder / "operator-push.toml")
    done = CliRunner().invoke(main, ["ledger", "verify", "--json", "--config", config])
    proof = json.loads(done.stdout)
    assert (proof["ok"], proof["imbalance_micros"], proof["open_holds"]) == (True, 0, 0), done.output


def test_an_account_in_dollars_is_charged_in_dollars_and_nothing_is_mixed(programs: Programs) -> None:
    with pytest.raises(Exception, match="is in USD, but no version of tariff 'everything'"):
        programs.add_account("abroad", currency="USD", tariff="everything")
    with pytest.raises(Exception, match="the simple rows are in INR"):
        programs.add_account("abroad", currency="USD", tariff="rows")
    programs.add_account("abroad", currency="USD", tariff="own", prepaid_micros=15_000)
    assert price(programs, "abroad", ABROAD, "hello")["currency"] == "USD"
    restart(programs)
    (message_id,) = submit(programs, "abroad", (ABROAD, "hello"))
    ended(programs)
    told = story(programs, message_id)
    assert [(each["amount_micros"], each["currency"]) for each in told["transfers"]] == [
        (10_000, "USD"),
        (10_000, "USD"),
    ]
    proof = asked(programs, "ledger", "verify")
    assert (proof["ok"], proof["balances_micros"], sorted(proof["currencies"])) == (
        True,
        None,
        ["INR", "USD"],
    )
    dollars = proof["currencies"]["USD"]["balances_micros"]
    assert (dollars["available"], dollars["revenue"], dollars["funding"]) == (5_000, 10_000, -15_000)
