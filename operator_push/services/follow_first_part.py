"""Follow the first part: one decision for all parts of a long message that its ESME has cut itself.

A part number that comes a second time begins a new message: references of eight bits come round soon, and an
ESME that was refused may try again.
"""

from collections import OrderedDict

from operator_push.domain.concatenated_parts import MARK, Part, PartGroup
from operator_push.domain.message import Decision, RefusalReason, Submission, Verdict

GROUPS_MAX = 100_000  # Ours: long messages under way at once; beyond it the oldest is forgotten.

_Key = tuple[int, str, str, int, int]


class FollowFirstPart:
    """The decisions of the first parts of the last `within_us`, by account, sender, recipient, reference and
    number of parts."""

    def __init__(self, within_us: int) -> None:
        self._within_us = within_us
        self._groups: OrderedDict[_Key, PartGroup] = OrderedDict()

    def __len__(self) -> int:
        return len(self._groups)

    def group_of(self, submission: Submission, part: Part, now_us: int) -> PartGroup | None:
        """The group that this part belongs to; None where it is the first of its message."""
        group = self._groups.get(_key(submission, part))
        if group is None or now_us - group.started_us > self._within_us:
            return None
        return None if group.parts_seen >> part.part & 1 else group

    def begin(
        self,
        submission: Submission,
        part: Part,
        reason: RefusalReason,
        not_before_us: int,
        trail: bytes,
        now_us: int,
    ) -> PartGroup:
        """Remember what was decided for the first part of a message."""
        key = _key(submission, part)
        self._groups.pop(key, None)
        begun = self._groups[key] = PartGroup(reason, not_before_us, trail, now_us, 1 << part.part)
        oldest = next(iter(self._groups.values()))
        if len(self._groups) > GROUPS_MAX or now_us - oldest.started_us > self._within_us:
            self._groups.popitem(last=False)
        return begun


def decision_of(group: PartGroup, now_us: int) -> Decision:
    """The decision for a part that follows."""
    trail = group.trail + MARK
    if group.reason is not RefusalReason.NONE:
        return Decision(Verdict.REFUSE, group.reason, 0, trail)
    if group.not_before_us > now_us:
        return Decision(Verdict.DEFER, RefusalReason.NONE, group.not_before_us, trail)
    return Decision(Verdict.ADMIT, RefusalReason.NONE, 0, trail)


def _key(submission: Submission, part: Part) -> _Key:
    return (
        submission.account_no,
        submission.source,
        submission.destination,
        part.reference,
        part.total,
    )
