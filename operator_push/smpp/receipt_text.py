"""Receipt text: the short_message of a delivery receipt (SMPP v3.4 appendix B), both ways.

    id:IIIIIIIIII sub:SSS dlvrd:DDD submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DDDDDDD err:EEE text:...

Laws: the format is "SMSC vendor specific", so reading is generous: any order, any case of the labels, labels
left out, "=" for ":", ";" between fields, seconds or a four-digit year in the dates; only a text without id
or without stat is no receipt. The dates carry no zone: they are the SMSC's local time and stay text until
somebody knows the zone.
Not here: the receipt's TLVs, which beat the text where both speak (the owner's choice).
"""

import re
from datetime import datetime
from typing import Final

import msgspec

from operator_push.smpp.codec_choice import compiled
from operator_push.smpp.constants import MessageState

# Appendix B, table B-2; the fuller words are what SMSCs are seen to write besides.
STAT_TEXTS: Final = {
    MessageState.ENROUTE: "ENROUTE",
    MessageState.DELIVERED: "DELIVRD",
    MessageState.EXPIRED: "EXPIRED",
    MessageState.DELETED: "DELETED",
    MessageState.UNDELIVERABLE: "UNDELIV",
    MessageState.ACCEPTED: "ACCEPTD",
    MessageState.UNKNOWN: "UNKNOWN",
    MessageState.REJECTED: "REJECTD",
    MessageState.SCHEDULED: "SCHEDLD",
    MessageState.SKIPPED: "SKIPPED",
}
_STATES: Final = {text: state for state, text in STAT_TEXTS.items()} | {
    "DELIVERED": MessageState.DELIVERED,
    "UNDELIVERABLE": MessageState.UNDELIVERABLE,
    "UNDELIVERED": MessageState.UNDELIVERABLE,
    "FAILED": MessageState.UNDELIVERABLE,
    "ACCEPTED": MessageState.ACCEPTED,
    "REJECTED": MessageState.REJECTED,
    "BUFFERED": MessageState.ENROUTE,
    "BUFFRED": MessageState.ENROUTE,
}
_quick_facts = None if compiled is None else compiled.receipt_facts
_COUNT_DIGITS_MAX: Final = 9  # Ours: appendix B has three; more than nine is no count.
_TEXT_OCTETS_MAX: Final = 20  # appendix B: "the first 20 characters of the short message"


class ReceiptFields(msgspec.Struct, frozen=True, gc=False):
    """What a receipt's text says; a label that is not there gives None (counts) or an empty value."""

    id: str
    stat: str
    sub: int | None = None
    dlvrd: int | None = None
    submit_date: str = ""
    done_date: str = ""
    err: str = ""
    text: bytes = b""


_USUAL: Final = re.compile(
    rb"id:(\S+) sub:(\d+) dlvrd:(\d+) submit date:(\d+) done date:(\d+) stat:(\S+) err:(\S+)"
    rb"(?: [tT]ext:(.*))?",
    re.DOTALL,
)
# The same up to the error code: what stands behind it cannot change what stands before it.
_USUAL_FACTS: Final = re.compile(
    rb"id:(\S+) sub:\d+ dlvrd:\d+ submit date:\d+ done date:\d+ stat:(\S+) err:(\S+)(?: [tT]ext:|\Z)"
)
# "ID=79;STATUS=DELIVERED" too: some vendors write it as a list of assignments.
_LABELS: Final = re.compile(
    rb"(?:^|(?<=[\s;,|]))(id|sub|dlvrd|submit[ _]date|done[ _]date|stat|status|err|error|text)[:=]",
    re.IGNORECASE,
)
_OTHER_NAMES: Final = {
    b"status": b"stat",
    b"error": b"err",
    b"submit_date": b"submit date",
    b"done_date": b"done date",
}
_WORD: Final = re.compile(rb"[^\s;,|]+")


