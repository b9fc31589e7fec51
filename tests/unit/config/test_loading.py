"""A configuration is accepted or refused as a whole, and a refusal tells a person what to change."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from operator_push.config import TEMPLATE_FILE, Settings, data_dir_of, load_settings
from operator_push.config.loading import secret_variable
from operator_push.kernel.errors import OperatorError
from operator_push.smpp.constants import CommandStatus

TARIFF = '[[tariff]]\ncurrency = "INR"\nprice_per_segment = '
LINK = '[[smsc]]\nname = "main"\nhost = "smsc.example"\nsystem_id = "us"\npassword = "secret"\n'


@pytest.fixture(autouse=True)
def _no_settings_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for variable in os.environ:
        if variable.upper().startswith("OPERATOR_PUSH_"):
            monkeypatch.delenv(variable)


def load(tmp_path: Path, text: str) -> Settings:
    """What a file comes to; a tariff, which every configuration needs, is added where it has none."""
    file = tmp_path / "operator-push.toml"
    file.write_text(text if "tariff" in text else f'{text}\n{TARIFF}"0.10"\n', encoding="utf-8")
    return load_settings(file)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(OperatorError) as caught:
        load(tmp_path, text)
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_a_file_with_nothing_but_a_tariff_is_a_server_without_links(tmp_path: Path) -> None:
    settings = load(tmp_path, "")
    assert settings.data_dir == tmp_path / "operator-push-data"
    assert settings.database_url == f"sqlite:///{tmp_path}/operator-push-data/operator-push.db"
    assert settings.features_file == tmp_path / "operator-push-data" / "features.json"
    assert (settings.smpp_server.port, settings.shard, settings.smsc) == (2776, 0, ())


def test_values_are_typed_and_frozen(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        LINK
        + '[[tariff]]\nprefix = "91"\nprice_per_segment = "0.125"\ncurrency = "INR"\n'
        + 'valid_from = 2026-01-01T00:00:00+05:30\n[policy.quiet_hours]\nstart = "21:30"\nend = "09:05"\n'
        + '[refusals]\nno_credit = 0x4AA\nno_permission = "ESME_RPROHIBITED"\n',
    )
    assert settings.tariff[0].price_micros == 125_000
    assert settings.tariff[0].valid_from is not None
    assert settings.tariff[0].valid_from.utcoffset() is not None
    assert (settings.policy.quiet_hours.start_minute, settings.policy.quiet_hours.end_minute) == (1290, 545)
    assert settings.refusals == {"no_credit": 0x4AA, "no_permission": CommandStatus.ESME_RPROHIBITED}
    with pytest.raises(ValidationError):
        settings.smpp_server.port = 1  # type: ignore[misc]


def test_relative_paths_start_at_the_file_and_absolute_ones_stay(tmp_path: Path) -> None:
    (tmp_path / "link.password").write_text("abc\n")
    settings = load(
        tmp_path,
        'data_dir = "/var/lib/x"\n[profiles]\nfeatures_file = "f.json"\n'
        + '[audience]\nsales_rules_file = "s.toml"\n'
        + '[reconciliation]\ncdr_folder = "cdr"\nmapping_file = "/etc/m.toml"\nreport_folder = "told"\n'
        + LINK.replace('password = "secret"', 'password_file = "link.password"'),
    )
    assert settings.data_dir == Path("/var/lib/x")
    assert settings.features_file == tmp_path / "f.json"
    assert settings.audience.sales_rules_file == tmp_path / "s.toml"
    daily = settings.reconciliation
    assert (daily.cdr_folder, daily.mapping_file) == (tmp_path / "cdr", Path("/etc/m.toml"))
    assert settings.reconciliation_folder == tmp_path / "told"
    assert settings.smsc[0].password is not None
    assert settings.smsc[0].password.get_secret_value() == "abc"


# What is written → what the refusal says after the file's name. One row a law.
REFUSED = [
    (
        'log_levl = "info"',
        '1: log_levl: is not a setting; did you mean "log_level"? allowed here: account_refusals,',
    ),
    ("[smpp_server]\nprot = 1", '2: smpp_server.prot: is not a setting; did you mean "port"?'),
    (
        "[smpp_server]\nport = 70000",
        "2: smpp_server.port: 70000 must be less than or equal to 65535",
    ),
    ("[smpp_server]\nport = true", "2: smpp_server.port: true must be a number, not true or false"),
    ("[smpp_server]\nwindow = 0", "2: smpp_server.window: 0 must be greater than or equal to 1; allowed:"),
    (
        '[smpp_server]\nsystem_id = "sixteen-letters!"',
        '2: smpp_server.system_id: "sixteen-letters!" does not',
    ),
    ("[smpp_server]\nbind_timeout_s = 0", "2: smpp_server.bind_timeout_s: 0 must be greater than 0"),
    ("[smpp_server]\nbind_timeout_s = inf", "2: smpp_server.bind_timeout_s: inf must be a finite number"),
    ("shard = 256", "1: shard: 256 must be less than 256; allowed: 0..255"),
    ('log_level = "loud"', '1: log_level: "loud" does not fit; allowed: debug, info, warning or error'),
    ("short_codes = [56070]", "1: short_codes[1]: 56070 must be a valid string; allowed: 3..15 digits each"),
    ("[[smsc]]\n[[smsc]]\n", "1: smsc[1].name: is required"),
    (LINK + 'bind_type = "both"', '6: smsc.main.bind_type: "both" does not fit; allowed: transceiver,'),
    (LINK + "port = 0", "6: smsc.main.port: 0 must be greater than or equal to 1"),
    (LINK + 'prefixes = ["+91"]', '6: smsc.main.prefixes[1]: "+91" must be digits'),
    (
        LINK + 'long_messages = "tlv"',
        '6: smsc.main.long_messages: "tlv" does not fit; allowed: udh, udh16, sar or payload',
    ),
    (LINK + 'shift_tables = ["de"]', '6: smsc.main.shift_tables[1]: "de" must be one of tr, es, pt, bn,'),
    (
        LINK + 'shift_tables = ["hi"]\nlong_messages = "sar"',
        "6: smsc.main.shift_tables: need long_messages = udh or udh16: they stand in a user data header",
    ),
    (
        LINK + 'shift_tables = ["hi"]\ndefault_alphabet = "latin1"',
        "6: smsc.main.shift_tables: need default_alphabet = gsm7: they stand in a user data header",
    ),
    (LINK + "prefixes = []", "6: smsc.main.prefixes: [] does not fit"),
    (LINK + LINK, "7: smsc.main.name: 'main' is taken by another [[smsc]]"),
    (LINK + 'statuses = { ESME_RNOPE = "retry" }', "6: smsc.main.statuses"),
    (LINK + 'statuses = { ESME_RSYSERR = "again" }', "6: smsc.main.statuses"),
    (
        LINK + '[[route]]\nlinks = ["mian"]',
        '7: route[1].links: is not a sending [[smsc]] link; did you mean "main"?',
    ),
    (LINK + '[[route]]\nlinks = ["main"]\nplmn = "404-45"', "8: route[1].plmn: '404-45' has no [[network]]"),
    (LINK + '[[route]]\nlinks = ["main"]\nplmn = "40445"', '8: route[1].plmn: "40445" must be a network'),
    (
        LINK + '[[numbering]]\nlink = "main"\naccount = "shop"\ncountry_code = "91"',
        "8: numbering[1].account: must be empty beside a link",
    ),
    (
        LINK + '[[numbering]]\ncountry_code = "91"\n[[numbering]]\ncountry_code = "92"',
        "8: numbering[2].link: another [[numbering]] table is for the same",
    ),
    (
        LINK + "reconnect_min_s = 60",
        "6: smsc.main.reconnect_min_s: 60 must not be above reconnect_m",
    ),
    (LINK.replace('"secret"', '"nine-char"'), "5: smsc.main.password: must have at most 8 characters"),
    (
        LINK.replace('password = "secret"\n', ""),
        "1: smsc.main.password: is required: give it here",
    ),
    (LINK + 'password_file = "f"', "6: smsc.main.password_file: leave out password or password_file; both"),
    (
        TARIFF + "0.1",
        "3: tariff[1].price_per_segment: 0.1 must be decimal",
    ),
    (
        TARIFF + '"x"',
        '3: tariff[1].price_per_segment: "x" must be a dec',
    ),
    (
        TARIFF + '"-1"',
        '3: tariff[1].price_per_segment: "-1" must not be',
    ),
    (
        TARIFF + '"1"\nvalid_from = 2026-01-01T00:00:00',
        "4: tariff[1].valid_from: 2026-01-01T00:00:00 must say its zone",
    ),
    (
        TARIFF + '"1"\nvalid_from = 2026-01-01T00:00:00Z\nvalid_until = 2026-01-01T00:00:00Z',
        "5: tariff[1].valid_until: must be after valid_from",
    ),
    ("tariff = []", "1: tariff: is required: without a [[tariff]] table nothing has a price"),
    (TARIFF + '"1"\n' + TARIFF + '"2"', "1: tariff[1]: "),
    (
        TARIFF + '"1"\n' + TARIFF.replace("INR", "EUR") + '"1"',
        "1: tariff[1]: rows are in EUR and INR; a tariff",
    ),
    ('[policy.quiet_hours]\nstart = "24:00"', '2: policy.quiet_hours.start: "24:00" must be a time of day'),
    (
        '[policy.quiet_hours]\nzone = "Asia/Nowhere"',
        '2: policy.quiet_hours.zone: "Asia/Nowhere" must be',
    ),
    ("[policy.caps]\nper_handset_per_day = -1", "2: policy.caps.per_handset_per_day: -1 must be greater"),
    (
        "[refusals]\nno_credt = 0x400",
        '2: refusals.no_credt: is not a reason of refusal; did you mean "no',
    ),
    ("[refusals]\nno_credit = 0x500", "2: refusals.no_credit: 1280 must be the name of an SMPP error"),
    (
        '[refusals]\nno_credit = "ESME_ROK"',
        '2: refusals.no_credit: "ESME_ROK" must be the name of an',
    ),
    ('[[delivery_events]]\nurl = "ftp://x"', '2: delivery_events[1].url: "ftp://x" must be an address'),
    (
        '[[delivery_events]]\nurl = "http://x"\nsecret = "short"',
        "3: delivery_events[1].secret: must have at least 16 characters",
    ),
    ('[database]\nurl = "mysql://me:pw@host/x"', "2: database.url: must begin with"),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED, ids=[text for _, text in REFUSED])
def test_a_refusal_names_line_key_value_and_what_is_allowed(tmp_path: Path, text: str, expected: str) -> None:
    assert refusal(tmp_path, text).startswith(f"operator-push.toml:{expected}")


def test_every_problem_is_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    lines = refusal(tmp_path, "shard = 999\nlog_levl = 1\n[smpp_server]\nport = -1").splitlines()
    assert [re.match(r"operator-push\.toml:(\d+): ", line)[1] for line in lines] == ["1", "2", "4"]  # type: ignore[index]


def test_no_refusal_and_no_printing_shows_a_secret(tmp_path: Path) -> None:
    told = refusal(tmp_path, LINK.replace('"secret"', "[1234567]") + '[database]\nurl = "mysql://me:hush@x"')
    assert "1234567" not in told
    assert "hush" not in told
    shown = repr(load(tmp_path, LINK + '[database]\nurl = "postgresql://me:hush@x/y"'))
    assert "hush" not in shown
    assert "'secret'" not in shown


def test_text_that_is_not_toml_is_answered_with_its_place(tmp_path: Path) -> None:
    assert "operator-push.toml: is not TOML: " in refusal(tmp_path, "shard = \n")
    assert "line 1" in refusal(tmp_path, "shard = \n")


def test_a_file_that_is_not_there_is_answered_with_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="operator-push init"):
        load_settings(tmp_path / "nothing.toml")


def test_the_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPERATOR_PUSH_SMPP_SERVER__PORT", "1234")
    monkeypatch.setenv("OPERATOR_PUSH_LOG_LEVEL", "debug")
    monkeypatch.setenv("OPERATOR_PUSH_DATABASE__URL", "postgresql://x/y")
    settings = load(tmp_path, '[smpp_server]\nport = 1\nhost = "0.0.0.0"')
    assert (settings.smpp_server.port, settings.smpp_server.host) == (1234, "0.0.0.0")
    assert (settings.log_level, settings.database_url) == ("debug", "postgresql://x/y")


def test_a_wrong_variable_is_blamed_and_not_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPERATOR_PUSH_SMPP_SERVER__PORT", "many")
    told = refusal(tmp_path, "[smpp_server]\nport = 1")
    assert told.startswith("environment variable OPERATOR_PUSH_SMPP_SERVER__PORT: smpp_server.port: ")


def test_a_malformed_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPERATOR_PUSH_SMSC", "not json")
    assert "OPERATOR_PUSH_" in refusal(tmp_path, "")


@pytest.mark.parametrize(
    ("table", "name", "variable"),
    [
        ("smsc", "main", "OPERATOR_PUSH_SMSC_MAIN_PASSWORD"),
        ("smsc", "up-north", "OPERATOR_PUSH_SMSC_UP_NORTH_PASSWORD"),
        ("delivery_events", "crm", "OPERATOR_PUSH_DELIVERY_EVENTS_CRM_SECRET"),
    ],
)
def test_each_secret_has_a_variable(table: str, name: str, variable: str) -> None:
    assert secret_variable(table, name) == variable


def test_a_variable_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPERATOR_PUSH_SMSC_MAIN_PASSWORD", "from-env")
    settings = load(tmp_path, LINK)
    assert settings.smsc[0].password is not None
    assert settings.smsc[0].password.get_secret_value() == "from-env"


@pytest.mark.parametrize(("content", "told"), [(None, "cannot be read"), ("\nsecret\n", "first line of")])
def test_a_password_file_must_hold_a_password(tmp_path: Path, content: str | None, told: str) -> None:
    if content is not None:
        (tmp_path / "f").write_text(content)
    text = LINK.replace('password = "secret"', 'password_file = "f"')
    assert told in refusal(tmp_path, text)


def test_the_data_directory_is_found_without_any_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "c.toml"
    file.write_text('data_dir = "d"\n[[smsc]]\npassword_file = "unreadable"\n')
    assert data_dir_of(file) == tmp_path / "d"
    monkeypatch.setenv("OPERATOR_PUSH_DATA_DIR", "/elsewhere")
    assert data_dir_of(file) == Path("/elsewhere")


def test_the_template_is_a_good_configuration() -> None:
    settings = load_settings(TEMPLATE_FILE)
    assert [link.name for link in settings.smsc] == ["main"]
    assert len(settings.tariff) == 1
