"""Session settings: the limits of one bind, as values."""

import msgspec

from operator_push.smpp.constants import VERSION_3_3, VERSION_3_4


class SessionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of one bind. Times are seconds; 0 switches a timer off.

    `check_fields` None means: as SMSC refuse requests with illegal field values, as ESME carry them (an SMSC
    whose deliver_sm is refused for a reserved octet sends it again for days).
    """

    bind_timeout_s: float = 10.0
    enquire_link_s: float = 30.0  # idle time before we ask
    response_timeout_s: float = 30.0
    window: int = 100  # our requests that may be unanswered at once
    interface_version: int = VERSION_3_4  # ours: sent in the bind, or as sc_interface_version to peers of 3.4
    # What a bind_resp without sc_interface_version means. SMPP v3.4 section 4.1.2 and the compatibility
    # guidelines: such an SMSC knows no TLVs. Set 0x34 for one that only forgets to say so.
    sc_interface_version_default: int = VERSION_3_3
    check_fields: bool | None = None
    # Requests that the owner takes from nobody: however they are filled, they get ESME_RINVCMDID.
    not_offered: frozenset[int] = frozenset()
    last_sequence_number: int = 0  # tests start near the wrap with it
