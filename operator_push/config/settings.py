"""Settings: the values of the configuration file, one class a table, one field a key.

Frozen, closed (an unknown key is an error) and with units in the names. The description of a field says what
is allowed: error messages show it. Laws between fields stand in `cross_checks.py`.
"""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from operator_push.config.audience_settings import AudienceSettings, ProfilesSettings
from operator_push.config.campaign_settings import CampaignSettings
from operator_push.config.field_types import (
    Amount,
    Count,
    Currency,
    DatabaseUrl,
    Moment,
    Name,
    NumberPrefix,
    OptionValue,
    Seconds,
    ShortCode,
    StatusOnWire,
    TimeOfDay,
    WebAddress,
    Whole,
    Zone,
    minute_of_day,
)
from operator_push.config.incentive_settings import IncentiveSettings, PayoutsSettings
from operator_push.config.invoice_settings import InvoicesSettings
from operator_push.config.ledger_settings import LedgerSettings
from operator_push.config.linking_settings import EmailSettings, LinkingSettings
from operator_push.config.online_charging_settings import OnlineChargingSettings
from operator_push.config.operations_settings import (
    AnswersSettings,
    MoRouteSettings,
    MoSettings,
    NumberingSettings,
    OptInSettings,
    ReconciliationSettings,
    SubmissionsSettings,
    WayOutSettings,
)
from operator_push.config.selfcare_settings import SelfcareSettings
from operator_push.config.short_link_settings import ShortLinkSettings
from operator_push.config.smpp_server_settings import SmppServerSettings as SmppServerSettings
from operator_push.config.smsc_settings import NetworkSettings, RouteSettings, SmscSettings
from operator_push.domain.message import TrafficClass
from operator_push.domain.tariff import TariffRow
from operator_push.kernel.ids import SHARDS_MAX
from operator_push.kernel.instants import to_epoch_us
from operator_push.kernel.money import parse_amount

ENVIRONMENT_PREFIX = "OPERATOR_PUSH_"
_TRAFFIC_CLASSES = {member.name.lower(): member for member in TrafficClass}


class _TableSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseSettings(_TableSettings):
    """[database]"""

    url: DatabaseUrl = Field(
        default=SecretStr(""),
        description="sqlite:////path/file.db or postgresql://user@host:port/name; empty: in data_dir",
    )


class TariffSettings(_TableSettings):
    """[[tariff]]: a price per segment."""

    prefix: NumberPrefix = Field(default="", description='beginning of the number; "" is every number')
    traffic_class: Literal["transactional", "service", "promotional", "any"] = Field(
        default="any", description="transactional, service, promotional or any"
    )
    price_per_segment: Amount = Field(description='decimal text in quotes, such as "0.10"')
    currency: Currency = Field(description="three capital letters of ISO 4217")
    valid_from: Moment | None = Field(
        default=None, description="a moment with its zone; leave out for always"
    )
    valid_until: Moment | None = Field(
        default=None, description="a moment with its zone, itself no longer in"
    )

    @property
    def price_micros(self) -> int:
        """The price of one segment."""
        return parse_amount(self.price_per_segment)

    def as_row(self) -> TariffRow:
        """The row of domain.tariff."""
        return TariffRow(
            prefix=self.prefix,
            price_micros=self.price_micros,
            currency=self.currency,
            traffic_class=_TRAFFIC_CLASSES.get(self.traffic_class),
            valid_from_us=to_epoch_us(self.valid_from) if self.valid_from else 0,
            valid_until_us=to_epoch_us(self.valid_until) if self.valid_until else None,
        )


class QuietHoursSettings(_TableSettings):
    """[policy.quiet_hours]: when promotional messages wait, on the subscriber's clock; the end is outside."""

    enabled: bool = Field(default=False, description="true or false")
    start: TimeOfDay = Field(default="21:00", description='"00:00".."23:59"')
    end: TimeOfDay = Field(default="09:00", description='"00:00".."23:59"; may be on the next day')
    zone: Zone = Field(
        default="Asia/Kolkata",
        description="name of the IANA time zone database: the clock of numbers of no known country",
    )
    packs: bool = Field(
        default=True, description="true or false: those of the law of the number's country too"
    )
    zones_by_prefix: dict[NumberPrefix, Zone] = Field(
        default={}, description='beginning of a number = zone, such as { "1907" = "America/Anchorage" }'
    )
    release_per_second: Whole = Field(
        default=500,
        ge=0,
        description="segments a second, over all links, of promotions that waited; 0 is all at once",
    )
    holidays: dict[str, tuple[date, ...]] = Field(
        default={}, description="country (ISO 3166) = its public holidays, such as { FR = [2027-07-14] }"
    )

    @property
    def start_minute(self) -> int:
        """Minutes after local midnight."""
        return minute_of_day(self.start)

    @property
    def end_minute(self) -> int:
        """Minutes after local midnight; below `start_minute` where the window passes midnight."""
        return minute_of_day(self.end)


