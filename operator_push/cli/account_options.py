"""Options that `operator-push account add` and `account set` share, and what they become in a call.

An option that is not given is not in the call; what is unset has no limit.
"""

from collections.abc import Callable, Mapping
from typing import Any

import click

from operator_push.cli.money_options import MONEY_OPTIONS, money_words
from operator_push.kernel.errors import OperatorError
from operator_push.services.account_terms import MESSAGE_ID_FORMS, TRAFFIC_CLASSES, VERSIONS
from operator_push.services.billing_identity import BILLING_KEYS
from operator_push.text.shift_tables import LANGUAGE_CODES

NONE = "none"  # an empty list, which allows nothing, in the place of its entries
_WHOLE = click.IntRange(min=0)

# What `account set --unset` takes: the option's name and the key of the call.
UNSETTABLE: Mapping[str, str] = {
    "sender": "senders",
    "category": "category",
    "window": "window",
    "max-binds": "max_binds",
    "from": "source_ranges",
    "version": "versions",
    "certificate-subject": "certificate_subject",
    "rate": "rate_segments_per_s",
    "burst": "burst_segments",
    "daily-quota": "daily_quota_segments",
    "quota-zone": "quota_zone",
    "message-ids": "message_id_form",
    "shift-table": "shift_tables",
    "dedupe-window": "dedupe_window_s",
    "header": "headers",
    "outbind-to": "outbind_to",
    "outbind-password": "outbind_password",
    "parent": "parent",
    "pays-from": "pays_from",
    "parent-share": "parent_share_ppm",
    "reward": "reward_ppm",
    "share-rounding": "share_rounding",
    "credit-limit": "credit_limit_micros",
    "monthly-cap": "monthly_cap_micros",
    "warn-below": "warn_below_micros",
    "warn-at": "warn_at_percent",
    "lease-slice": "lease_slice_micros",
    "billing": "billing",
    "tariff": "tariff",
    "online-charging": "online_charging",
    "ocs-subscription": "ocs_subscription",
    "url-host": "url_hosts",
    "link-host": "link_host",
}

_OPTIONS = (
    click.option(
        "--from",
        "source_ranges",
        multiple=True,
        metavar="CIDR",
        help='Addresses it may bind from, such as 192.0.2.0/24; repeat. Left out: any; "none": nowhere.',
    ),
    click.option(
        "--version",
        "versions",
        multiple=True,
        type=click.Choice([*VERSIONS]),
        help="An SMPP version it may bind with; repeat. None: every version.",
    ),
    click.option(
        "--certificate-subject",
        metavar="NAME",
        help="Common name or alternative name that its TLS client certificate must show.",
    ),
    click.option("--rate", "rate_segments_per_s", type=_WHOLE, help="Segments per second; 0 lets none pass."),
    click.option(
        "--burst",
        "burst_segments",
        type=click.IntRange(min=1),
        help="Segments at once after a pause [default: one second's worth].",
    ),
    click.option(
        "--daily-quota",
        "daily_quota_segments",
        type=_WHOLE,
        help="Segments a day, campaigns included; 0 lets none pass.",
    ),
    click.option("--quota-zone", metavar="ZONE", help="Whose midnight begins the day [default: UTC]."),
    click.option(
        "--message-ids",
        "message_id_form",
        type=click.Choice(MESSAGE_ID_FORMS),
        help="Form of message ids: short has 8 hexadecimal characters, which a 3.3 bind gets in any case.",
    ),
    click.option(
        "--shift-table",
        "shift_tables",
        multiple=True,
        type=click.Choice(LANGUAGE_CODES),
        help="A national table that its texts may use where the link has it too; repeat.",
    ),
    click.option(
        "--dedupe-window",
        "dedupe_window_s",
        type=_WHOLE,
        metavar="SECONDS",
        help="A client reference that comes again within this time is the same message.",
    ),
    click.option(
        "--header",
        "headers",
        multiple=True,
        metavar="SENDER=CLASS",
        help=f"The class of traffic of one sender address ({', '.join(TRAFFIC_CLASSES)}); repeat.",
    ),
    click.option(
        "--outbind-to",
        metavar="HOST:PORT",
        help="Where we call it with outbind while something is owed to it and nobody listens.",
    ),
    click.option(
        "--url-host",
        "url_hosts",
        multiple=True,
        metavar="HOST",
        help='A host that texts of its campaigns may link to; repeat. Left out: any; "none": no links.',
    ),
    click.option(
        "--link-host",
        metavar="HOST",
        help="The host of its own at which short links of its campaigns are (docs/short-links.md).",
    ),
    click.option("--outbind-password", help="The password of that outbind; at most 8 characters."),
    *MONEY_OPTIONS,
    click.option(
        "--billing",
        "billing",
        multiple=True,
        metavar="KEY=TEXT",
        help=f"Who it is on invoices ({', '.join(BILLING_KEYS)}); repeat, what is left out is unset.",
    ),
    click.option("--tariff", metavar="NAME", help='The tariff that it pays by; "rows": the simple rows.'),
)


def terms_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of an account's terms."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a call for the options that were given; headers become an object, none an empty list.

    Raises:
        OperatorError: a header without its class.
    """
    asked: dict[str, Any] = {}
    for name, value in options.items():
        if value is None or value == ():
            continue
        if name == "headers":
            asked[name] = dict(_header(text) for text in value)
        elif name == "billing":
            asked[name] = dict(_billing(text) for text in value)
        elif isinstance(value, tuple):
            asked[name] = [] if value == (NONE,) else list(value)
        else:
            asked[name] = value
    return asked


def terms_shown(terms: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Lines for people: the terms that are set, by the names of their options."""
    lines = []
    for option, key in UNSETTABLE.items():
        value = terms.get(key)
        if key not in terms or value is None or value is False or (key, value) == ("quota_zone", "UTC"):
            continue
        lines.append((option.replace("-", " "), money_words(key, value) or _words(value)))
    return lines


def _words(value: Any) -> str:
    match value:
        case True:
            return "set"
        case list():
            return ", ".join(value) or NONE
        case dict():
            return ", ".join(f"{sender}={kind}" for sender, kind in value.items()) or NONE
    return str(value)


def _header(text: str) -> tuple[str, str]:
    sender, sign, kind = text.rpartition("=")
    if not sender or not sign:
        raise OperatorError(f"--header {text!r} is not SENDER=CLASS, such as MYBANK=transactional")
    return sender, kind


def _billing(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign:
        raise OperatorError(f"--billing {text!r} is not KEY=TEXT, such as country=IN")
    return key, value
