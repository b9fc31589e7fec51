"""What is due by the SMSC's record is what the contract charges, and corrections count as what they are."""

import msgspec
import pytest

from operator_push.domain.message import MessageState
from operator_push.domain.rating.charge import Charge, ChargePlan, plan_for
from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.values import RatingRequest, Usage
from operator_push.services.price_by_documents import price_row
from operator_push.services.reconcile import OurMessage, OurMoney, OurSegment, SmscRecord, reconcile
from operator_push.services.stored_charges import OwedByRow, PriceRow, StoredCharges

NOW_US = 1_800_000_000_000_000
PRICE = 100_000
DELIVERED, EXPIRED, UNKNOWN = MessageState.DELIVERED, MessageState.EXPIRED, MessageState.UNKNOWN
UNDELIVERABLE, REJECTED = MessageState.UNDELIVERABLE, MessageState.REJECTED
HEAD = 'tariff = "t"\nversion = 1\ncurrency = "INR"\n'
MORE = '[[price]]\nname = "all"\nper_segment = "0.10"\n'
BUNDLE = '[[bundle]]\nname = "starter"\nsegments = 1\nper_month = 5\n'


def owed(contract: str, *states: MessageState, more: str = "", used: Usage | None = None) -> OwedByRow:
    """What a message comes to whose segments the SMSC took, and which stand so."""
    document = read_tariff(f"{HEAD}[contract]\n{contract}\n{MORE}{more}", "t.toml")
    plan = plan_for(1, document, RatingRequest(account="a", destination="91", segments=1, at_us=NOW_US))
    assert isinstance(plan, ChargePlan)
    row = price_row((0, 0, 1), Charge(plan, NOW_US, plan.narrowed(used or Usage())))
    charges = StoredCharges(lambda number: document)
    return charges.owed(PriceRow(*row[2:]), [(state, True) for state in states])


def ours(
    comes_to: OwedByRow, *states: MessageState, price: int = PRICE, corrected: int = 0, settled: int = -1
) -> OurMessage:
    """The message with its money as it should be, or with so much settled."""
    segments = tuple(
        OurSegment(1, number, "a", "91", "S", number, f"A{number}", 1, int(state), price, taken=True)
        for number, state in enumerate(states, start=1)
    )
    settled = comes_to.settled_micros if settled < 0 else settled
    money = OurMoney(
        comes_to.held_micros, settled, comes_to.held_micros - settled, corrected_micros=corrected
    )
    return OurMessage(1, price, True, money, segments, comes_to)


def classes(message: OurMessage, *theirs: MessageState) -> dict[str, tuple[int, int, int, int]]:
    """Class → (segments, charged, due, at risk), of those that have any."""
    records = [
        SmscRecord(f"A{number}", "op", "S", "91", number, NOW_US, NOW_US, state, "0")
        for number, state in enumerate(theirs, start=1)
    ]
    found = reconcile([message], records).classes
    return {
        name.value: (each.segments, each.charged_micros, each.due_micros, each.at_risk_micros)
        for name, each in found.items()
        if each.segments
    }


@pytest.mark.parametrize(
    ("contract", "state", "charged"),
    [
        ('charge_on = "submission"', UNDELIVERABLE, PRICE),
        ('charge_on = "submission"', REJECTED, 0),
        ('charge_on = "acceptance"', REJECTED, PRICE),
        ("states = { expired = true }", EXPIRED, PRICE),
        ("states = { delivered = false }", DELIVERED, 0),
    ],
)
def test_what_both_sides_tell_alike_is_due_as_it_was_charged(
    contract: str, state: MessageState, charged: int
) -> None:
    message = ours(owed(contract, state), state)
    assert classes(message, state) == {"matched": (1, charged, charged, 0)}


def test_a_segment_that_a_bundle_took_is_delivered_for_nothing() -> None:
    comes_to = owed("", DELIVERED, DELIVERED, more=BUNDLE)
    assert (comes_to.held_micros, comes_to.settled_micros) == (PRICE, PRICE)
    message = ours(comes_to, DELIVERED, DELIVERED, price=PRICE // 2)
    assert classes(message, DELIVERED, DELIVERED) == {"matched": (2, PRICE, PRICE, 0)}


@pytest.mark.parametrize(
    ("contract", "mine", "theirs", "charged", "due"),
    [
        ("", DELIVERED, UNDELIVERABLE, PRICE, 0),
        ("", UNDELIVERABLE, DELIVERED, 0, PRICE),
        ('charge_on = "submission"', DELIVERED, UNDELIVERABLE, PRICE, PRICE),
        ('charge_on = "submission"\nstates = { rejected = false }', DELIVERED, REJECTED, PRICE, 0),
    ],
)
def test_where_the_ends_differ_the_contract_tells_the_money_at_risk(
    contract: str, mine: MessageState, theirs: MessageState, charged: int, due: int
) -> None:
    message = ours(owed(contract, mine), mine)
    assert classes(message, theirs) == {"outcome_differs": (1, charged, due, abs(charged - due))}


def test_of_two_segments_only_the_one_that_differs_is_at_risk() -> None:
    message = ours(owed("", DELIVERED, DELIVERED), DELIVERED, DELIVERED)
    assert classes(message, DELIVERED, EXPIRED) == {
        "matched": (1, PRICE, PRICE, 0),
        "outcome_differs": (1, PRICE, 0, PRICE),
    }


@pytest.mark.parametrize(
    ("theirs", "found"),
    [
        (DELIVERED, {"outcome_differs": (1, PRICE, PRICE, 0)}),
        (UNDELIVERABLE, {"outcome_differs": (1, PRICE, 0, PRICE)}),
        # The same word on both sides, and the contract charges the one and not the other.
        (EXPIRED, {"outcome_differs": (1, PRICE, 0, PRICE)}),
    ],
)
def test_what_was_charged_as_unknown_is_settled_by_what_the_smsc_says(
    theirs: MessageState, found: dict[str, tuple[int, int, int, int]]
) -> None:
    contract = "states = { unknown = true, expired = false }"
    message = ours(owed(contract, UNKNOWN), EXPIRED)
    assert classes(message, theirs) == found


@pytest.mark.parametrize(
    ("corrected", "charged", "at_risk"),
    [(-PRICE, 0, 0), (-PRICE // 4, 75_000, 75_000), (-2 * PRICE, 0, 0), (PRICE, PRICE, PRICE)],
)
def test_a_credit_note_about_the_message_is_what_it_was_not_charged(
    corrected: int, charged: int, at_risk: int
) -> None:
    message = ours(owed("", DELIVERED), DELIVERED, corrected=corrected)
    assert classes(message, UNDELIVERABLE) == {"outcome_differs": (1, charged, 0, at_risk)}
    simple = msgspec.structs.replace(message, owed=None)
    assert classes(simple, UNDELIVERABLE) == {"outcome_differs": (1, charged, 0, at_risk)}


def test_a_charge_by_hand_and_a_credit_out_of_goodwill() -> None:
    expired = ours(owed("", EXPIRED), EXPIRED, corrected=PRICE)
    assert classes(expired, DELIVERED) == {"outcome_differs": (1, PRICE, PRICE, 0)}
    # What both sides agree on is charged rightly, whatever was given back beside it.
    goodwill = ours(owed("", DELIVERED), DELIVERED, corrected=-PRICE)
    assert classes(goodwill, DELIVERED) == {"matched": (1, PRICE, PRICE, 0)}
