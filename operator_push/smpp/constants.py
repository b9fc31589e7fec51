"""Constants: the numbers of SMPP v3.4 and 5.0 under the names that the specifications give them.

Laws: a name stands for one number; where 5.0 renamed a status, both names are there (the 3.4 one first, so
that it is the one shown). Numbers that arrive on the wire stay plain `int` in PDUs, because reserved and
vendor values are carried; these enumerations name them.
Not here: the legal lengths of TLVs (tlv.py), what a value means for a message
(domain), which alphabet a data_coding selects (text).
"""

from enum import IntEnum, IntFlag
from typing import Final

HEADER_OCTETS: Final = 16  # SMPP v3.4 section 3.2: four integers of four octets.
PDU_OCTETS_MAX: Final = 70_000  # Ours: bounds memory per bind, and a 65,535-octet message_payload fits.
SEQUENCE_NUMBER_MAX: Final = 0x7FFFFFFF  # SMPP v3.4 section 5.1.4; 1 is the first.
RESPONSE_BIT: Final = 0x80000000  # SMPP v3.4 section 5.1.2.1: set in the command_id of every response.
SHORT_MESSAGE_OCTETS_MAX: Final = 254  # SMPP v3.4 section 5.2.21; 255 can be written in sm_length, not meant.

VERSION_3_3: Final = 0x33
VERSION_3_4: Final = 0x34
VERSION_5_0: Final = 0x50


class CommandId(IntEnum):
    """command_id (SMPP v3.4 section 5.1.2.1, table 5-1; SMPP v5.0 section 4.7.5 for broadcast)."""

    generic_nack = 0x80000000
    bind_receiver = 0x00000001
    bind_receiver_resp = 0x80000001
    bind_transmitter = 0x00000002
    bind_transmitter_resp = 0x80000002
    query_sm = 0x00000003
    query_sm_resp = 0x80000003
    submit_sm = 0x00000004
    submit_sm_resp = 0x80000004
    deliver_sm = 0x00000005
    deliver_sm_resp = 0x80000005
    unbind = 0x00000006
    unbind_resp = 0x80000006
    replace_sm = 0x00000007
    replace_sm_resp = 0x80000007
    cancel_sm = 0x00000008
    cancel_sm_resp = 0x80000008
    bind_transceiver = 0x00000009
    bind_transceiver_resp = 0x80000009
    outbind = 0x0000000B
    enquire_link = 0x00000015
    enquire_link_resp = 0x80000015
    submit_multi = 0x00000021
    submit_multi_resp = 0x80000021
    alert_notification = 0x00000102
    data_sm = 0x00000103
    data_sm_resp = 0x80000103
    broadcast_sm = 0x00000111
    broadcast_sm_resp = 0x80000111
    query_broadcast_sm = 0x00000112
    query_broadcast_sm_resp = 0x80000112
    cancel_broadcast_sm = 0x00000113
    cancel_broadcast_sm_resp = 0x80000113


