"""Settings of self-care: where its pages are served, whose account pays for its codes, what limits hold."""

from pydantic import BaseModel, ConfigDict, Field

from operator_push.config.field_types import Count, Port, SystemId, Whole

SENDER_CHARACTERS_MAX = 20


class SelfcareSettings(BaseModel):
    """[selfcare]: the pages of `operator-push selfcare serve`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    operator: str = Field(
        default="operator-push", min_length=1, max_length=60, description="the name on every page"
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on")
    port: Port = Field(default=8087, description="TCP port, 0..65535; 0 picks a free one")
    base_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s/?#]+)?$",
        description="how browsers reach it, such as https://my.telecom.example; empty: no links are sent",
    )
    trusted_proxies: tuple[str, ...] = Field(
        default=(), description="addresses of reverse proxies whose X-Forwarded-For counts"
    )
    account: SystemId = Field(
        default="selfcare", description="the account that sends codes, of class transactional"
    )
    sender: str = Field(
        default="SELFCARE",
        min_length=1,
        max_length=SENDER_CHARACTERS_MAX,
        description="whom codes are from: up to 11 characters, or 20 digits",
    )
    code_lifetime_s: Count = Field(default=600, ge=60, le=3_600, description="60..3600 seconds a code holds")
    idle_s: Count = Field(default=900, ge=60, le=7_200, description="60..7200 seconds until a page is closed")
    codes_per_number: Count = Field(default=3, le=100, description="codes to a number in 15 minutes, 1..100")
    codes_per_number_per_day: Count = Field(default=10, le=1_000, description="and in 24 hours, 1..1000")
    codes_per_address: Count = Field(
        default=20, le=100_000, description="codes that one address asks for in an hour, 1..100000"
    )
    guesses_per_address: Count = Field(
        default=30, le=100_000, description="codes that it tries in 10 minutes, 1..100000"
    )
    history_days: Whole = Field(
        default=7, ge=0, le=365, description="0..365 days of messages that a person is shown"
    )
