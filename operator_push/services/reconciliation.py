"""Values of the reconciliation: what our rows say, what came out, and what is to be done about it.

The join itself is `reconcile`. Amounts are micros, moments microseconds since 1970; a recipient appears in a
result only masked.
"""

from enum import Enum

import msgspec

from operator_push.services.stored_charges import OwedByRow


class ReconciliationClass(Enum):
    """Where one segment stands after the three-way join."""

    MATCHED = "matched"  # our rows, our ledger and the SMSC say the same
    NOT_AT_SMSC = "not_at_smsc"  # waits, was withdrawn or refused; the SMSC has no row and nothing is charged
    CHARGED_NOT_SENT = "charged_not_sent"  # the ledger earned it, the SMSC has no row
    SENT_NOT_CHARGED = "sent_not_charged"  # the SMSC delivered it, the ledger did not earn it
    SEGMENT_COUNT_DIFFERS = "segment_count_differs"  # the SMSC counts other segments than we charge
    OUTCOME_DIFFERS = "outcome_differs"  # another final state here than there
    PRICE_DIFFERS = "price_differs"  # the amounts of the ledger are not those of the message
    TWICE = "twice"  # the SMSC has more than one row for it
    UNKNOWN = "unknown"  # attempted, and its end has not been told to us
    NOT_OURS = "not_ours"  # a row of the SMSC under our system_id that we know nothing of


# What needs nobody's attention.
AGREED = frozenset({ReconciliationClass.MATCHED, ReconciliationClass.NOT_AT_SMSC})


class OurSegment(msgspec.Struct, frozen=True, gc=False):
    """One segment as our rows tell it, or a WHOLE message of `count` segments that left in one submit_sm.

    `user_message_reference` -1: never attempted. `attempts` counts those whose octets may have left;
    `unanswered`: one of them has no stored answer; `taken`: the SMSC has accepted one, or has spoken of it in
    a receipt or a CDR. Moments are 0 where there is none: no attempt, no end yet.
    `parts`: how many submit_sm its message is; `price_micros` is that of all `count`; `attempt_no`: that of
    the last attempt, 0 where there is none.
    """

    message_id: int
    segment_no: int
    account: str
    destination: str
    source: str
    user_message_reference: int
    smsc_message_id: str
    attempts: int
    state: int
    price_micros: int
    link_no: int = 0
    unanswered: bool = False
    taken: bool = False
    first_attempt_us: int = 0
    last_attempt_us: int = 0
    ended_us: int = 0
    parts: int = 1
    count: int = 1
    attempt_no: int = 0


class OurMoney(msgspec.Struct, frozen=True, gc=False):
    """What the ledger's rows say about one message. `has_hold` False: no hold at all, not even one of 0.

    `corrected_micros`: what people posted about it beside that: charged, or below 0 given back.
    """

    held_micros: int
    settled_micros: int
    released_micros: int
    has_hold: bool = True
    corrected_micros: int = 0


class OurMessage(msgspec.Struct, frozen=True, gc=False):
    """One admitted message: what each of its segments costs, its money, its segments in order.

    `owed`: what it comes to by the tariff document that priced it, None where simple rows did; `currency`
    where it is not that of the house."""

    message_id: int
    price_micros: int
    is_final: bool
    money: OurMoney
    segments: tuple[OurSegment, ...]
    owed: OwedByRow | None = None
    currency: str = ""


class Finding(msgspec.Struct, frozen=True, gc=False):
    """What the SMSC's record says about an open segment; the argument of services.resolve_unknown.

    `attempt_no`: the last attempt of which it is said; a later one is another story.
    """

    message_id: int
    segment_no: int
    link_no: int
    kind: str
    state: str = ""
    smsc_message_id: str = ""
    error_code: str = ""
    detail: str = ""
    attempt_no: int = 0

    def as_json(self) -> dict[str, object]:
        """The finding as the control socket carries it."""
        return {name: getattr(self, name) for name in self.__struct_fields__}


