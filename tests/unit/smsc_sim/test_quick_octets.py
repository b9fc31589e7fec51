"""Quick octets: they are what the codec writes."""

from hypothesis import given
from hypothesis import strategies as st

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import MessageState
from operator_push.smpp.pdu import DeliverSm, SubmitSm, SubmitSmResp
from operator_push.smpp.tlv import TlvTag
from smsc_sim.quick_octets import DELIVER_SM, pdu_of, receipt_body, submit_sm_resp

OCTETS = st.integers(0, 255)
SEQUENCES = st.integers(1, 0x7FFFFFFF)
ADDRESSES = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=20)
IDS = st.text(st.characters(min_codepoint=1, max_codepoint=255), min_size=1, max_size=64)
TEXTS = st.text(st.characters(max_codepoint=255), max_size=254)


@given(SEQUENCES, IDS)
def test_a_submit_sm_resp_is_that_of_the_codec(sequence_number, identifier):
    expected = encode_pdu(SubmitSmResp(sequence_number=sequence_number, message_id=identifier))
    assert submit_sm_resp(sequence_number, identifier) == expected


@given(
    st.tuples(OCTETS, OCTETS, ADDRESSES),
    st.tuples(OCTETS, OCTETS, ADDRESSES),
    SEQUENCES,
    IDS,
    TEXTS,
    st.sampled_from(MessageState),
    st.none() | st.integers(0, 65535),
)
def test_a_receipt_is_that_of_the_codec(source, destination, number, identifier, text, state, reference):
    submit = SubmitSm(
        source_addr_ton=source[0],
        source_addr_npi=source[1],
        source_addr=source[2],
        dest_addr_ton=destination[0],
        dest_addr_npi=destination[1],
        destination_addr=destination[2],
    )
    tlvs = () if reference is None else ((TlvTag.user_message_reference, reference.to_bytes(2, "big")),)
    expected = DeliverSm(
        sequence_number=number,
        source_addr_ton=destination[0],
        source_addr_npi=destination[1],
        source_addr=destination[2],
        dest_addr_ton=source[0],
        dest_addr_npi=source[1],
        destination_addr=source[2],
        esm_class=4,
        short_message=text.encode("latin-1"),
        tlvs=(
            *tlvs,
            (TlvTag.receipted_message_id, identifier.encode("latin-1") + b"\0"),
            (TlvTag.message_state, bytes((state,))),
        ),
    )
    body = receipt_body(submit, identifier, text, state, reference)
    assert pdu_of(DELIVER_SM, number, body) == encode_pdu(expected)
