"""Results of a small run in which everything is right, for tests that then spoil one thing."""

from collections import Counter

from operator_push.cli.demo.crash_proof import CrashProof
from operator_push.cli.demo.crash_run import CrashOutcome, CrashRound
from operator_push.cli.demo.enterprises import CHAI_POINT, ZING_MUSIC, Enterprise
from operator_push.cli.demo.esme_record import EsmeRow, EsmeSeen
from operator_push.cli.demo.join_again import JoinAgain
from operator_push.cli.demo.link_click import Click
from operator_push.cli.demo.permission_proof import PermissionProof
from operator_push.cli.demo.plan import DemoPlan
from operator_push.cli.demo.product_input import InputSize
from operator_push.cli.demo.product_rows import AccountMoney, ProductFacts, Tally
from operator_push.cli.demo.results import Bank, People, Results, Sale, Throughput
from operator_push.cli.demo.witness import Stop, StopProof
from operator_push.cli.row_import import ImportCount
from operator_push.domain.ledger import LedgerAccount, Transfer, TransferKind, verify
from operator_push.kernel.ids import id_day
from operator_push.services.reconcile import Reconciliation, ReconciliationClass

START_US = 1_795_000_000_000_000
PRICE = 100_000
PLAN = DemoPlan(subscribers=2_000, messages=600, seed=7, crash_rounds=1)
_FIRST_ID = 382_000_000_000_000_000


def good_results() -> Results:
    """Two campaigns of ten, a bank with six messages and an account that ran dry, one crash."""
    return Results(
        plan=PLAN,
        people=_people(),
        sales=[_sale(CHAI_POINT, 1), _sale(ZING_MUSIC, 2)],
        bank=_bank(),
        facts=_facts(),
        throughput=Throughput(messages=26, seconds=2.0, cpu_seconds=0.013),
        stops=StopProof([_stop(number) for number in range(12)]),
        click=Click("Chai on us: go.chai.example/01abc", "https://chai.example/?c=03zK", 1),
        sent=34,
        at_smsc=34,
        never_at_smsc=0,
        too_often_at_smsc=0,
        permission=PermissionProof(checked=34),
        reconciliation=_reconciliation(34),
        exported={"messages.csv": 40, "ledger.csv": 60, "smsc_cdr.csv": 34},
        joined=JoinAgain(submissions=28, segments_sent=34, smsc_rows=34, matched=34),
        crash=CrashOutcome([_killed()], [], 12.0),
        crash_proof=CrashProof(
            acknowledged=800,
            unacknowledged=10,
            arrived=805,
            arrivals_us=[START_US + 20_000 * number for number in range(200)],
            reconciliation=_reconciliation(805),
        ),
        seconds=54.0,
        started_at="2026-11-21T22:00:46+00:00",
    )


def _people() -> People:
    ingest = {
        "read": 100,
        "accepted": 60,
        "rejected": 5,
        "duplicates": 2,
        "not_permitted": 33,
        "profiles": 50,
        "rejected_by_reason": {"BAD_NUMBER": 4, "TRUNCATED_ROW": 1},
        "by_kind": {
            "cdr": {"read": 100, "accepted": 60, "rejected": 5, "duplicates": 2, "not_permitted": 33}
        },
    }
    size = InputSize(files=3, subscriber_rows=20, consent_rows=90, cdr_rows=70, top_up_rows=10)
    return People(
        size,
        ImportCount(read=20, applied=2_000),
        ImportCount(read=90, applied=90),
        {"learning from location": 1_100},
        ingest,
        reject_rows=5,
    )


def _sale(enterprise: Enterprise, segments: int) -> Sale:
    return Sale(
        enterprise=enterprise,
        words="people who like tea",
        permitting=1_100,
        matching=10,
        told="10",
        recipients=list(range(1, 11)),
        segments=segments,
        quoted_micros=10 * segments * PRICE,
        prepaid_micros=50_000_000,
        ordered_by=enterprise.buyer,
        approved_by="operator.desk",
    )


def _tally(submitted: int, delivered: int, segments: int = 1, **suppressed: int) -> Tally:
    return Tally(
        submitted=submitted,
        delivered=delivered,
        failed=0,
        expired=submitted - delivered,
        suppressed=Counter(suppressed),
        segments_delivered=delivered * segments,
        price_micros=PRICE,
        charged_micros=delivered * segments * PRICE,
    )