class CommandStatus(IntEnum):
    """command_status (SMPP v3.4 section 5.1.3, table 5-2; from 0x100 on SMPP v5.0 section 4.7.6).

    0x400..0x4FF is for SMSC vendors; every other number without a name is reserved. Both are carried as int.
    """

    ESME_ROK = 0x00000000
    ESME_RINVMSGLEN = 0x00000001
    ESME_RINVCMDLEN = 0x00000002
    ESME_RINVCMDID = 0x00000003
    ESME_RINVBNDSTS = 0x00000004
    ESME_RALYBND = 0x00000005
    ESME_RINVPRTFLG = 0x00000006
    ESME_RINVREGDLVFLG = 0x00000007
    ESME_RSYSERR = 0x00000008
    ESME_RINVSRCADR = 0x0000000A
    ESME_RINVDSTADR = 0x0000000B
    ESME_RINVMSGID = 0x0000000C
    ESME_RBINDFAIL = 0x0000000D
    ESME_RINVPASWD = 0x0000000E
    ESME_RINVSYSID = 0x0000000F
    ESME_RCANCELFAIL = 0x00000011
    ESME_RREPLACEFAIL = 0x00000013
    ESME_RMSGQFUL = 0x00000014
    ESME_RINVSERTYP = 0x00000015
    ESME_RINVNUMDESTS = 0x00000033
    ESME_RINVDLNAME = 0x00000034
    ESME_RINVDESTFLAG = 0x00000040
    ESME_RINVSUBREP = 0x00000042
    ESME_RINVESMCLASS = 0x00000043
    ESME_RCNTSUBDL = 0x00000044
    ESME_RSUBMITFAIL = 0x00000045
    ESME_RINVSRCTON = 0x00000048
    ESME_RINVSRCNPI = 0x00000049
    ESME_RINVDSTTON = 0x00000050
    ESME_RINVDSTNPI = 0x00000051
    ESME_RINVSYSTYP = 0x00000053
    ESME_RINVREPFLAG = 0x00000054
    ESME_RINVNUMMSGS = 0x00000055
    ESME_RTHROTTLED = 0x00000058
    ESME_RINVSCHED = 0x00000061
    ESME_RINVEXPIRY = 0x00000062
    ESME_RINVDFTMSGID = 0x00000063
    ESME_RX_T_APPN = 0x00000064
    ESME_RX_P_APPN = 0x00000065
    ESME_RX_R_APPN = 0x00000066
    ESME_RQUERYFAIL = 0x00000067
    ESME_RINVOPTPARSTREAM = 0x000000C0
    ESME_RINVTLVSTREAM = 0x000000C0  # the name in 5.0; so with the next four
    ESME_ROPTPARNOTALLWD = 0x000000C1
    ESME_RTLVNOTALLWD = 0x000000C1
    ESME_RINVPARLEN = 0x000000C2
    ESME_RINVTLVLEN = 0x000000C2
    ESME_RMISSINGOPTPARAM = 0x000000C3
    ESME_RMISSINGTLV = 0x000000C3
    ESME_RINVOPTPARAMVAL = 0x000000C4
    ESME_RINVTLVVAL = 0x000000C4
    ESME_RDELIVERYFAILURE = 0x000000FE
    ESME_RUNKNOWNERR = 0x000000FF
    ESME_RSERTYPUNAUTH = 0x00000100
    ESME_RPROHIBITED = 0x00000101
    ESME_RSERTYPUNAVAIL = 0x00000102
    ESME_RSERTYPDENIED = 0x00000103
    ESME_RINVDCS = 0x00000104
    ESME_RINVSRCADDRSUBUNIT = 0x00000105
    ESME_RINVDSTADDRSUBUNIT = 0x00000106
    ESME_RINVBCASTFREQINT = 0x00000107
    ESME_RINVBCASTALIAS_NAME = 0x00000108
    ESME_RINVBCASTAREAFMT = 0x00000109
    ESME_RINVNUMBCAST_AREAS = 0x0000010A
    ESME_RINVBCASTCNTTYPE = 0x0000010B
    ESME_RINVBCASTMSGCLASS = 0x0000010C
    ESME_RBCASTFAIL = 0x0000010D
    ESME_RBCASTQUERYFAIL = 0x0000010E
    ESME_RBCASTCANCELFAIL = 0x0000010F
    ESME_RINVBCAST_REP = 0x00000110
    ESME_RINVBCASTSRVGRP = 0x00000111
    ESME_RINVBCASTCHANIND = 0x00000112


def command_name(command_id: int) -> str | None:
    """The specification's name of a command_id, or None where it has none."""
    known = _COMMANDS.get(command_id)
    return known.name if known is not None else None


def status_name(command_status: int) -> str:
    """The 3.4 name of a command_status ("ESME_RINVDSTADR"), or its number as "0x0000042e"."""
    known = _STATUSES.get(command_status)
    return known.name if known is not None else f"0x{command_status:08x}"


class Ton(IntEnum):
    """Type of number (SMPP v3.4 section 5.2.5)."""

    UNKNOWN = 0
    INTERNATIONAL = 1
    NATIONAL = 2
    NETWORK_SPECIFIC = 3
    SUBSCRIBER_NUMBER = 4
    ALPHANUMERIC = 5
    ABBREVIATED = 6


class Npi(IntEnum):
    """Numbering plan indicator (SMPP v3.4 section 5.2.6)."""

    UNKNOWN = 0
    ISDN = 1  # E.163, E.164
    DATA = 3  # X.121
    TELEX = 4  # F.69
    LAND_MOBILE = 6  # E.212
    NATIONAL = 8
    PRIVATE = 9
    ERMES = 10
    INTERNET = 14
    WAP_CLIENT_ID = 18


class DataCoding(IntEnum):
    """data_coding (SMPP v3.4 section 5.2.19). Octets from 0xC0 on follow 3GPP TS 23.038 instead."""

    SMSC_DEFAULT = 0
    IA5 = 1  # CCITT T.50, ASCII
    OCTET_UNSPECIFIED = 2
    LATIN_1 = 3  # ISO 8859-1
    OCTET_UNSPECIFIED_COMMON = 4
    JIS = 5  # X 0208-1990
    CYRILLIC = 6  # ISO 8859-5
    LATIN_HEBREW = 7  # ISO 8859-8
    UCS2 = 8  # ISO/IEC 10646
    PICTOGRAM = 9
    ISO_2022_JP = 10  # music codes
    EXTENDED_KANJI = 13  # JIS X 0212-1990
    KS_C_5601 = 14


