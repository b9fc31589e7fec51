"""Laws between settings: names that must differ, ranges that must not be empty, secrets that must be one.

Each check returns problems; none of them reads a file or the environment.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from operator_push.config.field_types import PASSWORD_MAX
from operator_push.config.problems import Problem, unknown_name
from operator_push.config.settings import Settings
from operator_push.config.smsc_settings import SmscSettings
from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.message import RefusalReason
from operator_push.domain.tariff import Tariff
from operator_push.domain.words import reader_for
from operator_push.domain.words.agreeing import agrees
from operator_push.domain.words.plain_text import phrase_tokens
from operator_push.kernel.errors import OperatorError

SECRET_CHARACTERS_MIN = 16
HOT_DAYS_MIN = 3  # as in store.archive, which is below this room

REFUSAL_NAMES = tuple(reason.name.lower() for reason in RefusalReason if reason.value)


def cross_check(settings: Settings) -> list[Problem]:
    """Everything that no single field can know."""
    return [
        *_different_names(settings),
        *_links(settings.smsc),
        *_tls(settings),
        *_routes(settings),
        *_numbering(settings),
        *_opt_ins(settings),
        *_tariffs(settings),
        *_refusals(settings),
        *_sinks(settings),
        *_retention(settings),
        *_invoices(settings),
        *_online_charging(settings),
        *_incentives(settings),
    ]


def check_links(links: Sequence[SmscSettings]) -> list[Problem]:
    """The laws between links alone; a problem's path is ("smsc", place, key)."""
    return list(_links(links))


def _different_names(settings: Settings) -> Iterator[Problem]:
    for table in ("smsc", "delivery_events", "incentive"):
        seen: set[str] = set()
        for index, row in enumerate(getattr(settings, table)):
            if row.name in seen:
                yield Problem((table, index, "name"), f"{row.name!r} is taken by another [[{table}]]")
            seen.add(row.name)


def _links(links: Sequence[SmscSettings]) -> Iterator[Problem]:
    for index, link in enumerate(links):
        if link.reconnect_min_s > link.reconnect_max_s:
            yield Problem(
                ("smsc", index, "reconnect_min_s"),
                f"{link.reconnect_min_s:g} must not be above reconnect_max_s ({link.reconnect_max_s:g})",
            )
        if (link.message_id_in_response == "detect") != (link.message_id_in_receipt == "detect"):
            yield Problem(
                ("smsc", index, "message_id_in_receipt"),
                "is stated together with message_id_in_response, or neither of them is",
            )
        if link.password is not None and len(link.password.get_secret_value()) > PASSWORD_MAX:
            yield Problem(("smsc", index, "password"), f"must have at most {PASSWORD_MAX} characters")
        for key, wanted in (("long_messages", ("udh", "udh16")), ("default_alphabet", ("gsm7",))):
            if link.shift_tables and getattr(link, key) not in wanted:
                yield Problem(
                    ("smsc", index, "shift_tables"),
                    f"need {key} = {' or '.join(wanted)}: they stand in a user data header before septets",
                )


def _tls(settings: Settings) -> Iterator[Problem]:
    tls = settings.smpp_server.tls
    if (tls.certificate_file is None) != (tls.key_file is None):
        missing = "key_file" if tls.key_file is None else "certificate_file"
        yield Problem(("smpp_server", "tls", missing), "is required: a certificate and its key go together")
    if not tls.is_on and (tls.only or tls.names or tls.client_certificates != "off"):
        yield Problem(("smpp_server", "tls", "certificate_file"), "is required for the rest of this table")
    if tls.client_certificates != "off" and tls.client_ca_file is None:
        yield Problem(
            ("smpp_server", "tls", "client_ca_file"),
            f"is required with client_certificates = {tls.client_certificates!r}",
        )
    names = [each.server_name.lower() for each in tls.names]
    for index, name in enumerate(names):
        if name in names[:index]:
            place = ("smpp_server", "tls", "names", index, "server_name")
            yield Problem(place, f"{name!r} is taken by another [[smpp_server.tls.names]]")
    for index, link in enumerate(settings.smsc):
        if (link.tls_certificate_file is None) != (link.tls_key_file is None):
            yield Problem(
                ("smsc", index, "tls_key_file"), "and tls_certificate_file go together; give both or neither"
            )


def _routes(settings: Settings) -> Iterator[Problem]:
    links = tuple(link.name for link in settings.smsc if link.bind_type != "receiver")
    networks = {network.plmn for network in settings.network}
    for index, row in enumerate(settings.route):
        for name in row.links:
            if name not in links:
                yield Problem(("route", index, "links"), unknown_name("a sending [[smsc]] link", name, links))
        if row.plmn and not {route.plmn for route in row.as_routes()} <= networks:
            yield Problem(("route", index, "plmn"), f"{row.plmn!r} has no [[network]] table, so none is it")


def _numbering(settings: Settings) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for index, row in enumerate(settings.numbering):
        whose = row.link, row.account
        if all(whose):
            yield Problem(("numbering", index, "account"), "must be empty beside a link: give one of the two")
        elif whose in seen:
            yield Problem(("numbering", index, "link"), "another [[numbering]] table is for the same")
        seen.add(whose)


