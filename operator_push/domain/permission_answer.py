"""Permission answers: what the book says to a question, and why."""

from enum import Enum, IntEnum

import msgspec

from operator_push.domain.consent import Basis, Scope


class PermissionWord(Enum):
    """What a person has said to a question, in all that was said."""

    YES = "yes"
    NO = "no"
    NOTHING = "nothing"  # which permits nothing


class PermissionReason(IntEnum):
    """Why the answer is yes or no."""

    GRANTED = 1
    UNKNOWN = 2  # nobody has said anything: no
    WITHDRAWN = 3
    DENIED = 4  # said no when asked, or objected
    EXPIRED = 5  # a grant has come to its end
    VOID = 6  # the number changed hands, and its new owner has said nothing

    @property
    def says_no(self) -> bool:
        """Did the person say no, rather than nothing?"""
        return self in (PermissionReason.WITHDRAWN, PermissionReason.DENIED)


class PermissionAnswer(msgspec.Struct, frozen=True):
    """The answer with its reason, and the scope whose act decided; None where there is none (UNKNOWN)."""

    allowed: bool
    reason: PermissionReason
    scope: Scope | None
    basis: Basis | None = None
