"""Messages priced by documents: held, counted, settled by contract; nothing counted that was refused."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from campaign_room import plain_texts
from priced_shard import MONEY_MICROS, NAME, PricedShard
from pyroaring import BitMap
from shard import ACCOUNT, BRAND, MSISDN, NOW_US

from operator_push.domain.concatenated_parts import Part
from operator_push.domain.message import MessageState, RefusalReason
from operator_push.domain.permission import ConsentAction
from operator_push.domain.rating.document import TariffDocument
from operator_push.domain.rating.reading import read_tariff
from operator_push.services.account_terms import AccountTerms
from operator_push.services.finish_message import TOLD_BY_RECEIPT, TOLD_BY_US
from operator_push.services.price_by_documents import attributes_of_rule
from operator_push.services.quote_campaign import QuoteCampaign
from operator_push.services.usage_book import month_of

HEAD = 'tariff = "t"\nversion = 1\ncurrency = "INR"\n'
PRICE = '[[price]]\nname = "all"\nper_segment = "0.10"\n'
DELIVERED, EXPIRED, REJECTED = MessageState.DELIVERED, MessageState.EXPIRED, MessageState.REJECTED
DELETED, UNDELIVERABLE = MessageState.DELETED, MessageState.UNDELIVERABLE


def document(more: str = "", head: str = "", price: str = PRICE) -> TariffDocument:
    return read_tariff(HEAD + head + price + more, "t.toml")


def contract(said: str) -> TariffDocument:
    return document(f"[contract]\n{said}\n")


def used(shard: PricedShard, subscriber_no: int = 1) -> Any:
    tariff = shard.documents.document(1)
    return shard.book.usage(ACCOUNT, "t", month_of(tariff, NOW_US), subscriber_no)


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ('charge_on = "delivery"', {"delivered": 1, "undeliverable": 0, "expired": 0, "our expiry": 0}),
        ('charge_on = "submission"', {"delivered": 1, "undeliverable": 1, "expired": 1, "our expiry": 0}),
        ('charge_on = "submission"', {"rejected": 0, "cancelled": 0, "cancelled there": 1}),
        ('charge_on = "acceptance"', {"delivered": 1, "rejected": 1, "our expiry": 1, "cancelled": 1}),
        (
            'charge_on = "acceptance"\nstates = { rejected = false, expired = false }',
            {"rejected": 0, "our expiry": 0, "cancelled": 1},
        ),
        ("states = { undeliverable = true, delivered = false }", {"delivered": 0, "undeliverable": 1}),
    ],
)
def test_the_contract_says_what_an_end_costs(said: str, ends: dict[str, int]) -> None:
    shard = PricedShard(contract(said))
    states = {
        "delivered": (DELIVERED, TOLD_BY_RECEIPT),
        "undeliverable": (UNDELIVERABLE, TOLD_BY_RECEIPT),
        "expired": (EXPIRED, TOLD_BY_RECEIPT),
        "our expiry": (EXPIRED, TOLD_BY_US),
        "rejected": (REJECTED, TOLD_BY_RECEIPT),
        "cancelled": (DELETED, TOLD_BY_US),
        "cancelled there": (DELETED, TOLD_BY_RECEIPT),
    }
    for name, charged in ends.items():
        (accepted,) = shard.accept(shard.offer(1, 2))
        assert accepted.message is not None
        state, told_by = states[name]
        assert shard.end(accepted.message, state, told_by=told_by) == charged * 200_000, name
    assert shard.balances.held(ACCOUNT) == 0
    assert shard.balances.available(ACCOUNT) == MONEY_MICROS - 200_000 * sum(ends.values())


def test_only_the_charged_segments_of_a_message_are_settled() -> None:
    shard = PricedShard(document('minimum = "0.15"\n'))
    (accepted,) = shard.accept(shard.offer(1, 3))
    assert accepted.message is not None
    assert accepted.message.held_micros == 300_000
    assert shard.end(accepted.message, DELIVERED, UNDELIVERABLE) == 150_000  # one segment, and its minimum


def test_a_plain_price_leaves_the_message_as_a_row_would() -> None:
    shard = PricedShard(document())
    (accepted,) = shard.accept(shard.offer(1, 2))
    assert accepted.message is not None
    assert (accepted.message.price_micros, accepted.message.charge) == (100_000, None)
    (row,) = shard.changes.message_price
    assert row[2:6] == (accepted.message_id, row[3], 1, 0)
    assert MSISDN.encode() not in row[6]


def test_what_is_refused_is_not_counted() -> None:
    bundle = '[[bundle]]\nname = "starter"\nsegments = 3\n'
    shard = PricedShard(document(bundle))
    (first,) = shard.accept(shard.offer(1, 2))
    assert used(shard).segments == {"starter": 2}
    poor = PricedShard(document(bundle))
    poor.balances.place_hold(ACCOUNT, 7, MONEY_MICROS)
    assert [each.reason for each in poor.accept(poor.offer(1, 4))] == [RefusalReason.NO_CREDIT]
    assert used(poor).segments == {}
    (free,) = poor.accept(poor.offer(1, 3))  # the bundle pays for all of it
    assert free.message is not None
    assert first.message is not None
    assert shard.end(first.message, DELIVERED) == 0


def test_what_nothing_prices_is_refused_for_want_of_a_route() -> None:
    shard = PricedShard(document(price='[[price]]\nname = "de"\nprefix = "49"\nper_segment = 1\n'))
    (accepted,) = shard.accept(shard.offer())
    assert accepted.reason is RefusalReason.NO_ROUTE
    assert shard.changes.message_price == []


def test_parts_cost_what_the_whole_would_and_need_credit_for_it() -> None:
    tiers = 'tiers = [{ up_to = 2, per_segment = "1.00" }, { per_segment = "0.70" }]\nminimum = "1.50"\n'
    tariff = document(price=f'[[price]]\nname = "all"\nvolume = "all_units"\n{tiers}')
    shard = PricedShard(tariff)
    outcomes = shard.accept(
        *(msgspec.structs.replace(shard.offer(), part=Part(7, 3, number)) for number in (2, 1, 3))
    )
    settled = [shard.end(each.message, DELIVERED) for each in outcomes if each.message is not None]
    whole = PricedShard(tariff)
    (accepted,) = whole.accept(whole.offer(1, 3))
    assert accepted.message is not None
    assert settled == [1_500_000, 500_000, 100_000]
    assert sum(settled) == whole.end(accepted.message, DELIVERED)
    assert [row[5] for row in shard.changes.message_price] == [0, 1, 2]
    poor = PricedShard(tariff)
    poor.balances.place_hold(ACCOUNT, 7, MONEY_MICROS - 1_600_000)  # enough for one part, not for three
    (first,) = poor.accept(msgspec.structs.replace(poor.offer(), part=Part(7, 3, 1)))
    assert first.reason is RefusalReason.NO_CREDIT


def test_an_account_pays_by_what_its_terms_name() -> None:
    shard = PricedShard(document())
    assert shard.prices.plans_of(ACCOUNT) is not None
    account = shard.registry.require_account(NAME)
    shard.registry.put_account(replace(account, terms=AccountTerms(tariff="rows")), shard.changes)
    shard.prices.account_changed()
    assert shard.prices.plans_of(ACCOUNT) is None
    (accepted,) = shard.accept(shard.offer())
    assert accepted.message is not None
    assert shard.changes.message_price == []


def test_a_campaign_is_quoted_with_the_attributes_of_its_rule() -> None:
    more = '[[surcharge]]\nname = "age"\nattribute = "age"\nper_segment = "0.02"\nper_message = "0.01"\n'
    shard = PricedShard(document(more))
    people = {1: "919812345601", 2: "919812345602"}
    campaigns = QuoteCampaign(
        shard.registry,
        shard.tariff,
        people.__getitem__,
        lambda *asked: 2,
        plain_texts(shard.registry),
        shard.prices,
    )
    asked = {"account": NAME, "source": "CHAI", "text": "Hello", "rule": ""}
    assert campaigns.quote(asked, BitMap(people), NOW_US)["quoted_micros"] == 2 * 200_000
    quote = campaigns.quote(asked | {"rule": "age >= 18"}, BitMap(people), NOW_US)
    assert (quote["quoted_micros"], quote["price_micros"]) == (2 * 250_000, 125_000)
    in_text = {"text": "{% if age >= 60 %}Sir{% else %}Hello{% endif %}"}  # the same person, by another way
    assert campaigns.quote(asked | in_text, BitMap(people), NOW_US)["quoted_micros"] == 2 * 250_000


def test_attributes_are_those_of_the_rule() -> None:
    assert attributes_of_rule('age >= 18 && home.city == "Pune"') == ("age", "home.city")
    assert attributes_of_rule("") == attributes_of_rule("no such thing") == ()


def test_what_has_no_message_bears_the_taxes_that_ask_nothing_of_one() -> None:
    def beside(more: str, net_micros: int = 1_000_000) -> int:
        return PricedShard(document(more)).prices.tax_beside(ACCOUNT, net_micros, NOW_US)

    gst = '[[tax]]\nname = "GST"\npercent = "18"\n'
    assert beside(gst) == 180_000
    assert beside(gst + '[[tax]]\nname = "abroad"\npercent = "5"\ncountry = "DE"\n') == 180_000
    assert beside(gst + f'[accounts.{NAME}]\nexempt = ["GST"]\n') == 0
    assert beside("") == 0


def test_each_channel_may_have_a_price_and_best_is_quoted_at_the_dearer_one() -> None:
    screen = '[[price]]\nname = "screen"\nchannel = "ussd"\nper_segment = "0.15"\n'
    shard = PricedShard(document(screen))
    shard.consent(1, ConsentAction.GRANT, brand_no=BRAND, channel="ussd")
    offer = shard.offer()
    by_ussd = msgspec.structs.replace(
        offer, submission=msgspec.structs.replace(offer.submission, channel="ussd")
    )
    held = [accepted.message.held_micros for accepted in shard.accept(offer, by_ussd) if accepted.message]
    assert held == [100_000, 150_000]
    quoting = QuoteCampaign(
        shard.registry,
        shard.tariff,
        lambda subscriber_no: MSISDN,
        lambda source, destination, text, account_no, kind: len(text) // 160 + 1,
        plain_texts(shard.registry),
        shard.prices,
    )
    for text, channel, micros in (
        ("Tea", "sms", 100_000),
        ("Tea", "ussd", 150_000),
        ("Tea", "best", 150_000),
        ("x" * 170, "ussd", 150_000),
        ("x" * 170, "best", 200_000),
    ):
        asked = {"account": NAME, "source": "CHAI", "text": text, "terms": {"channel": channel}}
        assert quoting.quote(asked, BitMap([1]), NOW_US)["quoted_micros"] == micros, (text[:3], channel)
