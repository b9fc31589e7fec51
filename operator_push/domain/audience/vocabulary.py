"""The vocabulary of a rule: which names it may use, and for whom; given to the type check.

There is no attribute beside it: what is barred or absent here cannot be reached by any rule.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

from operator_push.domain.audience.places import PLACES, Place
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME, Feature


class SetKind(Enum):
    """Kinds of sets that a rule can ask for; the value is the function, `key_word` stands before the name."""

    LIST = "in_list"
    RECEIVED = "received"
    CLICKED = "clicked"
    REPLIED = "replied"
    BOUGHT = "bought"

    @property
    def key_word(self) -> str:
        """As in the key `list:vip` or `received:spring`."""
        return "list" if self is SetKind.LIST else self.value


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a rule may name.

    `barred`: attribute → why this client may not use it. `sets`: keys (`list:vip`) that exist for this
    client; None takes any name, for checks before there is a client. `zone`: whose calendar `today()` and
    days_since go by, an IANA name.
    """

    features: Mapping[str, Feature] = field(default_factory=lambda: FEATURES_BY_NAME)
    barred: Mapping[str, str] = field(default_factory=dict)
    sets: Collection[str] | None = None
    places: Mapping[str, Place] = field(default_factory=lambda: PLACES)
    zone: str = "UTC"


STANDARD = Vocabulary()