def _opt_ins(settings: Settings) -> Iterator[Problem]:
    """A keyword is one touchpoint's, no word that means something already, and somebody answers it."""
    names: set[str] = set()
    keywords: set[tuple[str, tuple[str, ...]]] = set()
    called: set[str] = set()
    for index, row in enumerate(settings.opt_in):
        if row.name in names:
            yield Problem(("opt_in", index, "name"), f"{row.name!r} is taken by another [[opt_in]]")
        names.add(row.name)
        if row.missed_call and row.missed_call in called:
            yield Problem(("opt_in", index, "missed_call"), "is that of another [[opt_in]]")
        called.add(row.missed_call)
        if row.widget_origins and not settings.selfcare.base_url:
            yield Problem(("opt_in", index, "widget_origins"), "needs [selfcare] base_url, whose page it is")
        if settings.answers.account is None:
            yield Problem(("opt_in", index, "name"), "needs [answers] account, which asks and answers")
        if not row.keyword:
            continue
        keyword = (row.short_code, phrase_tokens(row.keyword))
        wrong = why_no_keyword(row.keyword, settings.mo.pack)
        if wrong is not None:
            yield Problem(("opt_in", index, "keyword"), wrong)
        elif keyword in keywords:
            yield Problem(("opt_in", index, "keyword"), f"{row.keyword!r} is taken by another [[opt_in]]")
        keywords.add(keyword)


def why_no_keyword(keyword: str, pack: str) -> str | None:
    """What is wrong with a keyword that people are to text: it says nothing, or something else already."""
    tokens = phrase_tokens(keyword)
    heard = reader_for(pack, date.max).read(keyword)
    if tokens and heard.action is InboundAction.NONE and not agrees(keyword):
        return None
    return f"{keyword!r} is heard as {heard.action.name if tokens else 'nothing'}; take another"


def _tariffs(settings: Settings) -> Iterator[Problem]:
    if not settings.tariff:
        yield Problem(("tariff",), "is required: without a [[tariff]] table nothing has a price")
        return
    backwards = False
    for index, row in enumerate(settings.tariff):
        if row.valid_from and row.valid_until and row.valid_from >= row.valid_until:
            backwards = True
            yield Problem(("tariff", index, "valid_until"), "must be after valid_from")
    if not backwards:
        try:
            Tariff(row.as_row() for row in settings.tariff)
        except OperatorError as error:
            yield Problem(("tariff", 0), str(error).removeprefix("tariff: "))


def _refusals(settings: Settings) -> Iterator[Problem]:
    for name in settings.refusals:
        if name not in REFUSAL_NAMES:
            yield Problem(("refusals", name), unknown_name("a reason of refusal", name, REFUSAL_NAMES))
    for account, own in settings.account_refusals.items():
        for name in own:
            if name not in REFUSAL_NAMES:
                path = ("account_refusals", account, name)
                yield Problem(path, unknown_name("a reason of refusal", name, REFUSAL_NAMES))


def _sinks(settings: Settings) -> Iterator[Problem]:
    for index, sink in enumerate(settings.delivery_events):
        if sink.backoff_min_s > sink.backoff_max_s:
            yield Problem(
                ("delivery_events", index, "backoff_min_s"),
                f"{sink.backoff_min_s:g} must not be above backoff_max_s ({sink.backoff_max_s:g})",
            )
        if sink.secret is not None and len(sink.secret.get_secret_value()) < SECRET_CHARACTERS_MIN:
            yield Problem(
                ("delivery_events", index, "secret"), f"must have at least {SECRET_CHARACTERS_MIN} characters"
            )


def _retention(settings: Settings) -> Iterator[Problem]:
    if 0 < settings.retention.hot_days < HOT_DAYS_MIN:
        yield Problem(
            ("retention", "hot_days"),
            f"{settings.retention.hot_days} is too few; a start looks back two days: {HOT_DAYS_MIN} or more,"
            " or 0 to archive nothing",
        )


def _invoices(settings: Settings) -> Iterator[Problem]:
    """Series that differ, a step that can be paid, and somebody who issues what is issued unasked."""
    invoices = settings.invoices
    if invoices.close_months != "off" and not invoices.name:
        yield Problem(("invoices", "name"), f'is required where close_months is "{invoices.close_months}"')
    for key, others in (
        ("credit_series", (invoices.series,)),
        ("receipt_series", (invoices.series, invoices.credit_series)),
    ):
        series = getattr(invoices, key)
        if series in others:
            yield Problem(("invoices", key), f"{series!r} is the series of another kind of document")
    if invoices.step_micros <= 0:
        yield Problem(("invoices", "rounding_step"), f'{invoices.rounding_step!r} must be above 0, as "0.01"')
    for index, tax in enumerate(invoices.tax):
        if tax.valid_from and tax.valid_until and tax.valid_until <= tax.valid_from:
            yield Problem(("invoices", "tax", index, "valid_until"), "is not after valid_from")


def _online_charging(settings: Settings) -> Iterator[Problem]:
    online = settings.online_charging
    if online.kind is not None:
        for key in ("origin_host", "origin_realm", "destination_realm", "peers"):
            if not getattr(online, key):
                yield Problem(("online_charging", key), "is required where a kind is named")
    if not online.slice_micros:
        yield Problem(("online_charging", "slice"), "must be above 0")
    if (online.failure_handling == "continue") != (online.offline_limit_micros > 0):
        yield Problem(
            ("online_charging", "offline_limit"),
            'goes with failure_handling = "continue": above 0 with it, 0 without',
        )


def _incentives(settings: Settings) -> Iterator[Problem]:
    for index, offer in enumerate(settings.incentive):
        for key, sentence in offer.problems():
            yield Problem(("incentive", index, key), sentence)
