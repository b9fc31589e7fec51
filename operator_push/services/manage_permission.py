"""Manage permission: consent acts from files, shops, web pages and operators become events.

A row that cannot be read, or whose act may not follow where its scope stands, is answered with its reason and
changes nothing; a good one is applied to the book and staged as an event in the same step.
"""

from collections.abc import Callable, Mapping, Sequence

from operator_push.domain.consent import (
    BASIS_BY_NAME,
    CATEGORY_MAX,
    EVERY,
    EVERYWHERE,
    WITHOUT_END,
    Basis,
    channel_of,
    scope_of,
)
from operator_push.domain.consent_record import EXTRA, more_text, purpose_of
from operator_push.domain.consent_states import ConsentState, why_refused
from operator_push.domain.jurisdictions import GROUPS, SOFT_OPT_IN, counts_in, is_jurisdiction
from operator_push.domain.permission import (
    ACTION_BY_NAME,
    ConsentAction,
    ConsentEvent,
    Evidence,
    PermissionBook,
    Purpose,
)
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.kernel.instants import parse_iso
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.changes import Changes, Row
from operator_push.services.notices import KnowsNotices
from operator_push.services.number_country import country_of

CLOCK_TOLERANCE_US = 300 * 1_000_000  # Ours: clocks of shops and partners differ by minutes
ANSWER_WITHIN_US = 24 * 3_600_000_000  # Ours: how long a challenge can be answered where it does not say
_DIALOGUE = (ConsentAction.REQUEST, ConsentAction.CHALLENGE, ConsentAction.CONFIRM)
_GRANTS = (ConsentAction.GRANT, ConsentAction.CONFIRM)
_STOPS = (ConsentAction.WITHDRAW, ConsentAction.DENY, ConsentAction.OBJECT)
_UNSALTED = b""  # the store salts it as it writes (store.consent_seal_rows)


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
        int(event.basis),
        event.expires_us,
        event.jurisdiction,
        evidence.more,
        _UNSALTED,
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
        country_of: Callable[[str], str | None] = country_of,
        notices: KnowsNotices | None = None,
        on_stopped: Sequence[Callable[[str, int, Changes], object]] = (),
        linked_msisdn: Callable[[int, str], str] = lambda account_no, customer_code: "",
    ) -> None:
        """`on_stopped` are told of every stop, once it holds: (msisdn, now_us, changes); `linked_msisdn`: the
        number that an account's customer code is linked to by proof, "" for none."""
        self._shard = shard
        self._ids = ids
        self._permission = permission
        self._number_of = number_of
        self._brand_no_of = brand_no_of
        self._country_of = country_of
        self._notices = notices
        self._on_stopped = on_stopped
        self._linked_msisdn = linked_msisdn

    def record(
        self,
        rows: Sequence[Mapping[str, str]],
        now_us: int,
        changes: Changes,
        file: str = "",
        account_no: int = 0,
    ) -> tuple[int, list[tuple[int, str]]]:
        """Apply rows with the columns of consents.csv; `file`, where they come from one, is evidence too;
        `account_no`: whose customer codes may stand in the place of numbers, 0: nobody's.

        Returns how many changed something, and (index, reason) of those that were refused. An act that
        changes nothing (the same file imported again) leaves no event.
        """
        applied = 0
        refused: list[tuple[int, str]] = []
        for index, row in enumerate(rows):
            try:
                msisdn = self._msisdn_of(row, account_no)
                event, counts = self._event(row, msisdn, now_us, file)
            except KeyError as error:
                refused.append((index, f"column {error} is missing"))
                continue
            except (TypeError, ValueError) as error:
                refused.append((index, str(error)))
                continue
            if self._changes_something(event, counts, now_us):
                applied += 1
                changes.consent_event.append(consent_row(self._shard, self._ids.next_id(now_us), event))
                if event.action in _STOPS:
                    for told in self._on_stopped:
                        told(msisdn, now_us, changes)
        return applied, refused

    def _changes_something(self, event: ConsentEvent, counts: bool, now_us: int) -> bool:
        """Fold one act in. A grant that is over already leaves one that holds alone."""
        if not counts:
            return self._permission.apply_elsewhere(event)
        over = event.expires_us != WITHOUT_END and event.expires_us <= now_us
        if over and event.action in _GRANTS:
            state = self._permission.state(event.subscriber_no, scope_of(event), now_us)
            if state in (ConsentState.GRANTED, ConsentState.EXPIRED):
                return False
        return self._permission.apply(event)

    def _msisdn_of(self, row: Mapping[str, str], account_no: int) -> str:
        """Whose row it is: by the number, or by the customer code that was linked to it."""
        code = _text(row.get("customer_code")).strip()
        if not code:
            msisdn = normalise_msisdn(str(row["msisdn"]))
            if msisdn is None:
                raise ValueError("msisdn is not an international number")
            return msisdn
        if not account_no:
            raise ValueError("a customer_code is its client's own; name the account whose it is")
        linked = self._linked_msisdn(account_no, code)
        if not linked:
            raise ValueError("customer_code is linked to no number by proof; person link begins that")
        if _text(row.get("msisdn")).strip() and normalise_msisdn(str(row["msisdn"])) != linked:
            raise ValueError("msisdn and customer_code are not the same person's")
        return linked

    def _event(
        self, row: Mapping[str, str], msisdn: str, now_us: int, file: str
    ) -> tuple[ConsentEvent, bool]:
        """The act of a row, and whether it counts where the number is from."""
        subscriber_no = self._number_of(msisdn)
        if not subscriber_no:
            raise ValueError("msisdn is not a known subscriber; import the subscriber first")
        brand = str(row["brand"])
        category = 0 if row["category"] in ("*", "") else int(row["category"])
        if not 0 <= category <= CATEGORY_MAX:
            raise ValueError(f"category {category} is not 1..{CATEGORY_MAX} or *")
        purpose = purpose_of(row["purpose"])
        action = ACTION_BY_NAME.get(row["action"])
        if action is None:
            raise ValueError(f"action {row['action']!r} is not one of {', '.join(ACTION_BY_NAME)}")
        at_us = parse_iso(row["at"])
        if at_us > now_us + CLOCK_TOLERANCE_US:
            raise ValueError(f"at {row['at']!r} is in the future; an act is recorded when it has happened")
        if not _text(row["method"]).strip() or not _text(row["evidence"]).strip():
            raise ValueError("method and evidence must say how the act came and what proves it")
        jurisdiction = (row.get("jurisdiction") or EVERYWHERE).lower()
        country = None
        if jurisdiction != EVERYWHERE:
            if not is_jurisdiction(jurisdiction):
                raise ValueError(
                    f"jurisdiction {jurisdiction!r} is not two letters of ISO 3166, {', '.join(GROUPS)} or *"
                )
            country = self._country_of(msisdn)
        if self._notices is not None and (notice_id := row.get("notice_id")):
            shown = _text(row.get("notice_version")), _text(row.get("language"))
            wrong = self._notices.why_wrong(str(notice_id), *shown, _text(row.get("notice_sha256")), now_us)
            if wrong is not None:
                raise ValueError(wrong)
        event = ConsentEvent(
            subscriber_no,
            0 if brand in ("*", "") else self._brand_no_of(brand),
            category,
            purpose,
            channel_of(_text(row.get("channel"))),
            action,
            at_us,
            Evidence(
                _text(row["method"]),
                _text(row["evidence"]),
                _text(row.get("notice_version")),
                _text(row.get("language")),
                _text(row.get("reference")),
                _more(row, file),
            ),
            _basis(row),
            _expires_us(row, action, at_us),
            jurisdiction,
        )
        if event.basis is not Basis.CONSENT:
            self._check_basis(event, msisdn)
        self._check_state(event, now_us)
        return event, counts_in(jurisdiction, country, action)

    def _check_state(self, event: ConsentEvent, now_us: int) -> None:
        """Questions, challenges and answers only where they may follow; a plain yes not past a challenge."""
        action = event.action
        if action not in _DIALOGUE and not (
            action is ConsentAction.GRANT and self._permission.has_challenges
        ):
            return
        at_us = event.at_us if action is ConsentAction.CONFIRM else now_us
        state = self._permission.state(event.subscriber_no, scope_of(event), at_us)
        if action in _DIALOGUE or state is ConsentState.CONFIRMING:
            why = why_refused(state, action)
            if why is not None:
                raise ValueError(why)

    def _check_basis(self, event: ConsentEvent, msisdn: str) -> None:
        if event.action is not ConsentAction.GRANT:
            raise ValueError("basis: only a grant rests on another basis than consent; leave it out")
        if event.basis is Basis.SOFT_OPT_IN:
            if event.brand_no == EVERY or event.purpose is not Purpose.MARKETING:
                raise ValueError("basis soft_opt_in is for marketing by the one brand whose customer it is")
            country = (self._country_of(msisdn) or "").lower()
            if country not in SOFT_OPT_IN:
                raise ValueError(
                    f"basis soft_opt_in is not known to the law of {country or 'no known country'}; "
                    f"it is in {', '.join(sorted(SOFT_OPT_IN))}"
                )
        elif event.purpose is not Purpose.SERVICE:
            raise ValueError(f"basis {event.basis.name.lower()} permits the purpose service alone")


