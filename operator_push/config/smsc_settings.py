"""Settings of the links to SMSCs and of what goes through which; one class a table, as in `settings.py`."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from operator_push.config.field_types import (
    Count,
    LanguageCode,
    Name,
    NumberPrefix,
    Port,
    Seconds,
    StatusText,
    SystemId,
    Whole,
    Zone,
    status_number,
)
from operator_push.domain.delivery import DISPOSITION_BY_STATUS, SubmitDisposition
from operator_push.domain.message import TrafficClass
from operator_push.domain.routing import PRIORITY_USUAL, WEIGHT_MAX, Route
from operator_push.kernel.numbering import Plmn
from operator_push.smpp.message_id import MessageIdForm
from operator_push.text.link_text import DefaultAlphabet, LinkText
from operator_push.text.segmentation import LongMessages, SegmentOptions
from operator_push.text.shift_tables import LANGUAGE_CODES, language_of_code

Priority = Annotated[Whole, Field(ge=1, le=1000)]
Weight = Annotated[Whole, Field(ge=1, le=WEIGHT_MAX)]
IdForm = Literal["detect", "text", "decimal", "hexadecimal", "caseless"]
ID_FORMS = "detect, text, decimal, hexadecimal or caseless; both or neither are stated"
Mcc = Annotated[str, Field(pattern=r"^[0-9]{3}$")]
Mnc = Annotated[str, Field(pattern=r"^[0-9]{2,3}$")]


def _plmn(text: object) -> object:
    """ "404-45" as it is; the parts are digits of ITU-T E.212."""
    mcc, dash, mnc = str(text).partition("-")
    well_formed = mcc.isdigit() and mnc.isdigit() and len(mcc) == 3 and len(mnc) in (2, 3)
    if not (isinstance(text, str) and dash and well_formed and text.isascii()):
        raise ValueError('must be a network such as "404-45": MCC of three digits, MNC of two or three')
    return text


class _TableSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SmscSettings(_TableSettings):
    """[[smsc]]: one link to an SMSC."""

    name: Name = Field(description="1..31 letters, digits, - and _; unique")
    smsc: Name | None = Field(
        default=None, description="which SMSC it leads to; left out: links to one host and port are one SMSC"
    )
    host: str = Field(min_length=1, description="address of the SMSC")
    port: Port = Field(default=2775, ge=1, description="TCP port, 1..65535")
    system_id: SystemId = Field(description="our account there, 1..15 characters")
    password: SecretStr | None = Field(default=None, description="at most 8 characters")
    password_file: Path | None = Field(default=None, description="file whose first line is the password")
    bind_type: Literal["transceiver", "transmitter", "receiver"] = Field(
        default="transceiver", description="transceiver, transmitter or receiver"
    )
    version_when_silent: Literal["3.3", "3.4", "5.0"] = Field(
        default="3.4", description='"3.3", "3.4" or "5.0": of an SMSC that does not tell its version'
    )
    window: Count = Field(default=100, description="unanswered submit_sm at the same time, at least 1")
    segments_per_second: Count | None = Field(
        default=None, description="at least 1; leave out for no limit of ours"
    )
    prefixes: tuple[NumberPrefix, ...] = Field(
        default=("",),
        min_length=1,
        description='beginnings of numbers sent through this link; "" is every number',
    )
    channels: tuple[Literal["sms", "ussd"], ...] = Field(
        default=("sms",), min_length=1, description='what goes through this link: "sms", "ussd" or both'
    )
    priority: Priority = Field(
        default=PRIORITY_USUAL,
        description="1..1000; of the links that reach a number the smallest goes first",
    )
    weight: Weight = Field(default=1, description="1..100; the share among links of one priority and prefix")
    order_per_destination: bool = Field(
        default=True, description="true or false: one unanswered segment per sender and recipient"
    )
    failover_after_s: Seconds = Field(
        default=5.0, description="seconds without a bind until its messages go another way"
    )
    statuses: dict[StatusText, Literal["retry", "slow", "fail", "stop_link"]] = Field(
        default={}, description="command_status = retry, slow, fail or stop_link"
    )
    message_id_in_response: IdForm = Field(default="detect", description=ID_FORMS)
    message_id_in_receipt: IdForm = Field(default="detect", description=ID_FORMS)
    correlation: Literal["user_message_reference", "sender_recipient_time_part"] = Field(
        default="user_message_reference",
        description="user_message_reference, or sender_recipient_time_part for an SMSC that echoes none",
    )
    time_zone: Zone = Field(default="UTC", description="zone of the dates in its receipts, an IANA name")
    query_after_s: Seconds | None = Field(
        default=None, description="seconds without a receipt until query_sm asks; leave out for never"
    )
    binds_per_minute: Count = Field(
        default=60, le=6000, description="tries to bind in a minute, over all links to one address"
    )
    reconnect_min_s: Seconds = Field(default=0.5, description="seconds before the first attempt to reconnect")
    reconnect_max_s: Seconds = Field(default=30.0, description="seconds between attempts at most")
    response_timeout_s: Seconds = Field(
        default=60.0, description="seconds until a submit_sm counts as unknown"
    )
    enquire_link_s: Seconds = Field(default=30.0, description="seconds of silence after which we ask")
    tls: bool = Field(default=False, description="true or false: speak TLS with this SMSC")
    tls_server_name: str | None = Field(
        default=None, min_length=1, description="the name that its certificate must show; left out: host"
    )
    tls_ca_file: Path | None = Field(
        default=None, description="PEM file of the authorities that we believe; left out: the system's"
    )
    tls_certificate_file: Path | None = Field(
        default=None, description="PEM file of our client certificate; left out: we show none"
    )
    tls_key_file: Path | None = Field(default=None, description="PEM file of its private key")
    default_alphabet: Literal["gsm7", "gsm7-packed", "latin1", "ascii"] = Field(
        default="gsm7", description="gsm7, gsm7-packed, latin1 or ascii: what the SMSC means by data_coding 0"
    )
    long_messages: Literal["udh", "udh16", "sar", "payload"] = Field(
        default="udh", description="udh, udh16, sar or payload: how the SMSC wants a long message"
    )
    shift_tables: tuple[LanguageCode, ...] = Field(
        default=(), description=f"national tables that the SMSC passes on: {', '.join(LANGUAGE_CODES)}"
    )

    @property
    def text(self) -> LinkText:
        """How the link wants texts.

        Raises:
            ValueError: its settings contradict each other (`cross_checks` has said so).
        """
        return LinkText(
            DefaultAlphabet(self.default_alphabet),
            SegmentOptions(
                reference_bits=16 if self.long_messages == "udh16" else 8,
                shift_tables=tuple(language_of_code(code) for code in self.shift_tables),
                method=LongMessages(self.long_messages.removesuffix("16")),
            ),
        )

    @property
    def dispositions(self) -> dict[int, SubmitDisposition]:
        """What every command_status means at this SMSC: the table of domain.delivery with its own rows."""
        return DISPOSITION_BY_STATUS | {
            status_number(text): SubmitDisposition[meaning.upper()] for text, meaning in self.statuses.items()
        }

    @property
    def id_forms(self) -> tuple[MessageIdForm, MessageIdForm] | None:
        """How it writes ids in (submit_sm_resp, receipts); None: to be found out."""
        if "detect" in (self.message_id_in_response, self.message_id_in_receipt):
            return None
        return MessageIdForm(self.message_id_in_response), MessageIdForm(self.message_id_in_receipt)


class RouteSettings(_TableSettings):
    """[[route]]: messages of one kind and the links that carry them, before what the links' prefixes say."""

    links: tuple[Name, ...] = Field(min_length=1, description="names of [[smsc]] links that share by weight")
    prefix: NumberPrefix = Field(default="", description='beginning of the number; "" is every number')
    plmn: Annotated[str, BeforeValidator(_plmn)] | None = Field(
        default=None, description='"404-45": numbers of this network, by the [[network]] tables'
    )
    sender: str | None = Field(
        default=None, min_length=1, max_length=21, description='sender address; "SHOP*" is a beginning'
    )
    account: Name | None = Field(default=None, description="name of an account")
    traffic_class: Literal["transactional", "service", "promotional"] | None = Field(
        default=None, description="transactional, service or promotional"
    )
    priority: Priority = Field(default=50, description="1..1000; the smallest that fits goes first")
    weight: Weight = Field(default=1, description="1..100; the share among equal routes")

    def as_routes(self) -> list[Route]:
        """The routes of domain.routing, one per link."""
        mcc, _, mnc = (self.plmn or "").partition("-")
        return [
            Route(
                prefix=self.prefix,
                link=link,
                plmn=Plmn(mcc, mnc) if self.plmn else None,
                source=self.sender,
                account=self.account,
                traffic_class=TrafficClass[self.traffic_class.upper()] if self.traffic_class else None,
                priority=self.priority,
                weight=self.weight,
            )
            for link in self.links
        ]


class NetworkSettings(_TableSettings):
    """[[network]]: numbers that begin so lie in this PLMN (ITU-T E.212); the longest prefix counts."""

    prefix: NumberPrefix = Field(min_length=1, description="beginning of the number")
    mcc: Mcc = Field(description="three digits in quotes")
    mnc: Mnc = Field(description='two or three digits in quotes; "01" is not "001"')

    @property
    def plmn(self) -> Plmn:
        """The network."""
        return Plmn(self.mcc, self.mnc)
