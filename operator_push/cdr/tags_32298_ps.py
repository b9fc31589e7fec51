"""The packet-switched records of 3GPP TS 32.298: which tag is which field, and of what kind.

Numbers and names of release 16, section 5.2.3; the tables are our own. Other tags are kept as they came.
"""

from collections.abc import Mapping

from operator_push.cdr.ber import context
from operator_push.cdr.field_kinds import Field, Kind, Several
from operator_push.cdr.shared_fields_32298 import SEQUENCE, table

_TRAFFIC_VOLUME = table("""
    1 qosRequested octets
    2 qosNegotiated octets
    3 dataVolumeGPRSUplink integer
    4 dataVolumeGPRSDownlink integer
    5 changeCondition integer
    6 changeTime time
    8 userLocationInformation octets
    9 ePCQoSInformation opaque
    10 chargingID integer
    11 presenceReportingAreaStatus integer
    12 userCSGInformation opaque
    13 diagnostics diagnostics
    14 enhancedDiagnostics opaque
    15 rATType integer
    16 accessAvailabilityChangeReason integer
    17 uWANUserLocationInformation opaque
    18 relatedChangeOfCharCondition opaque
    19 cPCIoTEPSOptimisationIndicator boolean
    20 servingPLMNRateControl opaque
    21 threeGPPPSDataOffStatus integer
    22 listOfPresenceReportingAreaInformation opaque
    23 aPNRateControl opaque
""")
_SERVICE_DATA = table("""
    1 ratingGroup integer
    2 chargingRuleBaseName text
    3 resultCode integer
    4 localSequenceNumber integer
    5 timeOfFirstUsage time
    6 timeOfLastUsage time
    7 timeUsage integer
    8 serviceConditionChange octets
    9 qoSInformationNeg opaque
    10 servingNodeAddress address_of_node
    12 datavolumeFBCUplink integer
    13 datavolumeFBCDownlink integer
    14 timeOfReport time
    16 failureHandlingContinue boolean
    17 serviceIdentifier integer
    18 pSFurnishChargingInformation opaque
    19 aFRecordInformation opaque
    20 userLocationInformation octets
    21 eventBasedChargingInformation opaque
    22 timeQuotaMechanism opaque
    23 serviceSpecificInfo opaque
    24 threeGPP2UserLocationInformation octets
    25 sponsorIdentity octets
    26 applicationServiceProviderIdentity octets
    27 aDCRuleBaseName text
    28 presenceReportingAreaStatus integer
    29 userCSGInformation opaque
    30 rATType integer
    32 uWANUserLocationInformation opaque
    33 relatedChangeOfServiceCondition opaque
    35 servingPLMNRateControl opaque
    36 aPNRateControl opaque
    37 threeGPPPSDataOffStatus integer
    38 trafficSteeringPolicyIDDownlink octets
    39 trafficSteeringPolicyIDUplink octets
    40 tWANUserLocationInformation opaque
    41 listOfPresenceReportingAreaInformation opaque
    42 voLTEInformation opaque
""")
_LISTS: Mapping[str, Kind] = {
    "volumes": Several(SEQUENCE, _TRAFFIC_VOLUME),
    "services": Several(SEQUENCE, _SERVICE_DATA),
}
_SGSN_PDP = table(
    """
    0 recordType record_type
    1 networkInitiation boolean
    3 servedIMSI digits
    4 servedIMEI digits
    5 sgsnAddress address_of_node
    6 msNetworkCapability octets
    7 routingArea octets
    8 locationAreaCode octets
    9 cellIdentifier octets
    10 chargingID integer
    11 ggsnAddressUsed address_of_node
    12 accessPointNameNI text
    13 pdpType octets
    14 servedPDPAddress pdp
    15 listOfTrafficVolumes volumes
    16 recordOpeningTime time
    17 duration integer
    18 sgsnChange boolean
    19 causeForRecClosing cause
    20 diagnostics diagnostics
    21 recordSequenceNumber integer
    22 nodeID text
    23 recordExtensions extensions
    24 localSequenceNumber integer
    25 apnSelectionMode integer
    26 accessPointNameOI text
    27 servedMSISDN address
    28 chargingCharacteristics octets
    29 rATType integer
    30 cAMELInformationPDP opaque
    31 rNCUnsentDownlinkVolume integer
    32 chChSelectionMode integer
    33 dynamicAddressFlag boolean
    34 iMSIunauthenticatedFlag null
    35 userCSGInformation opaque
    36 servedPDPPDNAddressExt pdp
    37 lowPriorityIndicator null
    38 servingNodePLMNIdentifier octets
    39 cNOperatorSelectionEnt integer
""",
    **_LISTS,
)
_SGW = table(
    """
    0 recordType record_type
    3 servedIMSI digits
    4 s-GWAddress address_of_node
    5 chargingID integer
    6 servingNodeAddress opaque
    7 accessPointNameNI text
    8 pdpPDNType octets
    9 servedPDPPDNAddress pdp
    11 dynamicAddressFlag boolean
    12 listOfTrafficVolumes volumes
    13 recordOpeningTime time
    14 duration integer
    15 causeForRecClosing cause
    16 diagnostics diagnostics
    17 recordSequenceNumber integer
    18 nodeID text
    19 recordExtensions extensions
    20 localSequenceNumber integer
    21 apnSelectionMode integer
    22 servedMSISDN address
    23 chargingCharacteristics octets
    24 chChSelectionMode integer
    25 iMSsignalingContext null
    27 servingNodePLMNIdentifier octets
    29 servedIMEI digits
    30 rATType integer
    31 mSTimeZone octets
    32 userLocationInformation octets
    34 sGWChange boolean
    35 servingNodeType opaque
    36 p-GWAddressUsed address_of_node
    37 p-GWPLMNIdentifier octets
    38 startTime time
    39 stopTime time
    40 pDNConnectionChargingID integer
    41 iMSIunauthenticatedFlag null
    42 userCSGInformation opaque
    43 servedPDPPDNAddressExt pdp
    44 lowPriorityIndicator null
    47 dynamicAddressFlagExt boolean
    48 s-GWiPv6Address address_of_node
    49 servingNodeiPv6Address opaque
    50 p-GWiPv6AddressUsed address_of_node
    51 retransmission null
    52 userLocationInfoTime time
    53 cNOperatorSelectionEnt integer
    54 presenceReportingAreaInfo opaque
    55 lastUserLocationInformation octets
    56 lastMSTimeZone octets
    57 enhancedDiagnostics opaque
    59 cPCIoTEPSOptimisationIndicator boolean
    60 uNIPDUCPOnlyFlag boolean
    61 servingPLMNRateControl opaque
    62 pDPPDNTypeExtension integer
    63 mOExceptionDataCounter opaque
    64 listOfRANSecondaryRATUsageReports opaque
""",
    **_LISTS,
)
_PGW = table(
    """
    0 recordType record_type
    3 servedIMSI digits
    4 p-GWAddress address_of_node
    5 chargingID integer
    6 servingNodeAddress opaque
    7 accessPointNameNI text
    8 pdpPDNType octets
    9 servedPDPPDNAddress pdp
    11 dynamicAddressFlag boolean
    12 listOfTrafficVolumes volumes
    13 recordOpeningTime time
    14 duration integer
    15 causeForRecClosing cause
    16 diagnostics diagnostics
    17 recordSequenceNumber integer
    18 nodeID text
    19 recordExtensions extensions
    20 localSequenceNumber integer
    21 apnSelectionMode integer
    22 servedMSISDN address
    23 chargingCharacteristics octets
    24 chChSelectionMode integer
    25 iMSsignalingContext null
    27 servingNodePLMNIdentifier octets
    28 pSFurnishChargingInformation opaque
    29 servedIMEI digits
    30 rATType integer
    31 mSTimeZone octets
    32 userLocationInformation octets
    33 cAMELChargingInformation octets
    34 listOfServiceData services
    35 servingNodeType opaque
    36 servedMNNAI opaque
    37 p-GWPLMNIdentifier octets
    38 startTime time
    39 stopTime time
    40 served3gpp2MEID octets
    41 pDNConnectionChargingID integer
    42 iMSIunauthenticatedFlag null
    43 userCSGInformation opaque
    44 threeGPP2UserLocationInformation octets
    45 servedPDPPDNAddressExt pdp
    46 lowPriorityIndicator null
    47 dynamicAddressFlagExt boolean
    49 servingNodeiPv6Address opaque
    50 p-GWiPv6AddressUsed address_of_node
    51 tWANUserLocationInformation opaque
    52 retransmission null
    53 userLocationInfoTime time
    54 cNOperatorSelectionEnt integer
    55 ePCQoSInformation opaque
    56 presenceReportingAreaInfo opaque
    57 lastUserLocationInformation octets
    58 lastMSTimeZone octets
    59 enhancedDiagnostics opaque
    60 nBIFOMMode integer
    61 nBIFOMSupport integer
    62 uWANUserLocationInformation opaque
    64 sGiPtPTunnellingMethod integer
    65 uNIPDUCPOnlyFlag boolean
    66 servingPLMNRateControl opaque
    67 aPNRateControl opaque
    68 pDPPDNTypeExtension integer
    69 mOExceptionDataCounter opaque
    70 chargingPerIPCANSessionIndicator integer
    71 threeGPPPSDataOffStatus integer
    72 sCSASAddress opaque
    73 listOfRANSecondaryRATUsageReports opaque
""",
    **_LISTS,
)

PS_RECORDS: Mapping[int, Field] = {
    context(20): Field("sgsnPDPRecord", _SGSN_PDP),
    context(78): Field("sGWRecord", _SGW),
    context(79): Field("pGWRecord", _PGW),
}