class EsmClass(IntFlag):
    """Bits of esm_class (SMPP v3.4 section 5.2.12): mode in 1-0, message type in 5-2, GSM features in 7-6."""

    MODE_DEFAULT = 0x00
    MODE_DATAGRAM = 0x01
    MODE_FORWARD = 0x02
    MODE_STORE_AND_FORWARD = 0x03
    SMSC_DELIVERY_RECEIPT = 0x04
    DELIVERY_ACKNOWLEDGEMENT = 0x08
    MANUAL_ACKNOWLEDGEMENT = 0x10
    CONVERSATION_ABORT = 0x18
    INTERMEDIATE_NOTIFICATION = 0x20
    UDHI = 0x40
    REPLY_PATH = 0x80


ESM_CLASS_MODE_MASK: Final = 0x03
ESM_CLASS_TYPE_MASK: Final = 0x3C


class RegisteredDelivery(IntFlag):
    """Bits of registered_delivery (SMPP v3.4 section 5.2.17)."""

    NO_RECEIPT = 0x00
    RECEIPT = 0x01
    RECEIPT_ON_FAILURE = 0x02
    RECEIPT_ON_SUCCESS = 0x03  # 5.0 only (section 4.7.21); reserved in 3.4
    DELIVERY_ACKNOWLEDGEMENT = 0x04
    MANUAL_ACKNOWLEDGEMENT = 0x08
    INTERMEDIATE_NOTIFICATION = 0x10


REGISTERED_DELIVERY_RECEIPT_MASK: Final = 0x03


class MessageState(IntEnum):
    """message_state (SMPP v3.4 section 5.2.28; SCHEDULED and SKIPPED are 5.0, section 4.7.15)."""

    SCHEDULED = 0
    ENROUTE = 1
    DELIVERED = 2
    EXPIRED = 3
    DELETED = 4
    UNDELIVERABLE = 5
    ACCEPTED = 6
    UNKNOWN = 7
    REJECTED = 8
    SKIPPED = 9


class DestFlag(IntEnum):
    """dest_flag of submit_multi (SMPP v3.4 section 5.2.25)."""

    SME_ADDRESS = 1
    DISTRIBUTION_LIST = 2


class TlvTag(IntEnum):
    """Tags by the specification's names (SMPP v3.4 section 5.3.1, table 5-7; 5.0 section 4.8.1)."""

    dest_addr_subunit = 0x0005
    dest_network_type = 0x0006
    dest_bearer_type = 0x0007
    dest_telematics_id = 0x0008
    source_addr_subunit = 0x000D
    source_network_type = 0x000E
    source_bearer_type = 0x000F
    source_telematics_id = 0x0010
    qos_time_to_live = 0x0017
    payload_type = 0x0019
    additional_status_info_text = 0x001D
    receipted_message_id = 0x001E
    ms_msg_wait_facilities = 0x0030
    privacy_indicator = 0x0201
    source_subaddress = 0x0202
    dest_subaddress = 0x0203
    user_message_reference = 0x0204
    user_response_code = 0x0205
    source_port = 0x020A
    destination_port = 0x020B
    sar_msg_ref_num = 0x020C
    language_indicator = 0x020D
    sar_total_segments = 0x020E
    sar_segment_seqnum = 0x020F
    sc_interface_version = 0x0210
    callback_num_pres_ind = 0x0302
    callback_num_atag = 0x0303
    number_of_messages = 0x0304
    callback_num = 0x0381
    dpf_result = 0x0420
    set_dpf = 0x0421
    ms_availability_status = 0x0422
    network_error_code = 0x0423
    message_payload = 0x0424
    delivery_failure_reason = 0x0425
    more_messages_to_send = 0x0426
    message_state = 0x0427
    congestion_state = 0x0428  # 5.0
    ussd_service_op = 0x0501
    broadcast_channel_indicator = 0x0600  # 5.0, down to dest_addr_np_country
    broadcast_content_type = 0x0601
    broadcast_content_type_info = 0x0602
    broadcast_message_class = 0x0603
    broadcast_rep_num = 0x0604
    broadcast_frequency_interval = 0x0605
    broadcast_area_identifier = 0x0606
    broadcast_error_status = 0x0607
    broadcast_area_success = 0x0608
    broadcast_end_time = 0x0609
    broadcast_service_group = 0x060A
    billing_identification = 0x060B
    source_network_id = 0x060D
    dest_network_id = 0x060E
    source_node_id = 0x060F
    dest_node_id = 0x0610
    dest_addr_np_resolution = 0x0611
    dest_addr_np_information = 0x0612
    dest_addr_np_country = 0x0613
    display_time = 0x1201
    sms_signal = 0x1203
    ms_validity = 0x1204
    alert_on_message_delivery = 0x130C
    its_reply_type = 0x1380
    its_session_info = 0x1383


_COMMANDS: Final[dict[int, CommandId]] = {int(known): known for known in CommandId}
_STATUSES: Final[dict[int, CommandStatus]] = {int(known): known for known in CommandStatus}