def parse_receipt(text: bytes) -> ReceiptFields | None:
    """The fields of a receipt's text, or None where it has no id or no stat.

    Ids and words are latin-1 text as they stand (see message_id.py for their forms).
    """
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        identifier, sub, dlvrd, submit_date, done_date, stat, err, rest = usual.groups()
        return ReceiptFields(
            identifier.decode("latin-1"),
            stat.decode("latin-1").upper(),
            _count(sub.decode("ascii")),
            _count(dlvrd.decode("ascii")),
            submit_date.decode("ascii"),
            done_date.decode("ascii"),
            err.decode("latin-1"),
            rest or b"",
        )
    found = _labelled(text)
    identifier, stat = _word(found, b"id"), _word(found, b"stat")
    if not identifier or not stat:
        return None
    return ReceiptFields(
        identifier,
        stat.upper(),
        _count(_word(found, b"sub")),
        _count(_word(found, b"dlvrd")),
        _word(found, b"submit date"),
        _word(found, b"done date"),
        _word(found, b"err"),
        found.get(b"text", b""),
    )


def receipt_facts(text: bytes) -> tuple[str, str, str] | None:
    """(id, stat in capitals, err) of a receipt's text: what settles a message; None as in `parse_receipt`."""
    if _quick_facts is not None:
        facts = _quick_facts(text)
        if facts is not None:
            return facts
    usual = _USUAL_FACTS.match(text)
    if usual is not None:
        identifier, stat, error = usual.groups()
        return identifier.decode("latin-1"), stat.decode("latin-1").upper(), error.decode("latin-1")
    fields = parse_receipt(text)
    return None if fields is None else (fields.id, fields.stat, fields.err)


def message_state_of(stat: str) -> MessageState | None:
    """The message_state that a stat word means, or None for a word that nobody has listed."""
    return _STATES.get(stat.upper())


def receipt_date(digits: str) -> datetime | None:
    """A receipt's date as a naive datetime in the SMSC's local time, or None where it is no date.

    Forms: YYMMDDhhmm, YYMMDDhhmmss, YYYYMMDDhhmm, YYYYMMDDhhmmss. Twelve digits are read with a two-digit
    year and seconds unless only the other reading is a date.
    """
    if not (digits.isascii() and digits.isdigit()):
        return None
    for form in _DATE_FORMS.get(len(digits), ()):
        try:
            return datetime.strptime(digits, form)  # noqa: DTZ007  # see the module: no zone is known
        except ValueError:
            continue
    return None


def format_receipt(
    message_id: str,
    state: MessageState,
    submit_date: datetime,
    done_date: datetime,
    *,
    error_code: str = "000",
    submitted: int = 1,
    delivered: int | None = None,
    text: bytes = b"",
) -> bytes:
    """The text of a receipt. Dates are written as they stand: give them in the zone the reader expects.

    `delivered` defaults to `submitted` where the state is DELIVERED and to 0 elsewhere.
    """
    if delivered is None:
        delivered = submitted if state == MessageState.DELIVERED else 0
    head = (
        f"id:{message_id} sub:{submitted:03d} dlvrd:{delivered:03d} submit date:{submit_date:%y%m%d%H%M}"
        f" done date:{done_date:%y%m%d%H%M} stat:{STAT_TEXTS[state]} err:{error_code} text:"
    )
    return head.encode("latin-1") + text[:_TEXT_OCTETS_MAX]


_DATE_FORMS: Final[dict[int, tuple[str, ...]]] = {
    10: ("%y%m%d%H%M",),
    12: ("%y%m%d%H%M%S", "%Y%m%d%H%M"),
    14: ("%Y%m%d%H%M%S",),
}


def _labelled(text: bytes) -> dict[bytes, bytes]:
    """The octets between each label and the next; of a repeated label the first counts.

    What follows text: is the message's own, so labels in it count only where they were missing before it.
    """
    matches = list(_LABELS.finditer(text))
    found: dict[bytes, bytes] = {}
    for index, match in enumerate(matches):
        label = match.group(1).lower()
        label = _OTHER_NAMES.get(label, label)
        if label == b"text":
            found.setdefault(label, text[match.end() :])
            continue
        stop = matches[index + 1].start() if index + 1 < len(matches) else len(text)
        found.setdefault(label, text[match.end() : stop])
    return found


def _word(found: dict[bytes, bytes], label: bytes) -> str:
    word = _WORD.search(found.get(label, b""))
    return word.group().decode("latin-1") if word is not None else ""


def _count(digits: str) -> int | None:
    is_count = digits.isascii() and digits.isdigit() and len(digits) <= _COUNT_DIGITS_MAX
    return int(digits) if is_count else None
