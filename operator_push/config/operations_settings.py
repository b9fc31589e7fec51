"""Settings of what ESMEs may ask: submissions, MO and addresses; one class a table, as in `settings.py`."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from operator_push.config.field_types import Name, ShortCode, SystemId, WebOrigin, Whole

TLV_TAG_MAX = 0xFFFF
RETRY_WINDOW_MAX_S = 86_400
PARTS_WITHIN_MAX_S = 3_600


class _TableSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MoSettings(_TableSettings):
    """[mo]: messages from subscribers."""

    parts_wait_s: Whole = Field(
        default=120, ge=1, le=86_400, description="1..86400 seconds in which parts of one message join"
    )
    pack: Literal["default", "eu", "gb", "in", "us"] = Field(
        default="default", description="the jurisdiction pack in whose languages words are heard"
    )
    conversation_s: Whole = Field(
        default=172_800,
        ge=0,
        le=2_592_000,
        description="0..2592000 seconds in which an answer goes to whoever wrote last; 0 is never",
    )


class AnswersSettings(_TableSettings):
    """[answers]: what people are answered who write STOP, START, HELP, INFO, WHY or MENU."""

    account: SystemId | None = Field(
        default=None, description="name of the operator's own account that answers; left out: nobody answers"
    )
    free: bool = Field(default=True, description="true or false: answers cost that account nothing")
    name: str = Field(
        default="",
        max_length=20,
        description="what the operator is called where no brand is known, at most 20 characters; "
        "empty: the account's name",
    )
    language: str = Field(
        default="en",
        pattern=r"^[a-z]{2,3}$",
        description="language of answers to those whose own words do not tell theirs, such as en",
    )
    per_number_per_hour: Whole = Field(
        default=20, ge=1, le=1000, description="answers to one number within an hour, 1..1000"
    )
    per_number_per_day: Whole = Field(
        default=60, ge=1, le=10_000, description="answers to one number within 24 hours, 1..10000"
    )
    valid_s: Whole = Field(
        default=3_600, ge=60, le=86_400, description="60..86400 seconds after which an unsent answer ends"
    )


class WayOutSettings(_TableSettings):
    """[way_out]: what a brand's first promotional message to an imported customer tells."""

    first_message: bool = Field(
        default=True, description="true or false: add how to stop where the text does not tell it"
    )
    short_code: ShortCode | None = Field(
        default=None,
        description="3..15 digits in quotes: where STOP is to be sent; left out: the sender, where it is "
        "one of short_codes, else the first of those",
    )
    language: str | None = Field(
        default=None,
        pattern=r"^[a-z]{2,3}$",
        description="language of these words, such as en; left out: that of [answers]",
    )


class OptInSettings(_TableSettings):
    """[[opt_in]]: a touchpoint at which people opt in to a brand's marketing by SMS."""

    name: Name = Field(description="1..31 letters, digits, - and _; unique")
    brand: str = Field(min_length=1, max_length=64, description="the brand, 1..64 characters")
    short_code: ShortCode = Field(description="3..15 digits, in quotes: asks, and hears the answer")
    keyword: str = Field(
        default="", max_length=32, description="what people text to it, such as JOIN ACME; empty: no keyword"
    )
    category: Whole = Field(default=0, ge=0, le=8, description="1..8 (TRAI's list), 0: all")
    double: bool = Field(default=True, description="true or false: ask by SMS once more, and wait for YES")
    answer_within_hours: Whole = Field(default=24, ge=1, le=168, description="1..168 hours for that answer")
    notice: str = Field(default="", max_length=64, description="id of the notice shown there, or empty")
    valid_days: Whole = Field(default=0, ge=0, le=36_500, description="days the consent holds; 0: no end")
    missed_call: str = Field(
        default="", pattern=r"^([0-9]{3,15})?$", description="3..15 digits that people call and hang up"
    )
    widget_origins: tuple[WebOrigin, ...] = Field(
        default=(), description="sites whose pages may show its form, such as https://acme.example"
    )


class MoRouteSettings(_TableSettings):
    """[[mo_route]]: whose messages to a short code are."""

    short_code: ShortCode = Field(description="3..15 digits, in quotes")
    keyword: str = Field(
        default="", max_length=32, pattern=r"^\S*$", description="first word; empty is any message"
    )
    account: SystemId = Field(description="name of an account, 1..15 characters")


class NumberingSettings(_TableSettings):
    """[[numbering]]: how a link or an account writes numbers."""

    link: str = Field(default="", max_length=31, description="name of an [[smsc]]; empty with account: all")
    account: str = Field(default="", max_length=15, description="name of an account; empty with link: all")
    country_code: str = Field(pattern=r"^[1-9][0-9]{0,3}$", description='1..4 digits in quotes, such as "91"')
    national_prefix: str = Field(
        default="0", pattern=r"^[0-9]{0,4}$", description="what is dialled before a national number"
    )
    international_prefix: str = Field(
        default="00", pattern=r"^[0-9]{0,4}$", description="what is dialled before an international number"
    )


class SubmissionsSettings(_TableSettings):
    """[submissions]: how submit_sm, submit_multi and data_sm are read."""

    retry_window_s: Whole = Field(
        default=60,
        ge=0,
        le=RETRY_WINDOW_MAX_S,
        description="0..86400 seconds in which the same submission again is a retry; 0 is never",
    )
    parts_within_s: Whole = Field(
        default=300,
        ge=1,
        le=PARTS_WITHIN_MAX_S,
        description="1..3600 seconds in which parts of one long message follow its first part",
    )
    traffic_class_tlv: Whole = Field(
        default=0,
        ge=0,
        le=TLV_TAG_MAX,
        description="tag of the TLV that states the class of traffic, such as 0x1500; 0 is none",
    )


class ReconciliationSettings(_TableSettings):
    """[reconciliation]: the daily proof against the SMSC's CDR files."""

    cdr_folder: Path | None = Field(
        default=None,
        description="folder into which the SMSC's closed CDR files come; set: every day is reconciled",
    )
    mapping_file: Path | None = Field(
        default=None, description="how CSV of another form reads, see docs/reconciliation.md"
    )
    report_folder: Path | None = Field(
        default=None, description="folder of the daily reports; default reconciliation in data_dir"
    )
    lookback_days: Whole = Field(
        default=8,
        ge=0,
        le=366,
        description="0..366 days before the day whose messages may end in its files: the longest validity",
    )
    starts_after_s: Whole = Field(
        default=14_400,
        ge=0,
        le=86_000,
        description="0..86000 seconds after midnight (UTC) by which yesterday's files have come",
    )
    look_every_s: Whole = Field(
        default=60, ge=1, le=3_600, description="1..3600 seconds between two looks into cdr_folder"
    )
    complete: bool = Field(
        default=False,
        description="true: yesterday's files hold all that the SMSC took, so unknown messages are settled",
    )