def _answered(order: int, kind: str, status: str, identifier: int = 0) -> EsmeRow:
    return EsmeRow(
        "answered",
        START_US,
        order,
        1,
        kind,
        "919812345678",
        status,
        str(identifier) if identifier else "",
    )


def _bank() -> Bank:
    main = [
        _answered(1, "gsm7", "ESME_ROK", _FIRST_ID),
        _answered(2, "ucs2", "ESME_ROK", _FIRST_ID + 1),
        _answered(3, "no_permission", "ESME_RSUBMITFAIL"),
        _answered(4, "bad_address", "ESME_RINVDSTADR"),
        _answered(5, "bad_source", "ESME_RINVSRCADR"),
    ]
    low = [
        _answered(1, "credit_runs_out", "ESME_ROK", _FIRST_ID + 2),
        _answered(2, "credit_runs_out", "ESME_RSUBMITFAIL"),
    ]

    def receipts(rows: list[EsmeRow]) -> list[EsmeRow]:
        accepted = [row.message_id for row in rows if row.message_id]
        return [EsmeRow("receipt", START_US, message_id=each, stat="DELIVRD") for each in accepted]

    return Bank(
        7,
        {"gsm7": 1, "ucs2": 1, "no_permission": 1, "bad_address": 1, "bad_source": 1},
        EsmeSeen(main, [], receipts(main), 1),
        EsmeSeen(low, [], receipts(low), 1),
        PRICE,
    )


def _facts() -> ProductFacts:
    return ProductFacts(
        campaigns={
            CHAI_POINT.campaign: _tally(10, 9),
            ZING_MUSIC.campaign: _tally(8, 7, 2, WITHDRAWN=1, WITHDRAWN_BEFORE_SENDING=1),
        },
        accounts={
            "nagarbank": _tally(2, 2, NO_PERMISSION=1, BAD_DESTINATION=1, BAD_SOURCE=1),
            "nagarlow": _tally(1, 1, NO_CREDIT=1),
        },
        refusals=Counter(
            {
                ("nagarbank", "NO_PERMISSION"): 1,
                ("nagarbank", "BAD_DESTINATION"): 1,
                ("nagarbank", "BAD_SOURCE"): 1,
                ("nagarlow", "NO_CREDIT"): 1,
                ("zingmusic", "WITHDRAWN"): 1,
            }
        ),
        ends=Counter({("DELIVERED", "000"): 26, ("EXPIRED", "027"): 2, ("UNDELIVERABLE", "032"): 1}),
        accepted=26,
        accepted_ids={"nagarbank": {_FIRST_ID, _FIRST_ID + 1}, "nagarlow": {_FIRST_ID + 2}},
        accepted_us=[START_US + 10_000 * number for number in range(26)],
        ended_us=[START_US + 50_000 * number for number in range(26)],
        first_us=START_US,
        stops_heard=12,
        money={
            "chaipoint": AccountMoney(50_000_000, 1_000_000, 900_000, 100_000),
            "nagarlow": AccountMoney(PRICE, PRICE, PRICE, 0),
        },
        ledger=verify(_transfers()),
    )


def _transfers() -> list[Transfer]:
    def row(kind: TransferKind, debit: LedgerAccount, credit: LedgerAccount, reference: int) -> Transfer:
        return Transfer(
            0, id_day(reference), reference, kind, 1, debit, credit, PRICE, "INR", START_US + int(kind)
        )

    return [
        row(TransferKind.TOP_UP, LedgerAccount.FUNDING, LedgerAccount.AVAILABLE, _FIRST_ID),
        row(TransferKind.HOLD, LedgerAccount.AVAILABLE, LedgerAccount.HELD, _FIRST_ID + 1),
        row(TransferKind.SETTLE, LedgerAccount.HELD, LedgerAccount.REVENUE, _FIRST_ID + 1),
    ]


def _stop(number: int) -> Stop:
    sent = START_US + 10_000 * number
    return Stop(f"9198000000{number:02d}", sent, sent + 20_000, 100 + number)


def _reconciliation(segments: int) -> Reconciliation:
    found = Reconciliation(
        messages=segments, segments_ledger=segments, segments_smsc=segments, matched=segments
    )
    found.classes[ReconciliationClass.MATCHED].segments = segments
    return found


def _killed() -> CrashRound:
    return CrashRound(START_US + 1_500_000, unanswered=150, unsent=600, open_attempts=150, back_ms=3_000)
