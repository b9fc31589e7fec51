"""Account terms: what the operator has agreed with one customer beyond its price, as one value with its text.

Laws: what is unset (None) has no limit, and 0 or an empty list means none at all; a store whose terms have
a key that this version does not know is refused, because to drop a restriction unread would open a door.
Kept as JSON in the column `account.terms`, so that a new term needs no migration.
Not here: what is done with them (gateway.esme_binds, gateway.account_limits, domain rules).
"""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Final

import msgspec

from operator_push.domain.message import TrafficClass
from operator_push.domain.purses import PPM
from operator_push.domain.term_checks import switch, whole, zone
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import Rounding
from operator_push.services.billing_identity import checked_billing
from operator_push.text.shift_tables import LANGUAGE_CODES

SEGMENTS_MAX: Final = 1_000_000_000
DEDUPE_WINDOW_S_MAX: Final = 7 * 86_400  # Ours: a retry comes within hours; a week bounds the memory.
LIST_MAX: Final = 1_000
OUTBIND_PASSWORD_MAX: Final = 8  # SMPP v3.4 section 4.1.7.1: 9 octets with the closing NUL
VERSIONS: Final[Mapping[str, int]] = {"3.3": 0x33, "3.4": 0x34, "5.0": 0x50}
AMOUNT_MICROS_MAX: Final = 10**15  # Ours: a thousand million units; a sum of many still fits 64 bits
PAYS_FROM: Final = ("own", "parent")
ROUNDINGS: Final = tuple(rounding.value for rounding in Rounding)
MESSAGE_ID_FORMS: Final = ("decimal", "short")
TRAFFIC_CLASSES: Final = tuple(member.name.lower() for member in TrafficClass)


