"""Concatenated parts: the long message of an ESME that cuts its text itself, one submit_sm per part.

The part that comes first is decided like any message; the others follow its decision, so that a person gets
the whole or nothing of it, and it takes one slot of the caps. In a stored trail a follower bears MARK after
the trail of the part that it follows.
"""

import msgspec

from operator_push.domain.message import RefusalReason
from operator_push.domain.rating.charge import Charge
from operator_push.domain.ruling import PASSED

FOLLOWS_RULE_NUMBER = 90  # not a rule that is asked: the trail's word for "as its first part"
FOLLOWS_RULE_NAME = "follows its first part"
MARK = bytes((FOLLOWS_RULE_NUMBER, PASSED))


class Part(msgspec.Struct, frozen=True, gc=False):
    """Where a submission stands in its long message: `part` of `total`, under the sender's `reference`."""

    reference: int
    total: int
    part: int


def follows(trail: bytes) -> bool:
    """True for the stored trail of a part that followed another's decision."""
    return trail[-2:] == MARK and len(trail) % 2 == 0


class PartGroup(msgspec.Struct, gc=False):
    """What was decided for the first part: a refusal's reason, or from when it may leave (0: at once)."""

    reason: RefusalReason
    not_before_us: int
    trail: bytes
    started_us: int
    parts_seen: int  # a bit for every part number
    charge: Charge | None = None  # that of the first part, where a tariff document priced it
    segments_priced: int = 0  # of the parts that were accepted
