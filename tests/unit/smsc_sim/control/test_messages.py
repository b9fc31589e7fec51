"""Messages by number, from rows of the witness and of CDR files that were flushed or not."""

from smsc_sim.cdr_files import HEADER
from smsc_sim.control.messages import RowTail, SmscRows, messages_of
from smsc_sim.line_file import LineFile
from smsc_sim.parcel import Parcel
from smsc_sim.witness import Witness, address_part, key_part

NUMBER, SENDER = "919876543210", "56070"


class Records:
    def __init__(self, rows_max=100, smsc=""):
        self.file, self.cdr_file = LineFile(None), LineFile(None)
        witness_tail = RowTail(rows_max, lambda: self.file.lines)
        cdr_tail = RowTail(rows_max, lambda: self.cdr_file.lines)
        self.file.tail, self.cdr_file.tail = witness_tail.kept, cdr_tail.kept
        self.witness = Witness(self.file)
        self.rows = SmscRows(smsc, witness_tail, cdr_tail)
        self.cdr_file.lines.append(HEADER)

    def accepted(self, identifier, number=NUMBER, t=1):
        self.witness.submit_accepted(t, "b1", 5, address_part(SENDER, number) + key_part(258, identifier))

    def receipt(self, identifier, number=NUMBER):
        part = f'{address_part(number, SENDER)},"kind":"receipt"{key_part(258, identifier)}'
        self.witness.delivered_to_esme(2, "b1", 9, Parcel(None, True, part, tries=1))

    def ended(self, identifier, number=NUMBER, state="DELIVERED"):
        self.cdr_file.lines.append(
            f"{identifier},shop,{SENDER},{number},258,2026-11-21T09:30:00.000001Z,"
            f"2026-11-21T09:30:01.000001Z,{state},0,0,2,,,\n"
        )


def test_a_message_has_its_addresses_its_state_and_its_rows():
    records = Records()
    records.accepted("77")
    records.accepted("78", number="918888888888")
    records.file.flush()
    records.receipt("77")
    found = messages_of(NUMBER, [records.rows], 10)
    [message] = found["messages"]
    assert (message["smsc_message_id"], message["state"]) == ("77", "ENROUTE")
    assert (message["source"], message["destination"]) == (SENDER, NUMBER)
    assert message["user_message_reference"] == 258
    assert [row["command"] for row in message["rows"]] == ["submit_sm", "deliver_sm"]
    records.ended("77")
    records.cdr_file.flush()
    [message] = messages_of(NUMBER, [records.rows], 10)["messages"]
    assert (message["state"], message["error_code"], message["system_id"]) == ("DELIVERED", 0, "shop")
    assert message["final_time"] == "2026-11-21T09:30:01.000001Z"


def test_a_sender_finds_its_messages_too_and_the_newest_come_first():
    records = Records()
    for number in range(5):
        records.accepted(str(number), number=f"9198765{number}")
    found = messages_of(SENDER, [records.rows], 2)
    assert [message["smsc_message_id"] for message in found["messages"]] == ["4", "3"]
    assert found["messages_found"] == 5
    assert messages_of("9198", [records.rows], 2)["messages_found"] == 0


def test_what_has_no_id_is_other():
    records = Records()
    addresses = address_part(SENDER, NUMBER)
    records.witness.request_refused(3, "b1", "submit_sm", 6, addresses, "", "ESME_RTHROTTLED")
    found = messages_of(NUMBER, [records.rows], 10)
    assert found["messages"] == []
    [row] = found["other"]
    assert row["status"] == "ESME_RTHROTTLED"


def test_a_receipt_alone_is_turned_round_and_a_cdr_row_alone_is_enough():
    records = Records(rows_max=1)
    records.accepted("77")
    records.receipt("77")
    records.file.flush()
    [message] = messages_of(NUMBER, [records.rows], 10)["messages"]
    assert (message["source"], message["destination"]) == (SENDER, NUMBER)
    records.ended("70", state="EXPIRED")
    states = {m["smsc_message_id"]: m["state"] for m in messages_of(NUMBER, [records.rows], 10)["messages"]}
    assert states == {"77": "ENROUTE", "70": "EXPIRED"}


def test_several_virtual_smscs_are_searched():
    north, south = Records(smsc="north"), Records(smsc="south")
    north.accepted("1")
    south.accepted("1")
    found = messages_of(NUMBER, [north.rows, south.rows], 10)
    assert [message["smsc"] for message in found["messages"]] == ["south", "north"]
