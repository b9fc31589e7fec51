"""The options of a message's link come from its settings, and only where it has some of its own."""

from types import SimpleNamespace

from operator_push.bootstrap.link_texts import LinkTexts
from operator_push.config import SmscSettings
from operator_push.domain.routing import Route, RoutingTable
from operator_push.text.link_text import DefaultAlphabet
from operator_push.text.segmentation import LongMessages
from operator_push.text.shift_tables import NationalLanguage


def link(name: str, **more: object) -> SmscSettings:
    return SmscSettings.model_validate({"name": name, "host": "smsc.example", "system_id": "us"} | more)


def texts_of(*links: SmscSettings) -> LinkTexts:
    table = RoutingTable([Route("", "plain"), Route("91", "hindi"), Route("44", "sar")])
    return LinkTexts(SimpleNamespace(routes=table), links)  # type: ignore[arg-type]


def test_a_link_s_settings_become_its_options():
    text = link("a", default_alphabet="latin1", long_messages="udh16").text
    assert text.default_alphabet is DefaultAlphabet.LATIN1
    assert (text.options.reference_bits, text.options.method) == (16, LongMessages.UDH)
    assert link("a", shift_tables=["hi", "ta"]).text.options.shift_tables == (
        NationalLanguage.HINDI,
        NationalLanguage.TAMIL,
    )


def test_a_message_is_cut_for_the_link_that_carries_it():
    texts = texts_of(link("plain"), link("hindi", shift_tables=["hi"]), link("sar", long_messages="sar"))
    found = [texts.of_message("CHAI", number, 1, 3) for number in ("919812345678", "447700900123", "33612")]
    assert [text.options.method if text else None for text in found] == [
        LongMessages.UDH,
        LongMessages.SAR,
        None,
    ]


def test_a_link_that_becomes_plain_has_no_options_any_more():
    texts = texts_of(link("sar", long_messages="sar"))
    texts.put(link("sar"))
    assert texts.of_message("CHAI", "447700900123", 1, 3) is None
