"""The SMS records of 3GPP TS 32.298: which tag is which field, and of what kind.

Numbers and names of release 16, section 5.2.4 (SMS) with the shared types of 5.1.3.1; the tables are our own.
A tag that is not here is kept as it came. What the fields mean for a message: smsc_message.
"""

from collections.abc import Mapping

from operator_push.cdr.ber import context
from operator_push.cdr.field_kinds import (
    ADDRESS,
    BOOLEAN,
    DIGITS,
    INTEGER,
    NULL,
    OCTETS,
    TEXT,
    TIME_STAMP,
    Field,
    Kind,
    Names,
    Several,
)
from operator_push.cdr.shared_fields_32298 import (
    EXTENSIONS,
    RECORD_TYPE,
    RESULT,
    SEQUENCE,
    numbered,
    table,
)

SC_SMO, SC_SMT = "sCSMORecord", "sCSMTRecord"

ADDRESS_TYPE = Names(
    {
        0: "emailAddress",
        1: "mSISDN",
        2: "iPv4Address",
        3: "iPv6Address",
        4: "numericShortCode",
        5: "alphanumericShortCode",
        6: "other",
        7: "iMSI",
        8: "nAI",
        9: "externalId",
    }
)
INTERFACE_TYPE = Names(
    {
        0: "unkown",  # so spelt by the standard
        1: "mobileOriginating",
        2: "mobileTerminating",
        3: "applicationOriginating",
        4: "applicationTerminating",
        5: "deviceTrigger",
    }
)
MESSAGE_TYPE = Names(
    {
        0: "submission",
        1: "deliveryReport",
        2: "sMServiceRequest",
        3: "delivery",
        4: "t4DeviceTrigger",
        5: "sMDeviceTrigger",
    }
)
MESSAGE_CLASS = Names({0: "personal", 1: "advertisement", 2: "information-service", 3: "auto"})
PRIORITY = Names({0: "low", 1: "normal", 2: "high"})

_DOMAIN = numbered({0: ("sMDomainName", TEXT), 1: ("threeGPPIMSI-MCC-MNC", OCTETS)})
_ADDRESS_INFO = numbered(
    {0: ("sMAddressType", ADDRESS_TYPE), 1: ("sMAddressData", TEXT), 2: ("sMAddressDomain", _DOMAIN)}
)
_ADDRESSES = Several(SEQUENCE, _ADDRESS_INFO)
_INTERFACE = numbered(
    {
        0: ("interfaceId", TEXT),
        1: ("interfaceText", TEXT),
        2: ("interfacePort", TEXT),
        3: ("interfaceType", INTERFACE_TYPE),
    }
)
_ORIGINATOR = numbered(
    {
        0: ("originatorIMSI", DIGITS),
        1: ("originatorMSISDN", ADDRESS),
        2: ("originatorOtherAddress", _ADDRESS_INFO),
        3: ("originatorSCCPAddress", ADDRESS),
        4: ("originatorReceivedAddress", _ADDRESS_INFO),
        5: ("sMOriginatorInterface", _INTERFACE),
        6: ("sMOriginatorProtocolID", OCTETS),
        7: ("originatorOtherAddresses", _ADDRESSES),
    }
)
_RECIPIENT = numbered(
    {
        0: ("recipientIMSI", DIGITS),
        1: ("recipientMSISDN", ADDRESS),
        2: ("recipientOtherAddress", _ADDRESS_INFO),
        3: ("recipientSCCPAddress", ADDRESS),
        4: ("recipientReceivedAddress", _ADDRESS_INFO),
        5: ("sMDestinationInterface", _INTERFACE),
        6: ("sMRecipientProtocolID", OCTETS),
        7: ("recipientOtherAddresses", _ADDRESSES),
    }
)
_TRIGGER = numbered(
    {
        1: ("sMDTReferenceNumber", INTEGER),
        3: ("sMDTValidityPeriod", INTEGER),
        4: ("sMDTPriorityIndication", Names({0: "nonpriority", 1: "priority"})),
        5: ("sMSApplicationPortID", INTEGER),
    }
)

_SC_SMO = numbered(
    {
        0: ("recordType", RECORD_TYPE),
        1: ("sMSNodeAddress", ADDRESS),
        2: ("originatorInfo", _ORIGINATOR),
        3: ("recipientInfo", Several(SEQUENCE, _RECIPIENT)),
        4: ("servedIMEI", DIGITS),
        5: ("eventtimestamp", TIME_STAMP),
        6: ("messageReference", OCTETS),
        7: ("sMTotalNumber", INTEGER),
        8: ("sMSequenceNumber", INTEGER),
        9: ("messageSize", INTEGER),
        10: ("messageClass", MESSAGE_CLASS),
        11: ("sMdeliveryReportRequested", BOOLEAN),
        12: ("sMDataCodingScheme", INTEGER),
        13: ("sMMessageType", MESSAGE_TYPE),
        14: ("sMReplyPathRequested", NULL),
        15: ("sMUserDataHeader", OCTETS),
        16: ("userLocationInfo", OCTETS),
        17: ("rATType", INTEGER),
        18: ("uETimeZone", OCTETS),
        19: ("sMSResult", RESULT),
        22: ("localSequenceNumber", INTEGER),
        23: ("recordExtensions", EXTENSIONS),
    }
)
_SC_SMT = numbered(
    {
        0: ("recordType", RECORD_TYPE),
        1: ("sMSNodeAddress", ADDRESS),
        2: ("recipientInfo", _RECIPIENT),
        3: ("originatorInfo", _ORIGINATOR),
        4: ("servedIMEI", DIGITS),
        5: ("submissionTime", TIME_STAMP),
        6: ("eventtimestamp", TIME_STAMP),
        7: ("sMPriority", PRIORITY),
        8: ("messageReference", OCTETS),
        9: ("sMTotalNumber", INTEGER),
        10: ("sMSequenceNumber", INTEGER),
        11: ("messageSize", INTEGER),
        12: ("messageClass", MESSAGE_CLASS),
        13: ("sMdeliveryReportRequested", BOOLEAN),
        14: ("sMDataCodingScheme", INTEGER),
        15: ("sMMessageType", MESSAGE_TYPE),
        16: ("sMReplyPathRequested", NULL),
        17: ("sMUserDataHeader", OCTETS),
        18: ("sMSStatus", OCTETS),
        19: ("sMDischargeTime", TIME_STAMP),
        20: ("userLocationInfo", OCTETS),
        21: ("rATType", INTEGER),
        22: ("uETimeZone", OCTETS),
        23: ("sMSResult", RESULT),
        25: ("sMDeviceTriggerInformation", _TRIGGER),
        26: ("localSequenceNumber", INTEGER),
        27: ("recordExtensions", EXTENSIONS),
    }
)

