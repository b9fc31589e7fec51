"""Bind checks: whether an account's terms let this peer bind, before its password is looked at.

Laws: fail closed, so an address that cannot be read is in no range; what a peer learns is a status, what the
operator learns is a sentence.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import msgspec

from operator_push.services.account_terms import AccountTerms
from operator_push.smpp.constants import VERSION_3_3, CommandStatus
from operator_push.smpp.pdu import BindPdu, BindTransceiver
from operator_push.smpp.versions import known_version

VERSION_NAMES = {0x33: "3.3", 0x34: "3.4", 0x50: "5.0"}


class BindFault(msgspec.Struct, frozen=True):
    """Why a bind is refused: the command_status for the peer, the reason for our log."""

    status: CommandStatus
    reason: str


def bind_fault(
    terms: AccountTerms, pdu: BindPdu, address: str, certificate_names: frozenset[str]
) -> BindFault | None:
    """The first term that does not let this bind in, None where all do.

    `address` is the peer's IP address as text; `certificate_names` those that its verified TLS certificate
    shows, empty where it has none.
    """
    if terms.source_ranges is not None and not in_ranges(address, terms.source_ranges):
        return BindFault(CommandStatus.ESME_RBINDFAIL, "its address is in none of the account's ranges")
    version = known_version(pdu.interface_version)
    if terms.versions is not None and VERSION_NAMES[version] not in terms.versions:
        return BindFault(
            CommandStatus.ESME_RBINDFAIL, f"version {VERSION_NAMES[version]} is not agreed with the account"
        )
    if terms.certificate_subject is not None and terms.certificate_subject not in certificate_names:
        shown = ", ".join(sorted(certificate_names)) or "none"
        return BindFault(CommandStatus.ESME_RBINDFAIL, f"its certificate shows {shown}, not the agreed name")
    return None


def version_fault(pdu: BindPdu) -> BindFault | None:
    """SMPP 3.3 has no bind_transceiver, so a 3.3 peer that asks for one would not know what it gets."""
    if isinstance(pdu, BindTransceiver) and known_version(pdu.interface_version) == VERSION_3_3:
        return BindFault(CommandStatus.ESME_RINVCMDID, "SMPP 3.3 has no bind_transceiver")
    return None


def in_ranges(address: str, ranges: tuple[str, ...]) -> bool:
    """True where one of the CIDR ranges holds the address; False for what is no IP address."""
    try:
        peer: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(peer, IPv6Address) and peer.ipv4_mapped is not None:
        peer = peer.ipv4_mapped  # how a socket for both families shows an IPv4 peer
    return any(peer in network for network in _networks(ranges))


@lru_cache(maxsize=1024)
def _networks(ranges: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(text) for text in ranges)