class CapsSettings(_TableSettings):
    """[policy.caps]: promotional messages that one handset may get, in a day or in so many hours."""

    per_handset_per_day: Whole | None = Field(
        default=None, ge=0, description="0 is none, left out is unlimited"
    )
    per_handset_per_brand_per_day: Whole | None = Field(
        default=None, ge=0, description="0 is none, left out is unlimited"
    )
    rolling_hours: Count | None = Field(
        default=None,
        le=744,
        description="in any stretch of so many hours, 1..744; left out: per day of the subscriber's clock",
    )


class HoldoutSettings(_TableSettings):
    """[policy.holdout]: the control group that gets no promotions."""

    percent: float = Field(
        default=0.0, ge=0, le=50, description="of all numbers, 0..50 in steps of 0.01; 0 is no group"
    )
    name: Name = Field(default="control", description="another name draws another group")


class DltSettings(_TableSettings):
    """[policy.dlt]: senders and texts are held against the register of operator-push dlt."""

    enabled: bool = Field(default=False, description="true or false")
    countries: tuple[str, ...] = Field(default=("IN",), description="numbers of which countries (ISO 3166)")


class PolicySettings(_TableSettings):
    """[policy]"""

    dlt: DltSettings = DltSettings()
    holdout: HoldoutSettings = HoldoutSettings()
    quiet_hours: QuietHoursSettings = QuietHoursSettings()
    caps: CapsSettings = CapsSettings()


class LimitsSettings(_TableSettings):
    """[limits]: each has a named answer to the peer that meets it."""

    message_lifetime_s: Count = Field(
        default=172_800, description="seconds after which an unsent message without a validity period ends"
    )
    open_messages_max: Count = Field(
        default=200_000, description="accepted and not final; then ESME_RMSGQFUL"
    )
    campaign_queue_max: Count = Field(
        default=2_000, description="segments ready to leave; while more are, campaigns hand nobody in"
    )
    campaign_open_max: Count = Field(
        default=50_000, description="messages of one campaign that have no end; the rest of its people wait"
    )
    esme_deliveries_max: Count = Field(
        default=100_000, description="receipts and MO owed to one account; then ESME_RMSGQFUL"
    )
    delivery_lifetime_s: Count = Field(
        default=259_200, description="seconds after which a receipt or MO that nobody took is given up"
    )
    write_buffer_octets_max: Count = Field(
        default=8_388_608,
        ge=65_536,
        description="octets that a peer leaves unread; then it is let go",
    )


class ChargingSettings(_TableSettings):
    """[charging]: what becomes of money that waits."""

    hold_expires_s: Count = Field(
        default=1_209_600,
        le=7_776_000,
        description="seconds after its last attempt when an unresolved hold goes back, at most 90 days",
    )


class RetentionSettings(_TableSettings):
    """[retention]: when closed days leave the hot store for an archive, and what is erased when."""

    hot_days: Whole = Field(
        default=30, ge=0, le=36_500, description="days that stay hot, at least 3; 0 archives nothing"
    )
    archive_dir: Path | None = Field(
        default=None, description="folder of the archive files; default archive in data_dir"
    )
    link_visits_keep_days: Count = Field(
        default=180, le=36_500, description="days for which who followed or bought by a short link is kept"
    )
    list_columns_keep_days: Count = Field(
        default=180, le=36_500, description="days for which clients' own columns of their lists are kept"
    )
    features_daily: bool = Field(default=True, description="erase what may not be kept of features each day")
    features_hour: Whole = Field(default=2, ge=0, le=23, description="hour (UTC) from which it is done")
    features_keep_days: Count = Field(
        default=100, ge=92, description="days of records behind the features, at least 92"
    )


class DeliveryEventsSettings(_TableSettings):
    """[[delivery_events]]: somewhere that hears of the end of messages."""

    name: Name = Field(
        default="webhook", description="1..31 letters, digits, - and _; unique; names the cursor"
    )
    kind: Name = Field(default="webhook", description='an installed plugin; "webhook" ships with the product')
    url: WebAddress = Field(description="http:// or https:// address")
    secret: SecretStr | None = Field(default=None, description="key of the signature, at least 16 characters")
    secret_file: Path | None = Field(default=None, description="file whose first line is the secret")
    timeout_s: Seconds = Field(default=10.0, description="seconds for one attempt")
    attempts_max: Count = Field(default=8, le=1000, description="attempts for one batch, 1..1000")
    backoff_min_s: Seconds = Field(default=0.5, description="seconds before the second attempt")
    backoff_max_s: Seconds = Field(default=60.0, description="seconds between attempts at most")
    batch_max: Count = Field(default=100, le=10_000, description="events in one batch, 1..10000")
    options: dict[str, OptionValue] = Field(default={}, description="keys of that kind of sink only")


