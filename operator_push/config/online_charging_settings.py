"""Settings of online charging: who answers, what is asked for, and what holds while nobody answers."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from operator_push.config.field_types import Amount, Name, OptionValue, Seconds, Whole
from operator_push.kernel.money import parse_amount


class OnlineChargingSettings(BaseModel):
    """[online_charging]: the operator's charging system, for accounts with the term online_charging."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Name | None = Field(
        default=None, description='an installed plugin; "diameter" ships with the product'
    )
    origin_host: str | None = Field(default=None, description="our own Diameter identity")
    origin_realm: str | None = Field(default=None, description="our own realm")
    destination_realm: str | None = Field(default=None, description="the realm of the charging system")
    peers: tuple[str, ...] = Field(
        default=(), description="addresses such as aaa://relay.example:3868;address=192.0.2.1"
    )
    tx_s: Seconds = Field(default=10.0, le=300, description="seconds to wait for an answer, at most 300")
    resend_s: Seconds = Field(
        default=5.0, description="seconds before an unanswered request is repeated for the first time"
    )
    slice: Amount = Field(default="100", description='decimal text in quotes, such as "100", above 0')
    refill_percent: Whole = Field(
        default=50,
        ge=1,
        le=99,
        description="1..99 percent of the slice; with less left the next is asked for",
    )
    failure_handling: Literal["terminate", "continue"] = Field(
        default="terminate", description="terminate or continue"
    )
    offline_limit: Amount = Field(
        default="0", description='decimal text in quotes; above 0 with failure_handling = "continue"'
    )
    idle_s: float = Field(
        default=0.0, ge=0, allow_inf_nan=False, description="seconds without use until a slice goes back"
    )
    denied_retry_s: Seconds = Field(
        default=60.0, description="seconds until a customer without credit is asked for again"
    )
    options: dict[str, OptionValue] = Field(default={}, description="keys of that kind only")

    @property
    def slice_micros(self) -> int:
        """Micros that are asked for at a time."""
        return parse_amount(self.slice)

    @property
    def offline_limit_micros(self) -> int:
        """Micros that an account may use beyond its grants while nobody answers."""
        return parse_amount(self.offline_limit)
