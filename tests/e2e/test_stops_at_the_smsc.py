"""STOP on the wire: what the SMSC still holds is cancelled there, and nothing more is sent."""

from pathlib import Path

from product import Programs, until
from raw_esme import AskingEsme
from raw_smsc import RawSmsc

from operator_push.smpp.pdu import CancelSm, DeliverSm, SubmitSm

PERSON = "919812340001"
NO_QUIET_HOURS = "[policy.quiet_hours]\nenabled = false\n"


def test_a_stop_cancels_what_the_smsc_holds_and_nothing_follows(tmp_path: Path) -> None:
    with RawSmsc() as smsc:
        programs = Programs(tmp_path, more=NO_QUIET_HOURS)
        programs.sim_port = smsc.port
        try:
            programs.start_product()
            programs.add_account(traffic_class="promotional", brand="Chai")
            programs.call("subscriber.import", columns=["line", "msisdn"], rows=[[1, PERSON]])
            act = {"brand": "Chai", "category": "*", "purpose": "dpv:DirectMarketing", "channel": "sms"}
            said = {"action": "grant", "at": "2026-01-01T00:00:00Z", "method": "web", "evidence": "form 7"}
            answer = programs.call("consent.import", rows=[{"line": 1, "msisdn": PERSON, **act, **said}])
            assert (answer["applied"], answer["rejected"]) == (1, [])
            until(lambda: all(programs.call("stats")["links"].values()), "the bind at the SMSC")
            with AskingEsme(programs.smpp_port) as esme:
                esme.bind()
                esme.submit(PERSON)
                smsc.next(SubmitSm)
                until(lambda: programs.call("stats")["in_flight"] == 0, "the SMSC's answer")
                stop = DeliverSm(
                    source_addr=PERSON, source_addr_ton=1, destination_addr="56070", short_message=b"STOP"
                )
                smsc.deliver(stop)
                cancelled = smsc.next(CancelSm)
                assert isinstance(cancelled, CancelSm)
                assert cancelled.message_id == f"m{smsc.ids_given}"
                assert cancelled.destination_addr == PERSON
                until(lambda: programs.call("stats")["open_messages"] == 0, "the end of the message")
                assert programs.call("stats")["meters"]["mo.stop_cancelled"] == 1
                before = smsc.ids_given
                refused = esme.ask(SubmitSm(source_addr="SHOP", source_addr_ton=5, destination_addr=PERSON))
                assert refused.command_status != 0
                assert smsc.ids_given == before
        finally:
            programs.stop()
