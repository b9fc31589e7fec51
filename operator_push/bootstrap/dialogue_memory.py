"""What a start reads back of talking with subscribers: answers of the day, open challenges, notices."""

from dataclasses import dataclass

from sqlalchemy import Connection

from operator_push.config import Settings
from operator_push.config.operations_settings import OptInSettings
from operator_push.domain.answer_limits import DAY_US, AnswerLimits
from operator_push.domain.channels import Channel, Issue
from operator_push.domain.consent import scope_of
from operator_push.domain.consent_record import more_of
from operator_push.domain.touchpoints import HOUR_US, Touchpoint, Touchpoints
from operator_push.services.notices import Notices, Row
from operator_push.services.run_channels import touchpoint_of
from operator_push.services.take_opt_ins import LATE_ANSWER_US, OpenChallenge, SentChallenge
from operator_push.store.channel_rows import channel_issues, channels
from operator_push.store.consent_rows import challenges_since
from operator_push.store.database import Database
from operator_push.store.mo_rows import answers_since
from operator_push.store.notice_rows import registered
from operator_push.store.small_rows import brands

_OFFER = ("incentive_ref", "incentive_terms")
_NOTICE = ("notice_id", "notice_sha256")


@dataclass(slots=True)
class DialogueMemory:
    """The limits of answering, the challenges that wait, the texts that people can have been shown, where
    they can opt in, and the channels that they can subscribe to."""

    limits: AnswerLimits
    challenges: list[SentChallenge]
    notices: Notices
    touchpoints: Touchpoints
    channels: list[Channel]
    issues: list[Issue]


def load_dialogues(connection: Connection, settings: Settings, now_us: int) -> DialogueMemory:
    """Read back what a restart must not forget; of nobody where no account answers."""
    terms, shard = settings.answers, settings.shard
    limits = AnswerLimits(terms.per_number_per_hour, terms.per_number_per_day)
    challenges = []
    brand_names = dict(brands(connection))
    content = channels(connection)
    touchpoints = Touchpoints(map(_touchpoint, settings.opt_in))
    for channel in content:
        if channel.is_open:
            touchpoints.put(touchpoint_of(channel, brand_names[channel.brand_no]))
    if terms.account:
        for msisdn, at_us in answers_since(connection, shard, now_us - DAY_US, settings.short_codes):
            limits.answered(msisdn, "", "", at_us)
        valid_us = {row.brand: row.valid_days * DAY_US for row in settings.opt_in}
        for event in challenges_since(connection, shard, now_us - LATE_ANSWER_US):
            more = more_of(event.evidence.more)
            notice = [(name, more[name]) for name in _NOTICE if name in more]
            notice += [
                ("notice_version", event.evidence.notice_version),
                ("language", event.evidence.language),
            ]
            sent = OpenChallenge(
                more.get("double_opt_in_challenge", ""),
                tuple(pair for pair in notice if pair[1]),
                valid_us.get(brand_names.get(event.brand_no, ""), 0),
                tuple((name, more[name]) for name in _OFFER if name in more),
                event.at_us,
            )
            challenges.append((event.subscriber_no, scope_of(event), sent))

    def read_again() -> list[Row]:
        database = Database.open(settings.database_url)
        try:
            return database.read(registered)
        finally:
            database.close()

    notices = Notices(registered(connection), read_again)
    return DialogueMemory(limits, challenges, notices, touchpoints, content, channel_issues(connection))


def _touchpoint(row: OptInSettings) -> Touchpoint:
    return Touchpoint(
        row.name,
        row.brand,
        row.short_code,
        row.keyword,
        row.category,
        row.double,
        row.answer_within_hours * HOUR_US,
        row.notice,
        row.valid_days * DAY_US,
        row.missed_call,
    )
