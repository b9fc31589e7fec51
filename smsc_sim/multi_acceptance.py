"""Multi acceptance: what the SMSC does with a submit_multi, until its response.

Every recipient, those of distribution lists included, is a message of its own with its own fate, receipt and
CDR row; all have one smsc_message_id, as SMPP v3.4 section 4.5.2 has it. Who is refused stands in the
response.
"""

from operator_push.smpp.codec import response_to
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import SubmitMulti, SubmitSm
from smsc_sim.acceptance import Acceptance
from smsc_sim.bind import Identity, SimBind
from smsc_sim.counters import Counters
from smsc_sim.message import SimMessage, message_reference
from smsc_sim.message_book import MessageBook
from smsc_sim.recipients import DistributionLists, multi_response, single_submits
from smsc_sim.scenario import Scenario
from smsc_sim.tries import Tries
from smsc_sim.witness import Witness, address_part, key_part


class MultiAcceptance:
    """The desk of one virtual SMSC at which messages for many are taken."""

    def __init__(
        self,
        single: Acceptance,
        tries: Tries,
        book: MessageBook,
        witness: Witness,
        counters: Counters,
    ) -> None:
        self._single = single
        self._tries = tries
        self._book = book
        self._witness = witness
        self._counters = counters

    def configure(self, scenario: Scenario) -> None:
        """These distribution lists from now on."""
        self._lists = DistributionLists(scenario.distribution_lists)

    def submit(self, bind: SimBind, pdu: SubmitMulti, now: float, t: int) -> None:
        """Take one submit_multi."""
        identity = bind.identity
        submits = single_submits(pdu, self._lists)
        if identity is None or isinstance(submits, CommandStatus):
            status = submits if isinstance(submits, CommandStatus) else CommandStatus.ESME_RINVBNDSTS
            self._counters.other_requests_refused += 1
            addresses = address_part(pdu.source_addr, "")
            self._witness.request_refused(
                t, bind.name, "submit_multi", pdu.sequence_number, addresses, "", status.name
            )
            bind.session.send_response(response_to(pdu, status))
            bind.mark_dirty()
            return
        latency_s = self._single.latency_s(identity)
        accepted: list[SimMessage] = []
        refused: list[tuple[SubmitSm, CommandStatus]] = []
        for submit in submits:
            one = self._recipient(bind, identity, submit, accepted, now, latency_s, t)
            if isinstance(one, CommandStatus):
                refused.append((submit, one))
            else:
                accepted.append(one)
        identifier = accepted[0].smsc_message_id if accepted else ""
        if len(accepted) > 1:
            self._book.share_id(identifier, tuple(message.key for message in accepted))
        bind.outstanding_submits += 1
        response = multi_response(pdu.sequence_number, identifier, refused)
        members = address_part(pdu.source_addr, "") + key_part(message_reference(submits[0]), identifier)
        self._single.respond_after(latency_s, now, t, bind, response, members, "submit_multi_resp")

    def _recipient(
        self,
        bind: SimBind,
        identity: Identity,
        submit: SubmitSm,
        before: list[SimMessage],
        now: float,
        latency_s: float,
        t: int,
    ) -> SimMessage | CommandStatus:
        """The message for one recipient, or why there is none; `before` are those of this submit_multi."""
        counters, number = self._counters, submit.sequence_number
        counters.submits_received += 1
        times = self._single.times_or_refusal(bind, submit, now, t)
        addresses = address_part(submit.source_addr, submit.destination_addr)
        if isinstance(times, CommandStatus):
            counters.submits_refused += 1
            key = key_part(message_reference(submit), "")
            self._witness.request_refused(t, bind.name, "submit_multi", number, addresses, key, times.name)
            return times
        identifier = before[0].smsc_message_id if before else identity.lane.next_id()
        key = f"{identifier}/{len(before) + 1}" if before else identifier
        message, _ = self._single.accept(bind, identity, submit, identifier, key, t)
        self._witness.submit_accepted(t, bind.name, number, addresses + message.witness_key, "submit_multi")
        self._tries.plan(message, *self._single.moments(now + latency_s, times))
        return message
