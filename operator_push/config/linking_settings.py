"""Settings of linking people: who sends the codes by SMS, and how e-mail leaves."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from operator_push.config.field_types import Count, Name, OptionValue, Port, SystemId
from operator_push.config.selfcare_settings import SENDER_CHARACTERS_MAX


class LinkingSettings(BaseModel):
    """[linking]: customer code, number and e-mail address of one person, by codes sent to each."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: SystemId | None = Field(
        default=None, description="the account that sends codes, of class transactional; left out: no linking"
    )
    sender: str = Field(
        default="LINK",
        min_length=1,
        max_length=SENDER_CHARACTERS_MAX,
        description="whom codes are from: up to 11 characters, or 20 digits",
    )
    code_lifetime_s: Count = Field(
        default=900, ge=60, le=86_400, description="60..86400 seconds a code holds"
    )


class EmailSettings(BaseModel):
    """[email]: through which server e-mail leaves."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Name | None = Field(
        default=None, description='an installed plugin; "smtp" ships with the product; left out: no e-mail'
    )
    sender: str = Field(default="", max_length=254, description="the address that e-mail is from")
    host: str = Field(default="localhost", min_length=1, description="name or address of the mail server")
    port: Port = Field(default=587, description="its TCP port, 1..65535")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description='"starttls", "tls" from the first octet, or "none" (on this machine)'
    )
    username: str = Field(default="", description="for its login; empty: none")
    password: SecretStr = Field(default=SecretStr(""), description="for its login")
    timeout_s: Count = Field(default=15, le=300, description="1..300 seconds for one e-mail")
    options: dict[str, OptionValue] = Field(default={}, description="keys that only this kind knows")
