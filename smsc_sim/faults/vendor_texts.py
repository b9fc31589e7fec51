"""Vendor texts: receipts as operators and aggregators are seen to write them, by name.

SMPP v3.4 appendix B leaves the format to the SMSC, so every reader of receipts has met these. A name stands
for the text and, where the quirk is not in the text, for what is around it: TLVs or none, a first receipt
before the final one. Pure; `ReceiptFacts` in, octets out.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from operator_push.smpp.constants import MessageState
from operator_push.smpp.receipt_text import STAT_TEXTS


class ReceiptFacts(msgspec.Struct, frozen=True):
    """What a receipt tells. Dates are UTC; `error_code` is that of the CDR."""

    id: str
    state: MessageState
    error_code: int
    submitted: datetime
    done: datetime

    @property
    def delivered(self) -> int:
        """1 where the handset has it."""
        return int(self.state is MessageState.DELIVERED)


Writer = Callable[[ReceiptFacts], str]


class VendorText(msgspec.Struct, frozen=True):
    """`seen` tells where such receipts come from; `first` writes one that precedes the final receipt."""

    seen: str
    write: Writer
    keeps_tlvs: bool = True
    first: Writer | None = None


_FULL_WORDS: Final = {
    MessageState.DELIVERED: "DELIVERED",
    MessageState.UNDELIVERABLE: "UNDELIVERABLE",
    MessageState.ACCEPTED: "ACCEPTED",
    MessageState.REJECTED: "REJECTED",
}


def _usual(facts: ReceiptFacts, **changes: str) -> str:
    """Appendix B with some of its parts written otherwise; `dates` is a strftime form for both."""
    dates = changes.get("dates", "%y%m%d%H%M")
    return (
        f"id:{changes.get('id', facts.id)} sub:{changes.get('sub', '001')}"
        f" dlvrd:{changes.get('dlvrd', f'{facts.delivered:03d}')}"
        f" submit date:{facts.submitted:{dates}} done date:{facts.done:{dates}}"
        f" stat:{changes.get('stat', STAT_TEXTS[facts.state])}"
        f" err:{changes.get('err', f'{facts.error_code:03d}')} {changes.get('tail', 'text:')}"
    )


def _failed_word(facts: ReceiptFacts) -> str:
    word = STAT_TEXTS[facts.state]
    return "FAILED" if facts.state is MessageState.UNDELIVERABLE else word


def _no_counts(facts: ReceiptFacts) -> str:
    return (
        f"id:{facts.id} submit date:{facts.submitted:%Y%m%d%H%M%S} done date:{facts.done:%Y%m%d%H%M%S}"
        f" stat:{STAT_TEXTS[facts.state]} err:{facts.error_code}"
    )


def _other_order(facts: ReceiptFacts) -> str:
    return (
        f"sub:001 id:{facts.id} err:{facts.error_code:03d} dlvrd:{facts.delivered:03d}"
        f" done date:{facts.done:%y%m%d%H%M%S} submit date:{facts.submitted:%y%m%d%H%M%S}"
        f" text: stat:{STAT_TEXTS[facts.state]}"
    )


def _upper_labels(facts: ReceiptFacts) -> str:
    return (
        f"ID:{facts.id} SUB:001 DLVRD:{facts.delivered:03d} SUBMIT DATE:{facts.submitted:%y%m%d%H%M}"
        f" DONE DATE:{facts.done:%y%m%d%H%M} STAT:{STAT_TEXTS[facts.state]} ERR:{facts.error_code:03d} TEXT:"
    )


VENDOR_TEXTS: Final[dict[str, VendorText]] = {
    "link": VendorText(
        "LINK Mobility: sub:000 dlvrd:000 whatever became of it, empty text",
        lambda facts: _usual(facts, sub="000", dlvrd="000"),
    ),
    "vonage": VendorText(
        "Vonage: stat:FAILED for what cannot be delivered; one receipt per segment",
        lambda facts: _usual(facts, stat=_failed_word(facts)),
    ),
    "tyntec": VendorText(
        "tyntec: a buffered receipt first, the final one later, both for one id",
        _usual,
        first=lambda facts: _usual(facts, stat="BUFFRED", dlvrd="000", err="000"),
    ),
    "infobip": VendorText(
        "Infobip: stat:ENROUTE in a receipt (esm_class 0x04), the final one later",
        _usual,
        first=lambda facts: _usual(facts, stat="ENROUTE", dlvrd="000", err="000"),
    ),
    "text_only": VendorText("SMSCs of SMPP 3.3: the text alone, no TLV", _usual, keeps_tlvs=False),
    "seconds": VendorText(
        "dates with seconds", lambda facts: _usual(facts, dates="%y%m%d%H%M%S"), keeps_tlvs=False
    ),
    "long_year": VendorText(
        "dates with a year of four digits", lambda facts: _usual(facts, dates="%Y%m%d%H%M"), keeps_tlvs=False
    ),
    "no_counts": VendorText("no sub, dlvrd or text; err of one digit", _no_counts, keeps_tlvs=False),
    "other_order": VendorText("labels in another order, stat after text", _other_order, keeps_tlvs=False),
    "upper_labels": VendorText("labels in capitals", _upper_labels, keeps_tlvs=False),
    "capital_text": VendorText("Text: with a capital", lambda facts: _usual(facts, tail="Text:")),
    "no_text_label": VendorText(
        "words after err without the label text:", lambda facts: _usual(facts, tail="sent by the handset")
    ),
    "full_words": VendorText(
        "stat words in full: DELIVERED, UNDELIVERABLE",
        lambda facts: _usual(facts, stat=_FULL_WORDS.get(facts.state, STAT_TEXTS[facts.state])),
    ),
    "lower_stat": VendorText(
        "stat words in small letters", lambda facts: _usual(facts, stat=STAT_TEXTS[facts.state].lower())
    ),
    "hex_err": VendorText(
        "err is no number: hexadecimal digits",
        lambda facts: _usual(facts, err=f"{0x200 + facts.error_code:03x}"),
    ),
    "label_in_text": VendorText(
        "the message's own words look like labels",
        lambda facts: _usual(facts, tail="text:id:1 stat:REJECTD err:999"),
    ),
    "cut_short": VendorText(
        "the text ends before stat; only the TLVs tell",
        lambda facts: _usual(facts).partition(" stat:")[0],
    ),
    "empty": VendorText("no text at all; only the TLVs tell", lambda facts: ""),
    "no_receipt": VendorText(
        "words for a person, marked as a receipt, without TLVs",
        lambda facts: "Your message has been dealt with.",
        keeps_tlvs=False,
    ),
}
