"""What records of 3GPP TS 32.298 share: types of section 5.1.3.1 (release 16), tables of fields as text.

A table has a line for each field: its tag's number, its name, and the word of its kind. What stands under a
word that is `opaque` is kept as it came.
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

SEQUENCE = UNIVERSAL | 16
_OBJECT_IDENTIFIER = UNIVERSAL | 6
OPAQUE = Fields({})
"""Whatever it holds is kept as it came."""

# Section 5.1.3.1, RecordType, those of the records in our tables.
RECORD_TYPE = Names(
    {
        0: "moCallRecord",
        1: "mtCallRecord",
        2: "roamingRecord",
        3: "incGatewayRecord",
        4: "outGatewayRecord",
        5: "transitCallRecord",
        6: "moSMSRecord",
        7: "mtSMSRecord",
        18: "sgsnPDPRecord",
        84: "sGWRecord",
        85: "pGWRecord",
        93: "sCSMORecord",
        94: "sCSMTRecord",
        110: "sCDVTT4Record",
        111: "sCSMOT4Record",
        112: "iSMSMORecord",
        113: "iSMSMTRecord",
    }
)
CAUSE = Names(
    {
        0: "normalRelease",
        1: "partialRecord",
        2: "partialRecordCallReestablishment",
        3: "unsuccessfulCallAttempt",
        4: "abnormalRelease",
        5: "cAMELInitCallRelease",
        16: "volumeLimit",
        17: "timeLimit",
        18: "servingNodeChange",
        19: "maxChangeCond",
        20: "managementIntervention",
        21: "intraSGSNIntersystemChange",
        22: "rATChange",
        23: "mSTimeZoneChange",
        24: "sGSNPLMNIDChange",
        25: "sGWChange",
        26: "aPNAMBRChange",
        27: "mOExceptionDataCounterReceipt",
        52: "unauthorizedRequestingNetwork",
        53: "unauthorizedLCSClient",
        54: "positionMethodFailure",
        58: "unknownOrUnreachableLCSClient",
        59: "listofDownstreamNodeChange",
    }
)


def numbered(table: Mapping[int, tuple[str, Kind]]) -> Fields:
    """Fields by the number of their context-specific tag."""
    return Fields({context(number): Field(name, kind) for number, (name, kind) in table.items()})


# ManagementExtension: the information is ANY, under an explicit tag.
EXTENSION = Fields(
    {
        _OBJECT_IDENTIFIER: Field("identifier", OBJECT_IDENTIFIER),
        context(1): Field("significance", BOOLEAN),
        context(2): Field("information", OPAQUE),
    }
)
EXTENSIONS = Several(SEQUENCE, EXTENSION)
RESULT = Choice(
    {
        context(0): Field("gsm0408Cause", INTEGER),
        context(1): Field("gsm0902MapErrorValue", INTEGER),
        context(2): Field("itu-tQ767Cause", INTEGER),
        context(3): Field("networkSpecificCause", EXTENSION),
        context(4): Field("manufacturerSpecificCause", EXTENSION),
        context(5): Field("positionMethodFailureCause", INTEGER),
        context(6): Field("unauthorizedLCSClientCause", INTEGER),
        context(7): Field("diameterResultCodeAndExperimentalResult", INTEGER),
    }
)
_LOCATION = numbered({0: ("locationAreaCode", OCTETS), 1: ("cellId", OCTETS), 2: ("mCC-MNC", OCTETS)})
_TRUNK = Choice({context(0): Field("tkgpNumber", INTEGER), context(1): Field("tkgpName", TEXT)})
_SERVICE = Choice({context(2): Field("bearerService", OCTETS), context(3): Field("teleservice", OCTETS)})
_NODE = Choice(
    {
        context(0): Field("iPBinV4Address", OCTETS),
        context(1): Field("iPBinV6Address", OCTETS),
        context(2): Field("iPTextV4Address", TEXT),
        context(3): Field("iPTextV6Address", TEXT),
        context(4): Field("iPBinV6AddressWithPrefix", OPAQUE),
    }
)

KINDS: Mapping[str, Kind] = {
    "address": ADDRESS,
    "address_of_node": _NODE,
    "boolean": BOOLEAN,
    "cause": CAUSE,
    "diagnostics": RESULT,
    "digits": DIGITS,
    "extensions": EXTENSIONS,
    "integer": INTEGER,
    "location": _LOCATION,
    "null": NULL,
    "octets": OCTETS,
    "opaque": OPAQUE,
    "pdp": Choice({context(0): Field("iPAddress", _NODE)}),
    "record_type": RECORD_TYPE,
    "service": _SERVICE,
    "system": Names({0: "unknown", 1: "iuUTRAN", 2: "gERAN"}),
    "text": TEXT,
    "time": TIME_STAMP,
    "trunk": _TRUNK,
}


def table(text: str, **more: Kind) -> Fields:
    """The fields of a table; `more` are kinds of its own."""
    kinds = {**KINDS, **more}
    rows = (line.split() for line in text.strip().splitlines())
    return numbered({int(number): (name, kinds[kind]) for number, name, kind in rows})