_INFO: Mapping[str, Kind] = {
    "originator": _ORIGINATOR,
    "recipient": _RECIPIENT,
    "recipients": Several(SEQUENCE, _RECIPIENT),
    "trigger": _TRIGGER,
}
_DEVICE_TRIGGER = table(
    """
    0 recordType record_type
    1 sMSNodeAddress address
    2 eventtimestamp time
    3 originatorInfo originator
    4 recipientInfo recipient
    5 sMDeviceTriggerIndicator integer
    6 sMDeviceTriggerInformation trigger
    7 sMSResult diagnostics
    9 localSequenceNumber integer
    10 recordExtensions extensions
""",
    **_INFO,
)
_MO_T4 = table(
    """
    0 recordType record_type
    1 sMSNodeAddress address
    2 originatorInfo originator
    3 recipientInfo recipient
    4 servedIMEI digits
    5 eventtimestamp time
    6 messageReference octets
    9 messageSize integer
    10 messageClass integer
    11 sMdeliveryReportRequested boolean
    12 sMDataCodingScheme integer
    13 sMMessageType integer
    14 sMReplyPathRequested null
    15 sMUserDataHeader octets
    16 userLocationInfo octets
    17 rATType integer
    18 uETimeZone octets
    19 sMSResult diagnostics
    20 mTCIWFAddress opaque
    21 sMSApplicationPortID integer
    22 externalIdentifier opaque
    23 localSequenceNumber integer
    24 recordExtensions extensions
""",
    **_INFO,
)
_IP_SM_MO = table(
    """
    0 recordType record_type
    1 sMSNodeAddress opaque
    2 originatorInfo originator
    3 recipientInfo recipients
    4 subscriberEquipmentNumber opaque
    5 eventtimestamp time
    6 messageReference octets
    7 sMTotalNumber integer
    8 sMSequenceNumber integer
    9 messageSize integer
    10 messageClass integer
    11 sMdeliveryReportRequested boolean
    12 sMDataCodingScheme integer
    13 sMMessageType integer
    14 sMReplyPathRequested null
    15 sMUserDataHeader octets
    16 sMSResult diagnostics
    17 userLocationInfo octets
    18 rATType integer
    19 uETimeZone octets
    20 pDPAddress pdp
    21 session-Id text
    22 numberPortabilityRouting text
    23 carrierSelectRouting text
    24 localSequenceNumber integer
    25 recordExtensions extensions
""",
    **_INFO,
)
_IP_SM_MT = table(
    """
    0 recordType record_type
    1 sMSNodeAddress opaque
    2 recipientInfo recipient
    3 originatorInfo originator
    4 subscriberEquipmentNumber opaque
    5 submissionTime time
    6 eventtimestamp time
    7 sMPriority integer
    8 messageReference octets
    9 sMTotalNumber integer
    10 sMSequenceNumber integer
    11 messageSize integer
    12 messageClass integer
    13 sMdeliveryReportRequested boolean
    14 sMDataCodingScheme integer
    15 sMMessageType integer
    16 sMReplyPathRequested null
    17 sMUserDataHeader octets
    18 sMSStatus octets
    19 sMDischargeTime time
    20 userLocationInfo octets
    21 rATType integer
    22 uETimeZone octets
    23 sMSResult diagnostics
    24 pDPAddress pdp
    25 session-Id text
    26 numberPortabilityRouting text
    27 carrierSelectRouting text
    28 localSequenceNumber integer
    29 recordExtensions extensions
""",
    **_INFO,
)

# The CHOICE of all records, as far as they are of SMS. sCSMOT4Record is typed as an SC-SMT record in the
# release 16 text, a slip: it is read by its own type, and what does not fit that is kept as unknown.
SMS_RECORDS: Mapping[int, Field] = {
    context(93): Field(SC_SMO, _SC_SMO),
    context(94): Field(SC_SMT, _SC_SMT),
    context(110): Field("sCDVTT4Record", _DEVICE_TRIGGER),
    context(111): Field("sCSMOT4Record", _MO_T4),
    context(112): Field("iSMSMORecord", _IP_SM_MO),
    context(113): Field("iSMSMTRecord", _IP_SM_MT),
}
