"""The door charges what `rate` says, for tariffs of every shape, any order of ends, restarts between."""

from drawn_tariffs import segment_counts, tariffs
from hypothesis import given, settings
from hypothesis import strategies as st
from priced_shard import NAME, PricedShard
from shard import ACCOUNT, MSISDN, NOW_US

from operator_push.domain.message import MessageState, TrafficClass
from operator_push.domain.rating.contract import ChargeOn
from operator_push.domain.rating.document import TariffDocument
from operator_push.domain.rating.pricing import rate
from operator_push.domain.rating.values import Rating, RatingRequest, Usage
from operator_push.kernel.ids import id_epoch_us
from operator_push.services.usage_book import month_of

DELIVERED, UNDELIVERABLE = MessageState.DELIVERED, MessageState.UNDELIVERABLE
people = st.integers(1, 3)
messages = st.lists(st.tuples(segment_counts, people, st.booleans(), st.booleans()), min_size=1, max_size=8)


def rated(tariff: TariffDocument, segments: int, at_us: int, usage: Usage) -> Rating:
    request = RatingRequest(
        account=NAME,
        destination=MSISDN,
        segments=segments,
        at_us=at_us,
        traffic_class=TrafficClass.PROMOTIONAL,
        currency="INR",
    )
    rating = rate(request, tariff, usage)
    assert isinstance(rating, Rating)
    return rating


@given(tariff=tariffs(), sent=messages)
@settings(max_examples=60, deadline=None)
def test_one_after_the_other_each_is_charged_by_what_was_charged_before(
    tariff: TariffDocument, sent: list[tuple[int, int, bool, bool]]
) -> None:
    shard = PricedShard(tariff)
    used, contacts = Usage(), dict[int, dict[str, int]]()
    for segments, subscriber_no, delivered, restarts in sent:
        (accepted,) = shard.accept(shard.offer(subscriber_no, segments))
        message = accepted.message
        assert message is not None
        usage = Usage(
            segments=used.segments,
            contact_segments=contacts.get(subscriber_no, {}),
            credit_micros=used.credit_micros,
        )
        rating = rated(tariff, segments, id_epoch_us(message.message_id), usage)
        if restarts:
            shard.restart()
        assert message.held_micros >= rating.total_micros
        settled = shard.end(message, DELIVERED if delivered else UNDELIVERABLE)
        assert settled == (rating.total_micros if delivered else 0)
        if delivered:
            used = rating.usage
            contacts[subscriber_no] = dict(rating.usage.contact_segments)
    assert shard.balances.held(ACCOUNT) == 0


@given(tariff=tariffs(), sent=messages, order=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_prices_stay_as_they_were_when_accepted_whatever_ends_when(
    tariff: TariffDocument, sent: list[tuple[int, int, bool, bool]], order: object
) -> None:
    shard = PricedShard(tariff)
    used, contacts, expected = Usage(), dict[int, dict[str, int]](), dict[int, tuple[int, bool]]()
    for segments, subscriber_no, delivered, restarts in sent:
        (accepted,) = shard.accept(shard.offer(subscriber_no, segments))
        message = accepted.message
        assert message is not None
        usage = Usage(
            segments=used.segments,
            contact_segments=contacts.get(subscriber_no, {}),
            credit_micros=used.credit_micros,
        )
        rating = rated(tariff, segments, id_epoch_us(message.message_id), usage)
        used, contacts[subscriber_no] = rating.usage, dict(rating.usage.contact_segments)
        expected[message.message_id] = (rating.total_micros, delivered)
        if restarts:
            shard.restart()
    ends = list(shard.messages)
    order.shuffle(ends)  # type: ignore[attr-defined]
    for message in ends:
        total_micros, delivered = expected[message.message_id]
        settled = shard.end(message, DELIVERED if delivered else UNDELIVERABLE)
        assert settled == (total_micros if delivered else 0)
    if not any(delivered for _, delivered in expected.values()):
        month = month_of(tariff, NOW_US)
        for person in (1, 2, 3):  # nothing was charged, so nothing counts
            assert shard.book.usage(ACCOUNT, tariff.tariff, month, person) == Usage()


@given(tariff=tariffs(ChargeOn.SUBMISSION), segments=st.integers(2, 12), data=st.data())
@settings(max_examples=60, deadline=None)
def test_however_many_segments_are_charged_the_hold_covers_them(
    tariff: TariffDocument, segments: int, data: st.DataObject
) -> None:
    shard = PricedShard(tariff)
    (accepted,) = shard.accept(shard.offer(1, segments))
    message = accepted.message
    assert message is not None
    states = data.draw(
        st.lists(st.sampled_from((DELIVERED, MessageState.REJECTED)), min_size=segments, max_size=segments)
    )
    charged = states.count(DELIVERED)
    settled = shard.end(message, *states)
    total = rated(tariff, charged, id_epoch_us(message.message_id), Usage()).total_micros if charged else 0
    assert settled == total
