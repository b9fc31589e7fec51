"""The commented configuration that init writes knows every setting, tells the truth, and nothing else."""

import re
import tomllib
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from operator_push.config import TEMPLATE_FILE, Settings, load_settings
from operator_push.config.cross_checks import REFUSAL_NAMES
from operator_push.domain.invoicing.document import Party

TEMPLATE = TEMPLATE_FILE.read_text(encoding="utf-8")
SECRET_FILES = re.compile(r"^(password_file|secret_file) = .*$", re.MULTILINE)


def uncommented() -> str:
    """The template with every commented-out setting in force; words ("# …") stay comments."""
    return re.sub(r"^#(?=[a-z\[])", "", TEMPLATE, flags=re.MULTILINE)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        if issubclass(annotation, BaseModel):
            yield annotation
    else:
        for argument in typing.get_args(annotation):
            yield from models_in(argument)


def settings_of(model: type[BaseModel], table: str = "") -> Iterator[tuple[str, str]]:
    """(table, key) of every setting, walked through the models."""
    for name, field in model.model_fields.items():
        inner = list(models_in(field.annotation))
        if inner:
            yield from settings_of(inner[0], f"{table}.{name}".strip("."))
        elif not name.endswith("refusals"):  # their keys are data, not settings
            yield table, name


def documented(text: str) -> set[tuple[str, str]]:
    found = set()
    table = ""
    for line in text.splitlines():
        if header := re.match(r"\[\[?([a-z_.]+)\]\]?$", line):
            table = header[1]
        elif key := re.match(r"([a-z_]+) = ", line):
            found.add((table, key[1]))
    return found


def test_every_setting_is_in_the_template_and_nothing_else_is() -> None:
    in_template = {pair for pair in documented(uncommented()) if "refusals" not in pair[0]}
    assert in_template == set(settings_of(Settings))


def test_every_setting_and_table_has_words_above_it() -> None:
    """A run of settings shares the words above it; a blank line ends the run."""
    for block in uncommented().split("\n\n"):
        first = next((line for line in block.splitlines() if line), "")
        assert first.startswith("# "), f"no words begin this block:\n{block}"


def test_every_example_holds_when_the_hash_is_taken_away(tmp_path: Path) -> None:
    file = tmp_path / "all.toml"
    file.write_text(SECRET_FILES.sub("", uncommented()))
    settings = load_settings(file)
    assert settings.delivery_events[0].name == "webhook"
    assert settings.tariff[0].valid_until is not None
    assert set(settings.refusals) <= set(REFUSAL_NAMES)


SHOWN_AS_EXAMPLES = {
    ("answers", "account"),
    ("smpp_server", "delivery_statuses"),
    ("way_out", "short_code"),
    ("linking", "account"),
    ("email", "kind"),
    ("email", "sender"),
    ("way_out", "language"),
    ("audience", "noise_epsilon"),
    ("campaigns", "forbidden_words"),
    ("audience", "sales_rules_file"),
    ("selfcare", "operator"),
    ("payouts", "kind"),
    ("payouts", "url"),
    ("payouts", "secret"),
    ("payouts", "vouchers_file"),
    ("selfcare", "base_url"),
    ("selfcare", "trusted_proxies"),
    ("policy.caps", "rolling_hours"),
    ("policy.quiet_hours", "holidays"),
    ("policy.quiet_hours", "zones_by_prefix"),
    ("reconciliation", "cdr_folder"),
    ("reconciliation", "mapping_file"),
    ("reconciliation", "report_folder"),
    ("smsc", "smsc"),
    ("smsc", "statuses"),
    ("smsc", "query_after_s"),
    ("smsc", "segments_per_second"),
    ("smsc", "password_file"),
    ("smsc", "shift_tables"),
    ("smsc", "tls_server_name"),
    ("smsc", "tls_ca_file"),
    ("smsc", "tls_certificate_file"),
    ("smsc", "tls_key_file"),
    ("smpp_server.tls", "certificate_file"),
    ("smpp_server.tls", "key_file"),
    ("smpp_server.tls", "client_ca_file"),
    ("tariff", "valid_from"),
    ("tariff", "valid_until"),
    ("policy.caps", "per_handset_per_day"),
    ("policy.caps", "per_handset_per_brand_per_day"),
    ("profiles", "features_file"),
    ("retention", "archive_dir"),
    ("ledger", "signing_key_file"),
    ("ledger", "heads_file"),
    ("ledger", "heads_url"),
    ("reconciliation", "cdr_folder"),
    ("reconciliation", "mapping_file"),
    ("reconciliation", "report_folder"),
    ("number_portability", "kind"),
    ("number_portability", "numbers_file"),
    *(("invoices", key) for key in Party.__struct_fields__),
    ("invoices", "note"),
    ("invoices", "font_file"),
    ("invoices", "documents_folder"),
    ("online_charging", "kind"),
    ("online_charging", "origin_host"),
    ("online_charging", "origin_realm"),
    ("online_charging", "destination_realm"),
    ("online_charging", "peers"),
    ("online_charging", "failure_handling"),
    ("online_charging", "offline_limit"),
}


NAMES = "smpp_server.tls.names"
EXAMPLE_TABLES = (
    "incentive",
    "opt_in",
    "delivery_events",
    "route",
    "network",
    "mo_route",
    "numbering",
    "invoices.tax",
    NAMES,
)


def defaults(model: type[BaseModel], table: str = "") -> Iterator[tuple[tuple[str, str], Any]]:
    for name, field in model.model_fields.items():
        inner = list(models_in(field.annotation))
        if inner:
            yield from defaults(inner[0], f"{table}.{name}".strip("."))
        else:
            yield (table, name), field.get_default(call_default_factory=True)


def test_a_setting_that_is_commented_out_shows_its_default() -> None:
    written = tomllib.loads(uncommented())
    commented = documented(uncommented()) - documented(TEMPLATE)
    known = dict(defaults(Settings))
    shown = [pair for pair in commented - SHOWN_AS_EXAMPLES if "refusals" not in pair[0]]
    shown = [pair for pair in shown if pair[0] not in EXAMPLE_TABLES]
    assert shown
    for table, key in shown:
        here: Any = written
        for part in table.split(".") if table else ():
            here = here[part][0] if isinstance(here[part], list) else here[part]
        default = known[table, key]
        default = default.get_secret_value() if hasattr(default, "get_secret_value") else default
        value = tuple(here[key]) if isinstance(here[key], list) else here[key]
        assert value == default, f"[{table}] {key}"


# By name, since every worker must find the tests in the same order.
TABLES = sorted({m for f in Settings.model_fields.values() for m in models_in(f.annotation)}, key=str)


@pytest.mark.parametrize("model", [Settings, *TABLES])
def test_every_setting_says_what_is_allowed(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        assert field.description or list(models_in(field.annotation)), name


def test_an_account_s_own_refusals_stand_over_those_of_all() -> None:
    settings = Settings(
        refusals={"no_credit": 0x400, "queue_full": 0x14 + 0x400},
        account_refusals={"shop": {"no_credit": 0x401}},
    )
    assert settings.refusals_by_account == {
        "*": {"no_credit": 0x400, "queue_full": 0x414},
        "shop": {"no_credit": 0x401, "queue_full": 0x414},
    }
