"""The witness: rows are JSON whatever the addresses are."""

import json

from hypothesis import given
from hypothesis import strategies as st

from operator_push.smpp.pdu import DeliverSm
from smsc_sim.line_file import LineFile
from smsc_sim.parcel import Parcel
from smsc_sim.witness import Witness, address_part, key_part

TEXT = st.text(st.characters(max_codepoint=255), max_size=20)


@given(TEXT, TEXT, TEXT, st.none() | st.integers(0, 65535))
def test_every_row_is_one_line_of_json_with_ascending_numbers(source, destination, detail, reference):
    file = LineFile(None)
    witness = Witness(file)
    addresses, key = address_part(source, destination), key_part(reference, "77")
    parcel = Parcel(DeliverSm(), True, f'{addresses},"kind":"receipt"{key}', tries=1)
    witness.bind_event(1, "b1", "in", "bind_transceiver", source, "accepted", "ESME_ROK")
    witness.submit_accepted(2, "b1", 5, addresses + key)
    witness.request_refused(3, "b1", "submit_sm", 6, addresses, key_part(reference, ""), "ESME_RTHROTTLED")
    witness.submit_answered(4, "b1", 5, addresses + key, "answered")
    witness.delivered_to_esme(5, "b1", 1, parcel)
    witness.answered_by_esme(6, "b1", 1, parcel, "unanswered", "")
    witness.stream_event(7, "b1", "closed", detail)
    witness.violation(8, "b1", "submit_sm", 9, "", detail)
    assert all(line.count("\n") == 1 and line.endswith("\n") for line in file.lines)
    rows = [json.loads(line) for line in file.lines]
    assert [row["n"] for row in rows] == list(range(1, 9))
    assert [row["t"] for row in rows] == list(range(1, 9))
    for row in rows[1:6]:
        assert (row["source"], row["destination"]) == (source, destination)
        assert row.get("user_message_reference") == reference
    assert "smsc_message_id" not in rows[2]
    assert rows[4]["decision"] == "sent"
    assert rows[6]["detail"] == rows[7]["detail"] == detail


def test_rows_that_nobody_keeps_are_counted_and_not_made():
    file = LineFile(None, is_read=False)
    witness = Witness(file)
    parcel = Parcel(DeliverSm(), True, "", tries=1)

    def life_of_a_message():
        witness.submit_accepted(2, "b1", 5, "")
        witness.submit_answered(4, "b1", 5, "", "answered")
        witness.delivered_to_esme(5, "b1", 1, parcel)
        witness.answered_by_esme(6, "b1", 1, parcel, "acknowledged", "ESME_ROK")

    life_of_a_message()
    assert (file.lines, witness.rows_written) == ([], 4)
    file.tail = []
    life_of_a_message()
    assert [json.loads(line)["n"] for line in file.lines] == [5, 6, 7, 8]