class Example(msgspec.Struct, frozen=True, gc=False):
    """One segment of a class, for the person who looks into it. `ours` and `theirs` are states by name."""

    message_id: int
    segment_no: int
    account: str
    recipient: str
    smsc_message_ids: tuple[str, ...]
    ours: str
    theirs: str
    charged_micros: int
    due_micros: int
    note: str


class Amounts(msgspec.Struct, gc=False):
    """Micros of one currency; see ClassTotal."""

    charged_micros: int = 0
    due_micros: int = 0
    at_risk_micros: int = 0

    def add(self, charged_micros: int, due_micros: int) -> None:
        """One segment more."""
        self.charged_micros += charged_micros
        self.due_micros += due_micros
        self.at_risk_micros += abs(charged_micros - due_micros)


class ClassTotal(Amounts, gc=False):
    """A class in sum: what the ledger earned for its segments, and what the SMSC's record would earn.

    `at_risk_micros` sums each segment's difference of the two, so that gains do not hide losses. The amounts
    are in the currency of the house; those of accounts in another one stand in `other_currencies`.
    """

    segments: int = 0
    other_currencies: dict[str, Amounts] = msgspec.field(default_factory=dict)

    def count(self, charged_micros: int, due_micros: int, segments: int, currency: str) -> None:
        """So many segments more, in a currency, "" for that of the house."""
        self.segments += segments
        amounts = self if not currency else self.other_currencies.setdefault(currency, Amounts())
        amounts.add(charged_micros, due_micros)

    def as_json(self) -> dict[str, object]:
        """The JSON values; `other_currencies` only where there are any."""
        told: dict[str, object] = {"segments": self.segments, **msgspec.to_builtins(self)}
        if not self.other_currencies:
            del told["other_currencies"]
        return told


class Reconciliation(msgspec.Struct, gc=False):
    """The outcome.

    `segments_ledger`: segments with money in the ledger that left us, or that the SMSC has; `segments_smsc`:
    rows of the SMSC under our system_ids; `repeated_rows`: rows that came twice in the files, counted once;
    `other_rows`: rows of the SMSC's other clients; `outside`: segments whose row belongs to another period.
    `closed_until_us` 0: no period was declared complete; `disproved`: segments that would count as never
    arrived, did not missing rows show that the period is not complete.
    """

    messages: int = 0
    segments_ledger: int = 0
    segments_smsc: int = 0
    matched: int = 0
    mismatched: int = 0
    repeated_rows: int = 0
    other_rows: int = 0
    outside: int = 0
    closed_until_us: int = 0
    disproved: int = 0
    classes: dict[ReconciliationClass, ClassTotal] = msgspec.field(
        default_factory=lambda: {each: ClassTotal() for each in ReconciliationClass}
    )
    examples: dict[ReconciliationClass, list[Example]] = msgspec.field(
        default_factory=lambda: {each: [] for each in ReconciliationClass if each not in AGREED}
    )
    findings: list[Finding] = msgspec.field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """True where all three sides agree on every segment."""
        return self.mismatched == 0 and self.segments_ledger == self.segments_smsc == self.matched

    def counts(self) -> dict[str, int]:
        """The five numbers of a report."""
        return {
            "messages": self.messages,
            "segments_ledger": self.segments_ledger,
            "segments_smsc": self.segments_smsc,
            "matched": self.matched,
            "mismatched": self.mismatched,
        }

    def as_json(self) -> dict[str, object]:
        """Everything, as JSON values."""
        return {
            **self.counts(),
            "repeated_rows": self.repeated_rows,
            "other_rows": self.other_rows,
            "outside": self.outside,
            "closed_until_us": self.closed_until_us,
            "disproved": self.disproved,
            "classes": {each.value: total.as_json() for each, total in self.classes.items()},
            "examples": {
                each.value: msgspec.to_builtins(examples)
                for each, examples in self.examples.items()
                if examples
            },
            "findings": [finding.as_json() for finding in self.findings],
        }
