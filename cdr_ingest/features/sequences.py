"""Sequences: records of a day in their order: what lies between two, and which texts make a conversation.

Rows for partials, and how stage two joins the last of one day to the first of the next, so that a window
has what one pass over all of its records would find. A conversation is of texts with one correspondent; it
ends with a call between the two, or after an hour of silence (bandicoot 0.6.0, module `individual`).
Moments are whole seconds: the sums of their squares are then the same on every engine.
"""

from collections.abc import Callable
from typing import Any

import ibis

from cdr_ingest.formats.layouts import CALL_KINDS, SMS_KINDS
from operator_push.kernel.instants import MICROS_PER_SECOND

Table = Any  # ibis.expr.types.Table; Ibis brings no types
Column = Any
CONVERSATION_GAP_S = 3_600
SECOND = "second"  # whole seconds since 1970
_PERSON_AND_CONTACT = ("subscriber_no", "contact")


def with_second(rows: Table) -> Table:
    """With the moment in whole seconds."""
    return rows.mutate(second=rows.us // MICROS_PER_SECOND)


def talk_gaps(rows: Table) -> Table:
    """Calls and texts, each kind (`is_call`) with the time since the one before it that day."""
    talks = with_second(rows.filter(rows.kind.isin(CALL_KINDS + SMS_KINDS)))
    talks = talks.mutate(is_call=talks.kind.isin(CALL_KINDS))
    before = _in_order(talks, ("subscriber_no", "day", "is_call"), "second")
    return talks.mutate(gap_s=(talks.second - talks.second.lag().over(before)).coalesce(0))


def joined_gaps(rows: Table) -> Table:
    """Days of one kind with the time since the day before: `gap_square` has that gap, too."""
    before = _in_order(rows, ("subscriber_no", "is_call"), "day")
    between = (rows.first_s - rows.last_s.lag().over(before)).coalesce(0)
    return rows.mutate(gap_square=rows.gap_square + between * between)


def texts_of_conversations(rows: Table) -> Table:
    """Texts with the number of their conversation among those of the day with this correspondent.

    `begins`: it is the conversation's first of the day. `delay_s`: how long ago the text was that this one
    answers; 0: none. `is_new_day`: nothing was between the two that day before. `is_before_call`: the next
    between the two is a call.
    """
    talks = with_second(rows.filter(rows.kind.isin(CALL_KINDS + SMS_KINDS)))
    talks = talks.mutate(
        contact=talks.contact.cast("int64"),
        is_text=talks.kind.isin(SMS_KINDS),
        is_out=(talks.kind == "MO_SMS").ifelse(1, 0),
    )
    # Of one moment the kind decides; what is alike in both may stand in any order.
    of_day = _in_order(talks, ("subscriber_no", "day", "contact"), "us", "kind")
    talks = talks.mutate(
        before_s=talks.second.lag().over(of_day),
        is_before_text=talks.is_text.lag().over(of_day),
        is_before_out=talks.is_out.lag().over(of_day),
        is_text_next=talks.is_text.lead().over(of_day),
    )
    texts = talks.filter(talks.is_text)
    apart_s = texts.second - texts.before_s
    goes_on = (texts.is_before_text & (apart_s < CONVERSATION_GAP_S)).coalesce(False)
    texts = texts.mutate(
        begins=goes_on.ifelse(0, 1),
        delay_s=(goes_on & (texts.is_out == 1) & (texts.is_before_out == 0)).ifelse(apart_s, 0),
        is_new_day=texts.before_s.isnull().ifelse(1, 0),
        is_before_call=(~texts.is_text_next).coalesce(False).ifelse(1, 0),
    )
    keys = [texts[name] for name in ("subscriber_no", "day", "contact")]
    order = [texts.us, texts.kind, texts.begins.desc()]
    so_far = ibis.window(group_by=keys, order_by=order, rows=(None, 0))
    return texts.mutate(conversation=texts.begins.sum().over(so_far).cast("int64"))


CONVERSATION_COLUMNS: dict[str, Callable[[Table], Column]] = {
    "first_s": lambda rows: rows.second.min(),
    "last_s": lambda rows: rows.second.max(),
    "is_out_first": lambda rows: (rows.begins * rows.is_out).sum().cast("int64"),
    "is_out_last": lambda rows: rows.is_out.argmax(rows.us * 2 + (1 - rows.is_out)).cast("int64"),
    "texts_out": lambda rows: rows.is_out.sum().cast("int64"),
    "replies": lambda rows: (rows.delay_s > 0).ifelse(1, 0).sum().cast("int64"),
    "delay_s": lambda rows: rows.delay_s.sum().cast("int64"),
    "delay_square": lambda rows: (rows.delay_s * rows.delay_s).sum().cast("int64"),
    "is_new_day": lambda rows: rows.is_new_day.sum().cast("int64"),
    "is_before_call": lambda rows: rows.is_before_call.sum().cast("int64"),
}


def joined_conversations(rows: Table) -> Table:
    """A row per conversation: one that goes on after midnight is a part of two days or more."""
    in_order = _in_order(rows, _PERSON_AND_CONTACT, "day", "conversation")
    rows = rows.mutate(
        before_s=rows.last_s.lag().over(in_order),
        is_before_out=rows.is_out_last.lag().over(in_order),
        is_before_ended=rows.is_before_call.lag().over(in_order),
    )
    apart_s = rows.first_s - rows.before_s
    goes_on = (rows.is_new_day == 1) & (rows.is_before_ended == 0) & (apart_s < CONVERSATION_GAP_S)
    goes_on = goes_on.coalesce(False)
    rows = rows.mutate(
        begins=goes_on.ifelse(0, 1),
        across_s=(goes_on & (rows.is_out_first == 1) & (rows.is_before_out == 0)).ifelse(apart_s, 0),
    )
    keys = [rows[name] for name in _PERSON_AND_CONTACT]
    so_far = ibis.window(group_by=keys, order_by=[rows.day, rows.conversation], rows=(None, 0))
    rows = rows.mutate(number=rows.begins.sum().over(so_far))
    return rows.group_by(*_PERSON_AND_CONTACT, "number").agg(
        is_begun=(rows.begins * rows.is_out_first).sum() > 0,
        is_answered=rows.texts_out.sum() > 0,
        replies=(rows.replies + (rows.across_s > 0).ifelse(1, 0)).sum().cast("int64"),
        delay_s=(rows.delay_s + rows.across_s).sum().cast("int64"),
        delay_square=(rows.delay_square + rows.across_s * rows.across_s).sum().cast("int64"),
    )


def _in_order(rows: Table, keys: tuple[str, ...], *order: str) -> Any:
    return ibis.window(group_by=[rows[name] for name in keys], order_by=[rows[name] for name in order])
