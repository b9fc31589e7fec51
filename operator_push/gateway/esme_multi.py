"""ESME multi: submit_multi (SMPP v3.4 section 4.5), one message for each destination.

Each destination goes through the one door by itself: decided, priced and held. All of them are known by the
id of the first that was accepted; their receipts tell them apart by the recipient.
"""

from collections.abc import Callable, Mapping, Sequence

from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.esme_binds import EsmeBinds
from operator_push.gateway.pdu_mapping import destination_from
from operator_push.gateway.refusals import refusal_status
from operator_push.gateway.submit_offers import SubmitOffers
from operator_push.kernel.meters import Meters
from operator_push.services.accept_submissions import Accepted, AcceptSubmissions
from operator_push.services.distribution_lists import DistributionLists
from operator_push.services.message_names import MessageNames
from operator_push.services.registry import Account
from operator_push.services.shown_ids import ShownIds
from operator_push.smpp.codec import response_to
from operator_push.smpp.constants import CommandStatus, Npi, Ton
from operator_push.smpp.pdu import (
    DistributionList,
    Pdu,
    SmeDestination,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    UnsuccessSme,
)
from operator_push.smpp_twisted.protocol import SmppProtocol

DESTINATIONS_MAX = 1_000  # Ours: what is decided in one pass; more get ESME_RINVNUMDESTS.
UNSUCCESSFUL_MAX = 255  # no_unsuccess is one octet, section 4.5.2
VERSION_3_4 = 0x34
_COPIED = tuple(
    name
    for name in SubmitSm.__struct_fields__
    if name in SubmitMulti.__struct_fields__ and name not in ("sequence_number", "command_status")
)


class EsmeMulti:
    """Performs submit_multi for all binds. `msisdn_of` is the vault's, `accepting` False while we stop."""

    def __init__(
        self,
        binds: EsmeBinds,
        offers: SubmitOffers,
        accept: AcceptSubmissions,
        lists: DistributionLists,
        msisdn_of: Callable[[int], str],
        shown: ShownIds,
        names: MessageNames,
        overrides: Mapping[str, Mapping[str, int]],
        accepting: Callable[[], bool],
        committer: Committer,
        meters: Meters,
    ) -> None:
        self._binds = binds
        self._offers = offers
        self._accept = accept
        self._lists = lists
        self._msisdn_of = msisdn_of
        self._shown = shown
        self._names = names
        self._overrides = overrides
        self._accepting = accepting
        self._committer = committer
        self._meters = meters

    def perform(self, bind: SmppProtocol, pdu: Pdu) -> bool:
        """Submit to every destination; False where it is another operation."""
        account = self._binds.account_of(bind)
        if not isinstance(pdu, SubmitMulti) or account is None:
            return False
        status = 0 if self._accepting() else int(CommandStatus.ESME_RMSGQFUL)
        destinations = self._destinations(pdu, account)
        if destinations is None:
            status = int(CommandStatus.ESME_RINVDLNAME)
        elif not 0 < len(destinations) <= DESTINATIONS_MAX:
            status = int(CommandStatus.ESME_RINVNUMDESTS)
        if status or destinations is None:
            bind.session.send_response(response_to(pdu, status))
            return True
        at_us, changes = now_us(), self._committer.changes
        offers = [self._offers.offer(_submit_sm_to(pdu, one), account, at_us) for one in destinations]
        outcomes = self._accept.accept(offers, at_us, changes)
        response = self._response(bind, pdu, account, destinations, outcomes)
        self._meters.count("submit_multi.destinations", len(outcomes))

        def committed() -> None:
            if not bind.session.is_closed:
                bind.session.send_response(response)
                bind.flush()

        self._committer.promise(committed)
        return True

    def _destinations(self, pdu: SubmitMulti, account: Account) -> list[SmeDestination] | None:
        """Every address once, those of lists too; None where a list is not there.

        Who stands in two lists, or in a list and beside it, is meant to get the message and pay for it once.
        """
        found: list[SmeDestination] = []
        for one in pdu.dest_address:
            if isinstance(one, DistributionList):
                named = account.account_no, one.dl_name
                members = self._lists.open_to_esmes(*named, at_most=DESTINATIONS_MAX + 1)  # one is too many
                if not members:
                    return None
                international = int(Ton.INTERNATIONAL), int(Npi.ISDN)
                found += [SmeDestination(*international, self._msisdn_of(number)) for number in members]
            else:
                found.append(one)
        by_number: dict[str, SmeDestination] = {}
        for one in found:
            by_number.setdefault(destination_from(one.dest_addr_ton, one.destination_addr), one)
        return list(by_number.values())

    def _response(
        self,
        bind: SmppProtocol,
        pdu: SubmitMulti,
        account: Account,
        destinations: Sequence[SmeDestination],
        outcomes: Sequence[Accepted],
    ) -> SubmitMultiResp:
        changes = self._committer.changes
        shown_id = 0
        failed: list[UnsuccessSme] = []
        overrides = self._overrides.get(account.name) or self._overrides.get("*")
        version = bind.session.peer_version
        for destination, outcome in zip(destinations, outcomes, strict=True):
            if outcome.reason is not None:
                status = refusal_status(outcome.reason, version, overrides)
                address = destination.dest_addr_ton, destination.dest_addr_npi, destination.destination_addr
                failed.append(UnsuccessSme(*address, status))
            elif not shown_id:
                shown_id = self._shown.shown_of(outcome.message_id)
            elif outcome.message is not None:
                self._shown.show_as(outcome.message_id, shown_id, changes)
        message_id = ""
        if shown_id:
            short = version < VERSION_3_4 or account.terms.message_id_form == "short"
            message_id = self._names.give(account.account_no, shown_id, changes) if short else str(shown_id)
        statuses = {one.error_status_code for one in failed}
        every_one_s = statuses.pop() if len(statuses) == 1 else int(CommandStatus.ESME_RSUBMITFAIL)
        return SubmitMultiResp(
            sequence_number=pdu.sequence_number,
            command_status=0 if shown_id else every_one_s,
            message_id=message_id,
            unsuccess_sme=tuple(failed[:UNSUCCESSFUL_MAX]),
        )


def _submit_sm_to(pdu: SubmitMulti, destination: SmeDestination) -> SubmitSm:
    return SubmitSm(
        dest_addr_ton=destination.dest_addr_ton,
        dest_addr_npi=destination.dest_addr_npi,
        destination_addr=destination.destination_addr,
        **{name: getattr(pdu, name) for name in _COPIED},
    )
