"""The results: what one run found out, as values that the report and the invariants are made from."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from operator_push.cli.demo.crash_proof import CrashProof
from operator_push.cli.demo.crash_run import CrashOutcome
from operator_push.cli.demo.enterprises import Enterprise
from operator_push.cli.demo.esme_record import EsmeSeen
from operator_push.cli.demo.join_again import JoinAgain
from operator_push.cli.demo.link_click import Click
from operator_push.cli.demo.permission_proof import PermissionProof
from operator_push.cli.demo.plan import DemoPlan
from operator_push.cli.demo.product_input import InputSize
from operator_push.cli.demo.product_rows import ProductFacts
from operator_push.cli.demo.witness import StopProof
from operator_push.cli.row_import import ImportCount
from operator_push.services.reconcile import Reconciliation


@dataclass(slots=True)
class People:
    """Phases 1 to 3: what was read and what became of it.

    `permitting` counts subscribers by what they permit, in words; `ingest` is cdr-ingest's run.json.
    """

    size: InputSize
    subscribers: ImportCount
    consents: ImportCount
    permitting: dict[str, int]
    ingest: dict[str, Any]
    reject_rows: int = 0
    reject_rows_without_place: int = 0
    features_beyond_permission: int = 0


@dataclass(slots=True)
class Sale:
    """Phase 4: one campaign from its rule to its approval.

    `permitting`: subscribers who permit this brand's marketing; `matching`: those of them for whom the rule
    is true; `told`: the count as the client heard it; `recipients`: who was ordered, below `matching` where
    the run was asked for fewer messages.
    """

    enterprise: Enterprise
    words: str
    permitting: int
    matching: int
    told: str
    recipients: list[int]
    segments: int
    quoted_micros: int
    prepaid_micros: int
    ordered_by: str
    approved_by: str
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def is_limited(self) -> bool:
        """True where fewer were ordered than the rule finds."""
        return len(self.recipients) < self.matching


@dataclass(slots=True)
class Bank:
    """Phase 6: what the bank's two programs were told and saw."""

    submits: int
    orders_by_kind: dict[str, int]
    main: EsmeSeen
    low: EsmeSeen
    low_prepaid_micros: int = 0


@dataclass(slots=True)
class Throughput:
    """The main run as a load: accepted messages from the first submission to the last receipt settled."""

    messages: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Messages per second of wall clock."""
        return self.messages / self.seconds if self.seconds else 0.0

    @property
    def cpu_us_per_message(self) -> float:
        """The product's own CPU time per message, microseconds."""
        return self.cpu_seconds / self.messages * 1e6 if self.messages else 0.0


@dataclass(slots=True)
class Results:
    """Everything that a run found out.

    `sent` counts segments whose octets left the product by its own rows, `at_smsc` submit_sm that the
    simulator took; the two differences are taken key by key (recipient, user_message_reference). `click`:
    the text and the link of whoever topped up, None where nobody got it.
    """

    plan: DemoPlan
    people: People
    sales: list[Sale]
    bank: Bank
    facts: ProductFacts
    throughput: Throughput
    stops: StopProof
    sent: int
    at_smsc: int
    never_at_smsc: int
    too_often_at_smsc: int
    permission: PermissionProof
    reconciliation: Reconciliation
    exported: dict[str, int]
    joined: JoinAgain
    crash: CrashOutcome
    crash_proof: CrashProof
    click: Click | None = None
    seconds: float = 0.0
    started_at: str = ""