def _basis(row: Mapping[str, str]) -> Basis:
    text = row.get("basis")
    if not text:
        return Basis.CONSENT
    basis = BASIS_BY_NAME.get(text)
    if basis is None:
        raise ValueError(f"basis {text!r} is not one of {', '.join(BASIS_BY_NAME)}")
    return basis


def _expires_us(row: Mapping[str, str], action: ConsentAction, at_us: int) -> int:
    text = row.get("expires_at")
    if not text:
        return at_us + ANSWER_WITHIN_US if action is ConsentAction.CHALLENGE else WITHOUT_END
    if action not in _GRANTS and action is not ConsentAction.CHALLENGE:
        raise ValueError(f"expires_at: {action.name.lower()} has no end; only grants and challenges have")
    expires_us = parse_iso(text)
    if expires_us <= at_us:
        raise ValueError(f"expires_at {text!r} is not after at")
    return expires_us


def _more(row: Mapping[str, str], file: str) -> str:
    """Further evidence; that of a file names it and the line."""
    source = {"source_file": file, "source_line": row.get("line", "")} if file else {}
    if EXTRA.keys().isdisjoint(row):  # most files have none: two microseconds less a row
        return more_text(source) if source else ""
    return more_text({**row, **source})


def _text(value: object) -> str:
    """A value of a row as text that every database takes: nothing is "", and no NUL is kept."""
    return "" if value is None else str(value).replace("\0", "")
