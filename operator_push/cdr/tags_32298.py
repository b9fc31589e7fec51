"""The SMS records of 3GPP TS 32.298: which tag is which field, and of what kind.

Numbers and names of release 16, section 5.2.4 (SMS) with the shared types of 5.1.3.1; the tables are our own.
A tag that is not here is kept as it came. What the fields mean for a message: smsc_message.
"""

from collections.abc import Mapping

from operator_push.cdr.ber import UNIVERSAL, context
from operator_push.cdr.field_kinds import (
    ADDRESS,
    BOOLEAN,
    DIGITS,
    INTEGER,
    NULL,
    OBJECT_IDENTIFIER,
    OCTETS,
    TEXT,
    TIME_STAMP,
    Choice,
    Field,
    Fields,
    Kind,
    Names,
    Several,
)

SC_SMO, SC_SMT = "sCSMORecord", "sCSMTRecord"
SEQUENCE = UNIVERSAL | 16
_OBJECT_IDENTIFIER = UNIVERSAL | 6


def _fields(table: Mapping[int, tuple[str, Kind]]) -> Fields:
    return Fields({context(number): Field(name, kind) for number, (name, kind) in table.items()})


# Whatever it holds is kept as it came.
_OPAQUE = Fields({})

RECORD_TYPE = Names(
    {
        6: "moSMSRecord",
        7: "mtSMSRecord",
        93: SC_SMO,
        94: SC_SMT,
        110: "sCDVTT4Record",
        111: "sCSMOT4Record",
        112: "iSMSMORecord",
        113: "iSMSMTRecord",
    }
)
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

_DOMAIN = _fields({0: ("sMDomainName", TEXT), 1: ("threeGPPIMSI-MCC-MNC", OCTETS)})
_ADDRESS_INFO = _fields(
    {0: ("sMAddressType", ADDRESS_TYPE), 1: ("sMAddressData", TEXT), 2: ("sMAddressDomain", _DOMAIN)}
)
_ADDRESSES = Several(SEQUENCE, _ADDRESS_INFO)
_INTERFACE = _fields(
    {
        0: ("interfaceId", TEXT),
        1: ("interfaceText", TEXT),
        2: ("interfacePort", TEXT),
        3: ("interfaceType", INTERFACE_TYPE),
    }
)
_ORIGINATOR = _fields(
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
_RECIPIENT = _fields(
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
# ManagementExtension: the information is ANY, under an explicit tag.
_EXTENSION = Fields(
    {
        _OBJECT_IDENTIFIER: Field("identifier", OBJECT_IDENTIFIER),
        context(1): Field("significance", BOOLEAN),
        context(2): Field("information", _OPAQUE),
    }
)
_RESULT = Choice(
    {
        context(0): Field("gsm0408Cause", INTEGER),
        context(1): Field("gsm0902MapErrorValue", INTEGER),
        context(2): Field("itu-tQ767Cause", INTEGER),
        context(3): Field("networkSpecificCause", _EXTENSION),
        context(4): Field("manufacturerSpecificCause", _EXTENSION),
        context(5): Field("positionMethodFailureCause", INTEGER),
        context(6): Field("unauthorizedLCSClientCause", INTEGER),
        context(7): Field("diameterResultCodeAndExperimentalResult", INTEGER),
    }
)
_TRIGGER = _fields(
    {
        1: ("sMDTReferenceNumber", INTEGER),
        3: ("sMDTValidityPeriod", INTEGER),
        4: ("sMDTPriorityIndication", Names({0: "nonpriority", 1: "priority"})),
        5: ("sMSApplicationPortID", INTEGER),
    }
)
_EXTENSIONS = Several(SEQUENCE, _EXTENSION)

_SC_SMO = _fields(
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
        19: ("sMSResult", _RESULT),
        22: ("localSequenceNumber", INTEGER),
        23: ("recordExtensions", _EXTENSIONS),
    }
)
_SC_SMT = _fields(
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
        23: ("sMSResult", _RESULT),
        25: ("sMDeviceTriggerInformation", _TRIGGER),
        26: ("localSequenceNumber", INTEGER),
        27: ("recordExtensions", _EXTENSIONS),
    }
)

# The CHOICE of all records, as far as they are of SMS. sCSMOT4Record is typed as an SC-SMT record in the
# release 16 text, a slip; both readings keep every octet, so the slip is followed.
SMS_RECORDS: Mapping[int, Field] = {
    context(93): Field(SC_SMO, _SC_SMO),
    context(94): Field(SC_SMT, _SC_SMT),
    context(111): Field("sCSMOT4Record", _SC_SMT),
}
