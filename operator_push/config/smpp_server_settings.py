"""Settings of the face towards ESMEs, as in `settings.py`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from operator_push.config.field_types import Count, Port, Seconds, StatusText, SystemId, status_number
from operator_push.config.tls_settings import TlsSettings
from operator_push.domain.delivery_answers import DISPOSITION_BY_DELIVERY_STATUS, DeliveryDisposition


class _TableSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SmppServerSettings(_TableSettings):
    """[smpp_server]: the face towards ESMEs."""

    host: str = Field(
        default="127.0.0.1", min_length=1, description="address to listen on; 0.0.0.0 is every one"
    )
    port: Port = Field(default=2776, description="TCP port, 0..65535; 0 picks a free one")
    system_id: SystemId = Field(
        default="operator-push", description="our name in bind responses, 1..15 characters"
    )
    bind_timeout_s: Seconds = Field(
        default=10.0, description="seconds until a connection without a bind is closed"
    )
    enquire_link_s: Seconds = Field(default=30.0, description="seconds of silence after which we ask")
    response_timeout_s: Seconds = Field(default=60.0, description="seconds that a peer has for a response")
    window: Count = Field(default=1000, description="unanswered PDUs per bind, each way, at least 1")
    max_binds: Count = Field(default=1000, description="binds at the same time, at least 1")
    max_unbound: Count = Field(
        default=500, description="connections at the same time that have not bound yet, at least 1"
    )
    max_unbound_per_address: Count = Field(
        default=100, description="of those, from one IP address, at least 1"
    )
    reasons_in_words: bool = Field(
        default=True, description="true or false: additional_status_info_text in refusals"
    )
    delivery_statuses: dict[StatusText, Literal["retry", "drop"]] = Field(
        default={}, description="command_status of deliver_sm_resp = retry or drop"
    )
    tls: TlsSettings = TlsSettings()

    @property
    def delivery_dispositions(self) -> dict[int, DeliveryDisposition]:
        """What an error in a deliver_sm_resp means: domain.delivery_answers, with rows of one's own."""
        return DISPOSITION_BY_DELIVERY_STATUS | {
            status_number(text): DeliveryDisposition[meaning.upper()]
            for text, meaning in self.delivery_statuses.items()
        }
