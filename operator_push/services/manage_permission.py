"""Manage permission: consent acts from files, shops, web pages and operators become events.

A row that cannot be read is answered with its reason and changes nothing; a good one is applied to the book
and staged as an event in the same step.
"""

from collections.abc import Callable, Mapping, Sequence

from operator_push.domain.permission import (
    ACTION_BY_NAME,
    PURPOSE_BY_NAME,
    ConsentEvent,
    Evidence,
    PermissionBook,
)
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.kernel.instants import parse_iso
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.changes import Changes, Row

CATEGORY_MAX = 8
CLOCK_TOLERANCE_US = 300 * 1_000_000  # Ours: clocks of shops and partners differ by minutes


def consent_row(shard: int, event_id: int, event: ConsentEvent) -> Row:
    """The row of store.schema.consent_event."""
    evidence = event.evidence
    return (
        shard,
        id_day(event_id),
        event_id,
        event.subscriber_no,
        event.brand_no,
        event.category,
        int(event.purpose),
        event.channel,
        int(event.action),
        event.at_us,
        evidence.method,
        evidence.detail,
        evidence.notice_version,
        evidence.language,
        evidence.reference,
    )


class ManagePermission:
    """The use case for one shard."""

    def __init__(
        self,
        shard: int,
        ids: IdSequence,
        permission: PermissionBook,
        number_of: Callable[[str], int],
        brand_no_of: Callable[[str], int],
    ) -> None:
        self._shard = shard
        self._ids = ids
        self._permission = permission
        self._number_of = number_of
        self._brand_no_of = brand_no_of

    def record(
        self, rows: Sequence[Mapping[str, str]], now_us: int, changes: Changes
    ) -> tuple[int, list[tuple[int, str]]]:
        """Apply rows with the columns of consents.csv.

        Returns how many changed something, and (index, reason) of those that were refused. An act that
        changes nothing (the same file imported again) leaves no event.
        """
        applied = 0
        refused: list[tuple[int, str]] = []
        for index, row in enumerate(rows):
            try:
                event = self._event(row, now_us)
            except KeyError as error:
                refused.append((index, f"column {error} is missing"))
                continue
            except (TypeError, ValueError) as error:
                refused.append((index, str(error)))
                continue
            if self._permission.apply(event):
                applied += 1
                changes.consent_event.append(consent_row(self._shard, self._ids.next_id(now_us), event))
        return applied, refused

    def _event(self, row: Mapping[str, str], now_us: int) -> ConsentEvent:
        msisdn = normalise_msisdn(str(row["msisdn"]))
        if msisdn is None:
            raise ValueError("msisdn is not an international number")
        subscriber_no = self._number_of(msisdn)
        if not subscriber_no:
            raise ValueError("msisdn is not a known subscriber; import the subscriber first")
        brand = str(row["brand"])
        category = 0 if row["category"] in ("*", "") else int(row["category"])
        if not 0 <= category <= CATEGORY_MAX:
            raise ValueError(f"category {category} is not 1..{CATEGORY_MAX} or *")
        purpose = PURPOSE_BY_NAME.get(row["purpose"])
        if purpose is None:
            raise ValueError(f"purpose {row['purpose']!r} is not one of {', '.join(PURPOSE_BY_NAME)}")
        action = ACTION_BY_NAME.get(row["action"])
        if action is None:
            raise ValueError(f"action {row['action']!r} is not one of {', '.join(ACTION_BY_NAME)}")
        at_us = parse_iso(row["at"])
        if at_us > now_us + CLOCK_TOLERANCE_US:
            raise ValueError(f"at {row['at']!r} is in the future; an act is recorded when it has happened")
        if not _text(row["method"]).strip() or not _text(row["evidence"]).strip():
            raise ValueError("method and evidence must say how the act came and what proves it")
        return ConsentEvent(
            subscriber_no=subscriber_no,
            brand_no=0 if brand in ("*", "") else self._brand_no_of(brand),
            category=category,
            purpose=purpose,
            channel=row.get("channel") or "*",
            action=action,
            at_us=at_us,
            evidence=Evidence(
                method=_text(row["method"]),
                detail=_text(row["evidence"]),
                notice_version=_text(row.get("notice_version")),
                language=_text(row.get("language")),
                reference=_text(row.get("reference")),
            ),
        )


def _text(value: object) -> str:
    """A value of a row as text that every database takes: nothing is "", and no NUL is kept."""
    return "" if value is None else str(value).replace("\0", "")