class PortabilitySettings(_TableSettings):
    """[number_portability]: who knows which numbers have changed their network, for tariffs by network."""

    kind: Name | None = Field(default=None, description='an installed plugin; "csv" ships with the product')
    numbers_file: Path | None = Field(default=None, description="CSV of msisdn, network and valid_from")
    options: dict[str, OptionValue] = Field(default={}, description="keys of that kind only")


class Settings(BaseSettings):
    """The whole file, with secrets in place and with paths made absolute against the file's folder."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__"
    )

    data_dir: Path = Field(
        default=Path("operator-push-data"), description="folder for everything that we keep"
    )
    shard: Whole = Field(default=0, ge=0, lt=SHARDS_MAX, description="0..255")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error"
    )
    short_codes: tuple[ShortCode, ...] = Field(default=(), description="3..15 digits each, in quotes")
    database: DatabaseSettings = DatabaseSettings()
    smpp_server: SmppServerSettings = SmppServerSettings()
    smsc: tuple[SmscSettings, ...] = Field(default=(), description="[[smsc]] tables")
    route: tuple[RouteSettings, ...] = Field(default=(), description="[[route]] tables")
    network: tuple[NetworkSettings, ...] = Field(default=(), description="[[network]] tables")
    tariff: tuple[TariffSettings, ...] = Field(default=(), description="[[tariff]] tables")
    number_portability: PortabilitySettings = PortabilitySettings()
    online_charging: OnlineChargingSettings = OnlineChargingSettings()
    submissions: SubmissionsSettings = SubmissionsSettings()
    mo: MoSettings = MoSettings()
    answers: AnswersSettings = AnswersSettings()
    way_out: WayOutSettings = WayOutSettings()
    linking: LinkingSettings = LinkingSettings()
    email: EmailSettings = EmailSettings()
    opt_in: tuple[OptInSettings, ...] = Field(default=(), description="[[opt_in]] tables")
    mo_route: tuple[MoRouteSettings, ...] = Field(default=(), description="[[mo_route]] tables")
    numbering: tuple[NumberingSettings, ...] = Field(default=(), description="[[numbering]] tables")
    policy: PolicySettings = PolicySettings()
    refusals: dict[str, StatusOnWire] = Field(default={}, description="reason of a refusal = command_status")
    account_refusals: dict[str, dict[str, StatusOnWire]] = Field(
        default={}, description="for one account: reason of a refusal = command_status"
    )
    profiles: ProfilesSettings = ProfilesSettings()
    audience: AudienceSettings = AudienceSettings()
    campaigns: CampaignSettings = CampaignSettings()
    limits: LimitsSettings = LimitsSettings()
    charging: ChargingSettings = ChargingSettings()
    retention: RetentionSettings = RetentionSettings()
    ledger: LedgerSettings = LedgerSettings()
    reconciliation: ReconciliationSettings = ReconciliationSettings()
    invoices: InvoicesSettings = InvoicesSettings()
    selfcare: SelfcareSettings = SelfcareSettings()
    short_links: ShortLinkSettings = ShortLinkSettings()
    incentive: tuple[IncentiveSettings, ...] = Field(default=(), description="[[incentive]] tables")
    payouts: PayoutsSettings = PayoutsSettings()
    delivery_events: tuple[DeliveryEventsSettings, ...] = Field(
        default=(), description="[[delivery_events]] tables"
    )

    @property
    def database_url(self) -> str:
        """The url as store.database opens it; may hold a password, so it is not for logs."""
        url = self.database.url.get_secret_value()
        return url or f"sqlite:///{self.data_dir / 'operator-push.db'}"

    @property
    def refusals_by_account(self) -> dict[str, dict[str, int]]:
        """Statuses by reason for each account that has its own, over those of "*", which is every other."""
        general = dict(self.refusals)
        return {"*": general} | {name: general | own for name, own in self.account_refusals.items()}

    @property
    def features_file(self) -> Path:
        """Where profiles are read."""
        return self.profiles.features_file or self.data_dir / "features.json"

    @property
    def signing_key_file(self) -> Path:
        """Where the key is that signs heads of the ledger."""
        return self.ledger.signing_key_file or self.data_dir / "secrets" / "ledger-signing.key"

    @property
    def heads_file(self) -> Path:
        """Where signed heads of the ledger are published."""
        return self.ledger.heads_file or self.data_dir / "ledger-heads.jsonl"

    @property
    def consent_heads_file(self) -> Path:
        """Where signed heads of the chain of consent are published: beside those of the ledger."""
        return self.heads_file.with_name("consent-heads.jws")

    @property
    def archive_dir(self) -> Path:
        """Where archived days are kept."""
        return self.retention.archive_dir or self.data_dir / "archive"

    @property
    def reconciliation_folder(self) -> Path:
        """Where the daily reports of the reconciliation are kept."""
        return self.reconciliation.report_folder or self.data_dir / "reconciliation"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then the file; nothing else is read."""
        return env_settings, init_settings