class AccountTerms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The terms of one account; None is no limit and no special wish.

    `source_ranges` CIDR ranges that it may bind from; `versions` "3.3", "3.4", "5.0" that it may bind with;
    `certificate_subject` the common name or a subject alternative name that its TLS certificate must show;
    `url_hosts` the hosts that texts of its campaigns may link to, and those below them; `link_host` the one
    of its own at which short links of its campaigns are;
    `rate_segments_per_s` and `burst_segments` its token bucket (a burst unset is one second's worth);
    `daily_quota_segments` admitted segments in a day of `quota_zone`; `message_id_form` what ids it is told;
    `shift_tables` languages (TS 23.038 annex A) it may send in; `dedupe_window_s` how long a repeated client
    reference is the same message; `headers` sender → class of traffic; `outbind_to` "host:port" to be called
    where something is owed and nobody listens, with `outbind_password`, which is never shown.

    Money: `parent` the account it belongs to (a reseller, an agency, a department's house); `pays_from`
    "own" money or that of its "parent"; `parent_share_ppm` millionths of what its messages earn that go to
    the parent and `reward_ppm` those that go to the subscriber of a delivered one, each rounded as
    `share_rounding` names; `credit_limit_micros` makes it postpaid, with so much credit;
    `monthly_cap_micros` the most that it and its children may spend in a calendar month of `quota_zone`;
    `warn_below_micros` of available money and `warn_at_percent` of the cap or the credit line, from where on
    it is warned of; `lease_slice_micros` makes the owners of shards share its money in such slices;
    `billing` who it is on invoices (services.billing_identity); `tariff` the name of the tariff by which it
    pays ("rows": the simple rows), unset: the operator's choice; `online_charging` its money is only what the
    operator's online charging system grants, in slices, to `ocs_subscription`, its name there (unset: its
    own name).
    """

    source_ranges: tuple[str, ...] | None = None
    versions: tuple[str, ...] | None = None
    certificate_subject: str | None = None
    rate_segments_per_s: int | None = None
    burst_segments: int | None = None
    daily_quota_segments: int | None = None
    quota_zone: str = "UTC"
    message_id_form: str | None = None
    shift_tables: tuple[str, ...] | None = None
    dedupe_window_s: int | None = None
    headers: dict[str, str] | None = None
    outbind_to: str | None = None
    outbind_password: str | None = None
    parent: str | None = None
    pays_from: str | None = None
    parent_share_ppm: int | None = None
    reward_ppm: int | None = None
    share_rounding: str | None = None
    credit_limit_micros: int | None = None
    monthly_cap_micros: int | None = None
    warn_below_micros: int | None = None
    warn_at_percent: int | None = None
    lease_slice_micros: int | None = None
    billing: dict[str, str] | None = None
    tariff: str | None = None
    online_charging: bool | None = None
    ocs_subscription: str | None = None
    url_hosts: tuple[str, ...] | None = None
    link_host: str | None = None

    def shown(self) -> dict[str, object]:
        """Every term by name as JSON values; of a secret only whether there is one."""
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        values["outbind_password"] = self.outbind_password is not None
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


NO_TERMS: Final = AccountTerms()
TERM_NAMES: Final = frozenset(AccountTerms.__struct_fields__)
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(AccountTerms)


def terms_text(terms: AccountTerms) -> str:
    """The JSON object that is stored; what is at its default is left out."""
    return _ENCODER.encode(terms).decode()


def terms_from_text(text: str) -> AccountTerms:
    """The terms of a stored JSON object.

    Raises:
        OperatorError: it holds something that this version does not know.
    """
    try:
        return _DECODER.decode(text)
    except msgspec.MsgspecError as error:
        raise OperatorError(
            f"the stored terms of an account are not readable by this version: {error}"
        ) from error


def changed_terms(terms: AccountTerms, asked: Mapping[str, object]) -> AccountTerms:
    """The terms with those of `asked` (by name, as JSON values) in place; null puts a term back to unset.

    Raises:
        OperatorError: a value is not allowed; the message says which are. Names outside TERM_NAMES are the
            caller's to refuse.
    """
    values: dict[str, object] = {}
    for name, value in asked.items():
        default = AccountTerms.__struct_defaults__[AccountTerms.__struct_fields__.index(name)]
        values[name] = default if value is None else _CHECKS[name](name, value)
    changed = msgspec.structs.replace(terms, **values)
    if changed.burst_segments is not None and changed.rate_segments_per_s is None:
        raise OperatorError("burst_segments means nothing without rate_segments_per_s; set both")
    if (changed.outbind_to is None) != (changed.outbind_password is None):
        raise OperatorError("outbind_to and outbind_password belong together; set both or neither")
    if changed.parent is None and (changed.pays_from == "parent" or changed.parent_share_ppm):
        raise OperatorError("pays_from parent and parent_share_ppm mean nothing without a parent; set it too")
    if changed.pays_from == "parent" and changed.credit_limit_micros is not None:
        raise OperatorError("credit_limit_micros is for an account that pays from its own money")
    if changed.online_charging:
        for other in ("credit_limit_micros", "lease_slice_micros"):
            if getattr(changed, other) is not None:
                raise OperatorError(f"online_charging and {other} exclude each other; unset one of them")
        if changed.pays_from == "parent":
            raise OperatorError(
                "online_charging is for an account that pays from its own money; set it of the parent"
            )
    if (changed.parent_share_ppm or 0) + (changed.reward_ppm or 0) > PPM:
        raise OperatorError(f"parent_share_ppm and reward_ppm are more than {PPM} together, more than all")
    return changed


def _count(name: str, value: object) -> int:
    limit = DEDUPE_WINDOW_S_MAX if name == "dedupe_window_s" else SEGMENTS_MAX
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= limit:
        raise OperatorError(
            f"{name} {value!r} is not a whole number in 0..{limit} (0 is none, unset unlimited)"
        )
    return value


def _burst(name: str, value: object) -> int:
    if _count(name, value) == 0:
        raise OperatorError(
            "burst_segments 0 would let nothing through; for that set rate_segments_per_s to 0"
        )
    return int(str(value))


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) and each for each in value):
        raise OperatorError(f"{name} {value!r} is not a list of texts")
    if len(value) > LIST_MAX:
        raise OperatorError(f"{name} has {len(value)} entries, at most {LIST_MAX} are kept")
    return tuple(value)


def _ranges(name: str, value: object) -> tuple[str, ...]:
    ranges = []
    for text in _texts(name, value):
        try:
            ranges.append(str(ip_network(text)))
        except ValueError as error:
            raise OperatorError(
                f"{name}: {text!r} is not an address range such as 192.0.2.0/24 or 2001:db8::/32: {error}"
            ) from error
    return tuple(ranges)


def _versions(name: str, value: object) -> tuple[str, ...]:
    return tuple(_one_of(name, version, tuple(VERSIONS)) for version in _texts(name, value))


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise OperatorError(f"{name} {value!r} is not one of {', '.join(allowed)}")
    return str(value)


def _form(name: str, value: object) -> str:
    return _one_of(name, value, MESSAGE_ID_FORMS)


def _languages(name: str, value: object) -> tuple[str, ...]:
    codes = _texts(name, value)
    for code in codes:
        _one_of(name, code, LANGUAGE_CODES)
    return codes


def _hosts(name: str, value: object) -> tuple[str, ...]:
    hosts = _texts(name, value)
    for host in hosts:
        if not host or "/" in host or ":" in host or "." not in host.strip("."):
            raise OperatorError(f"{name} {host!r} is no host, such as chai.example")
    return hosts


def _host(name: str, value: object) -> str:
    (host,) = _hosts(name, [value])
    return host.lower()


def _headers(name: str, value: object) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(sender, str) and sender for sender in value):
        raise OperatorError(f"{name} {value!r} is not an object of senders and their class of traffic")
    if len(value) > LIST_MAX:
        raise OperatorError(f"{name} has {len(value)} entries, at most {LIST_MAX} are kept")
    return {sender: _one_of(f"{name}: {sender}", kind, TRAFFIC_CLASSES) for sender, kind in value.items()}


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value or len(value) > 255 or not value.isprintable():
        raise OperatorError(f"{name} must be 1..255 printable characters")
    return value


def _address(name: str, value: object) -> str:
    host, colon, port = str(value).rpartition(":")
    if not (host and colon and port.isdecimal() and port.isascii() and 1 <= int(port) <= 65_535):
        raise OperatorError(f"{name} {value!r} is not host:port, such as esme.example:2775")
    return str(value)


def _password(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.isascii() or not 1 <= len(value) <= OUTBIND_PASSWORD_MAX:
        raise OperatorError(f"{name} must have 1..{OUTBIND_PASSWORD_MAX} ASCII characters, as SMPP carries")
    return value


def _slice(name: str, value: object) -> int:
    if _MICROS(name, value) == 0:
        raise OperatorError(f"{name} 0 would lend nothing; unset it where no money is shared")
    return int(str(value))


_MICROS = whole(0, AMOUNT_MICROS_MAX, "micros")
_PPM = whole(0, PPM, "millionths")

_CHECKS = {
    "source_ranges": _ranges,
    "versions": _versions,
    "certificate_subject": _text,
    "rate_segments_per_s": _count,
    "burst_segments": _burst,
    "daily_quota_segments": _count,
    "quota_zone": zone,
    "message_id_form": _form,
    "shift_tables": _languages,
    "dedupe_window_s": _count,
    "headers": _headers,
    "outbind_to": _address,
    "outbind_password": _password,
    "parent": _text,
    "pays_from": lambda name, value: _one_of(name, value, PAYS_FROM),
    "parent_share_ppm": _PPM,
    "reward_ppm": _PPM,
    "share_rounding": lambda name, value: _one_of(name, value, ROUNDINGS),
    "credit_limit_micros": _MICROS,
    "monthly_cap_micros": _MICROS,
    "warn_below_micros": _MICROS,
    "warn_at_percent": whole(0, 100, "percent"),
    "lease_slice_micros": _slice,
    "billing": checked_billing,
    "tariff": _text,
    "online_charging": switch,
    "ocs_subscription": _text,
    "url_hosts": _hosts,
    "link_host": _host,
}
