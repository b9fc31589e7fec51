"""Submissions: the parts that read what ESMEs submit, made from the settings and a loaded state."""

from collections.abc import Callable

from operator_push.bootstrap.mo import address_rules
from operator_push.bootstrap.policy import scrub_content
from operator_push.bootstrap.state import State
from operator_push.config import Settings
from operator_push.domain.message import TrafficClass
from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.esme_deliveries import EsmeDeliveries
from operator_push.gateway.part_mapping import part_of
from operator_push.gateway.submit_offers import SubmitOffers, SubmitTerms, retry_key_of
from operator_push.kernel.ids import id_epoch_us
from operator_push.kernel.numbering import is_msisdn
from operator_push.services.accept_submissions import AcceptSubmissions
from operator_push.services.changes import Changes
from operator_push.services.ports import VaultPort
from operator_push.services.recognise_retry import RecogniseRetry
from operator_push.services.registry import Account, Registry
from operator_push.smpp.codec import decode_pdu
from operator_push.smpp.pdu import SubmitSm
from operator_push.store.recent_rows import RecentAdmission

SECOND_US = 1_000_000
CLASSES = {member.name.lower(): member for member in TrafficClass}


def submit_terms(settings: Settings) -> SubmitTerms:
    """The terms of all accounts."""
    window_s = settings.submissions.retry_window_s

    def retry_window_of(account: Account) -> int:
        agreed = account.terms.dedupe_window_s
        return window_s if agreed is None else agreed

    def class_of_sender(account: Account, sender: str) -> TrafficClass | None:
        headers = account.terms.headers
        return CLASSES.get(headers.get(sender, "")) if headers else None

    own_rules = {row.account: address_rules(settings, account=row.account) for row in settings.numbering}
    general = address_rules(settings)

    return SubmitTerms(
        settings.submissions.traffic_class_tlv,
        retry_window_of,
        class_of_sender,
        lambda account: own_rules.get(account.name, general),
    )


def submit_offers(
    settings: Settings,
    vault: VaultPort,
    deliveries: EsmeDeliveries,
    terms: SubmitTerms,
    cutter: MessageCutter,
) -> SubmitOffers:
    """What turns PDUs into offers."""
    owed_max = settings.limits.esme_deliveries_max
    return SubmitOffers(vault, lambda account_no: deliveries.owed_to(account_no) < owed_max, terms, cutter)


def remember_retries(
    retries: RecogniseRetry, recent: list[RecentAdmission], registry: Registry, terms: SubmitTerms
) -> None:
    """Know the admissions of the last window again, since a crash is when answers get lost."""
    for stored in recent:
        account = registry.account(stored.account_no)
        window_s = terms.retry_window_of(account) if account else 0
        pdu = decode_pdu(stored.body) if window_s else None
        if not isinstance(pdu, SubmitSm):
            continue
        key = retry_key_of(pdu, stored.account_no, stored.destination, part_of(pdu))
        if key is not None:
            retries.remember(key, stored.message_id, window_s * SECOND_US, id_epoch_us(stored.message_id))
    recent.clear()  # their bodies are needed no more


def accept_submissions(settings: Settings, state: State) -> AcceptSubmissions:
    """The door that every message comes through, with the limits of its accounts."""
    accept = AcceptSubmissions(
        state.shard,
        state.ids,
        state.policy,
        state.tariff,
        state.balances,
        state.messages,
        settings.limits.open_messages_max,
        enrol_strangers(state),
        settings.submissions.parts_within_s * 1_000_000,
    )
    accept.limits = state.limits
    scrubbing = scrub_content(settings, state.dlt, state.registry)
    if scrubbing is not None:
        accept.scrub = scrubbing.scrub
    return accept


def enrol_strangers(state: State) -> Callable[[str, int, Changes], int]:
    """Gives a number outside the vault its subscriber number, so that a stop of its owner finds it."""

    def enrol(msisdn: str, at_us: int, changes: Changes) -> int:
        if not is_msisdn(msisdn):
            return 0
        enrolment = state.vault.enrol([msisdn], at_us)
        changes.vault_subscriber.extend(enrolment.rows)
        return enrolment.numbers[0]

    return enrol
