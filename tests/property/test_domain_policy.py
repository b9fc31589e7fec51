"""Policy, caps, hours, tariffs and delivery hold their laws for any input."""

from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.delivery import ReceiptOutcome, fold_segments, judge_receipt
from operator_push.domain.facts import AccountPolicy, PolicyFacts
from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.message import MessageState, Origin, Submission, TrafficClass, Verdict, is_final
from operator_push.domain.moments_by_number import PAGE_BITS, MomentsByNumber
from operator_push.domain.permission import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.policy import read_trail, standard_policy
from operator_push.domain.routing import Route, RoutingTable
from operator_push.domain.rule_sets import marks_of, rule_set_of
from operator_push.domain.tariff import Tariff, TariffRow
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.instants import MICROS_PER_DAY

MOMENTS = st.integers(1_700_000_000_000_000, 1_900_000_000_000_000)
STATES = st.sampled_from(MessageState)


@given(
    st.one_of(st.none(), st.integers(0, 3)),
    st.one_of(st.none(), st.integers(0, 2)),
    st.lists(st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(0, 2)), max_size=40),
)
def test_no_handset_is_ever_over_a_cap(
    per_day: int | None, per_brand: int | None, offers: list[tuple[int, int, int]]
) -> None:
    facts = PolicyFacts(caps=FrequencyCaps(per_day, per_brand))
    facts.accounts[1] = AccountPolicy(1, 1)
    for number in (1, 2):
        facts.permission.apply(
            ConsentEvent(number, 0, 0, Purpose.MARKETING, "*", ConsentAction.GRANT, 1, Evidence("web"))
        )
    policy, ids = standard_policy(facts), IdSequence()
    sent: list[tuple[int, int, int]] = []
    for number, brand, day in sorted(offers, key=lambda offer: offer[2]):
        now_us = 1_800_000_000_000_000 + day * MICROS_PER_DAY
        submission = Submission(
            1, brand, 8, TrafficClass.PROMOTIONAL, Origin.CAMPAIGN, number, "919812345678", "C", 1
        )
        on_day = [offer for offer in sent if offer[0] == number and offer[2] == day]
        room = (per_day is None or len(on_day) < per_day) and (
            per_brand is None or len([offer for offer in on_day if offer[1] == brand]) < per_brand
        )
        decision = policy.decide(submission, now_us)
        assert (decision.verdict is Verdict.ADMIT) == room
        if room:
            policy.admitted(submission, ids.next_id(now_us), now_us)
            assert policy.decide_again(submission, now_us, now_us).verdict is Verdict.ADMIT
            sent.append((number, brand, day))


@given(st.binary(max_size=40))
def test_any_octets_can_be_read_as_a_trail(trail: bytes) -> None:
    numbers = trail[: len(trail) // 2 * 2 : 2]
    assert len(read_trail(trail)) == len(numbers) - numbers.count(0) + (rule_set_of(trail) > 0)


@given(st.integers(1, 1 << 40), st.binary(max_size=10))
def test_a_trail_names_its_rule_set(number: int, rest: bytes) -> None:
    trail = marks_of(number) + bytes((5, 0))
    assert rule_set_of(trail) == number
    assert read_trail(trail) == [("rule set", str(number)), ("permission", "passed")]
    assert rule_set_of(bytes((5, 0)) + rest) == 0


DIGITS = st.text("19", max_size=3)
ROWS = st.lists(
    st.builds(
        TariffRow,
        DIGITS,
        st.integers(0, 9),
        st.just("INR"),
        st.sampled_from([None, *TrafficClass]),
        st.integers(0, 4),
        st.one_of(st.none(), st.integers(5, 9)),
    ),
    min_size=1,
    max_size=8,
)


def coincide(one: TariffRow, other: TariffRow) -> bool:
    same = (one.prefix, one.traffic_class) == (other.prefix, other.traffic_class)
    ends_before = one.valid_until_us is not None and one.valid_until_us <= other.valid_from_us
    return same and one.valid_from_us <= other.valid_from_us and not ends_before


@given(ROWS, st.text("19", min_size=1, max_size=5), st.sampled_from(TrafficClass), st.integers(0, 10))
def test_the_price_is_that_of_the_longest_valid_row(
    rows: list[TariffRow], destination: str, kind: TrafficClass, at_us: int
) -> None:
    try:
        tariff = Tariff(rows)
    except OperatorError:
        pairs = [(one, other) for one in rows for other in rows if one is not other]
        assert any(coincide(one, other) for one, other in pairs)
        return
    fitting = [
        row
        for row in rows
        if destination.startswith(row.prefix)
        and row.traffic_class in (None, kind)
        and row.valid_from_us <= at_us
        and (row.valid_until_us is None or at_us < row.valid_until_us)
    ]
    best = max(fitting, key=lambda row: (len(row.prefix), row.traffic_class is not None), default=None)
    for _ in range(2):  # the second time from memory
        assert tariff.price_per_segment(destination, kind, at_us) == (best.price_micros if best else None)
        assert tariff.row_for(destination, kind, at_us) == best


@given(st.dictionaries(DIGITS, st.sampled_from("abc"), max_size=6), st.text("19", min_size=1, max_size=5))
def test_the_link_is_that_of_the_longest_prefix(links: dict[str, str], destination: str) -> None:
    table = RoutingTable(Route(prefix, link) for prefix, link in links.items())
    fitting = [prefix for prefix in links if destination.startswith(prefix)]
    assert table.select_link(destination) == (links[max(fitting, key=len)] if fitting else None)


@given(STATES, STATES)
def test_a_receipt_is_applied_only_while_the_end_is_open(
    current: MessageState, receipt: MessageState
) -> None:
    applied = judge_receipt(current, receipt) is ReceiptOutcome.APPLIED
    assert applied == (current in (MessageState.SENT, MessageState.UNKNOWN))
    assert judge_receipt(current, receipt) not in (ReceiptOutcome.EARLY, ReceiptOutcome.ORPHAN)


@given(st.lists(STATES, min_size=1, max_size=6))
def test_a_message_ends_when_its_last_segment_does(states: list[MessageState]) -> None:
    folded = fold_segments(states)
    assert is_final(folded) == all(map(is_final, states))
    assert (folded is MessageState.DELIVERED) == (set(states) == {MessageState.DELIVERED})
    assert fold_segments(sorted(states)) is folded


@given(
    st.lists(st.tuples(st.booleans(), st.integers(4_000, 4_200), st.integers(-(10**18), 10**18)), max_size=60)
)
def test_moments_by_number_are_a_dictionary(steps: list[tuple[bool, int, int]]) -> None:
    moments, model = MomentsByNumber(), dict[int, int]()
    for note, number, at_us in steps:
        if note:
            moments.set(number, at_us)
            model[number] = at_us
        else:
            moments.discard(number)
            model.pop(number, None)
    assert {number: moments.get(number, -5) for number in range(4_000, 4_201)} == {
        number: model.get(number, -5) for number in range(4_000, 4_201)
    }
    assert sorted(moments._pages) == sorted({number >> PAGE_BITS for number in model})
