"""Field types of the settings: each says what it allows and turns text into the value that the rooms use.

A validator raises ValueError with the end of a sentence that begins with the value ("… must be …").
"""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import parse_amount
from operator_push.smpp.constants import CommandStatus
from operator_push.text.shift_tables import LANGUAGE_CODES, language_of_code

SYSTEM_ID_MAX = 15  # SMPP v3.4 section 5.2.1: 16 octets with the closing NUL.
PASSWORD_MAX = 8  # SMPP v3.4 section 5.2.2: 9 octets with the closing NUL.
STATUS_MAX = 0xFFFFFFFF
VENDOR_STATUSES = range(0x400, 0x500)  # SMPP v3.4 section 5.1.3: reserved for SMSC vendors.


def _no_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")
    return value


def _is_latin(text: str) -> str:
    if not all(0x21 <= ord(character) <= 0x7E for character in text):
        raise ValueError("must be printable ASCII without spaces")
    return text


def _digits(text: str) -> str:
    if text and not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise ValueError("must be digits of an international number, without +; empty for every number")
    return text


def _amount(text: Any) -> str:
    if not isinstance(text, str):
        raise ValueError('must be decimal text in quotes, such as "0.10": a float cannot hold money')
    try:
        micros = parse_amount(text)
    except OperatorError as error:
        raise ValueError("must be a decimal number in quotes, of at most six decimals") from error
    if micros < 0:
        raise ValueError("must not be below 0")
    return text


def minute_of_day(text: str) -> int:
    """Minutes after midnight of "HH:MM"."""
    hours, colon, minutes = text.partition(":")
    well_formed = len(hours) == len(minutes) == 2 and hours.isdigit() and minutes.isdigit() and text.isascii()
    if not (colon and well_formed and int(hours) < 24 and int(minutes) < 60):
        raise ValueError('must be a time of day in quotes, "00:00".."23:59"')
    return int(hours) * 60 + int(minutes)


def _time_of_day(text: str) -> str:
    minute_of_day(text)
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError('must be a name of the IANA time zone database, such as "Asia/Kolkata"') from error
    return text


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    try:
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        port_is_fine = False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine:
        raise ValueError("must be an address that begins with http:// or https://")
    return text


def _moment(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("must say its zone, such as 2026-01-01T00:00:00Z")
    return value


def _database_url(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    if text and not text.startswith(("sqlite:///", "postgresql://")):
        raise ValueError('must begin with "sqlite:///" or "postgresql://", or be empty')
    return url


def _command_status(value: Any) -> int:
    """A status by its name in SMPP v3.4 section 5.1.3 or 5.0, or a vendor's own number 0x400..0x4FF."""
    if isinstance(value, str) and value in CommandStatus.__members__ and value != "ESME_ROK":
        return int(CommandStatus[value])
    if isinstance(value, int) and not isinstance(value, bool) and value in VENDOR_STATUSES:
        return value
    raise ValueError('must be the name of an SMPP error such as "ESME_RSUBMITFAIL", or 0x400..0x4FF')


def _status(text: str) -> str:
    """A command_status by its name in the specification or as a number, 0x1..0xFFFFFFFF."""
    if text in CommandStatus.__members__ and text != "ESME_ROK":
        return text
    try:
        number = int(text, 0)
    except ValueError:
        number = 0
    if not 0 < number <= STATUS_MAX:
        raise ValueError(
            'must be the name of an SMPP error such as "ESME_RSYSERR", or a number such as 0x451'
        )
    return text


def status_number(text: str) -> int:
    """The number of what is written as StatusText."""
    return int(CommandStatus[text]) if text in CommandStatus.__members__ else int(text, 0)


def _language(code: str) -> str:
    try:
        language_of_code(code)
    except ValueError as error:
        raise ValueError(f"must be one of {', '.join(LANGUAGE_CODES)}") from error
    return code


def _option(value: Any) -> Any:
    if not isinstance(value, str | int | float | bool):
        raise ValueError("must be text, a number, true or false")
    return value


Whole = Annotated[int, BeforeValidator(_no_bool)]
Seconds = Annotated[float, BeforeValidator(_no_bool), Field(gt=0, allow_inf_nan=False)]
Port = Annotated[int, BeforeValidator(_no_bool), Field(ge=0, le=65_535)]
Count = Annotated[int, BeforeValidator(_no_bool), Field(ge=1, le=100_000_000)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,30}$")]
SystemId = Annotated[str, Field(min_length=1, max_length=SYSTEM_ID_MAX), AfterValidator(_is_latin)]
NumberPrefix = Annotated[str, AfterValidator(_digits)]
LanguageCode = Annotated[str, AfterValidator(_language)]
ShortCode = Annotated[str, Field(pattern=r"^[0-9]{3,15}$")]
WebOrigin = Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$")]
OptionValue = Annotated[str | int | float | bool, BeforeValidator(_option)]
Amount = Annotated[str, BeforeValidator(_amount)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]
Zone = Annotated[str, AfterValidator(_zone)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Moment = Annotated[datetime, AfterValidator(_moment)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
StatusOnWire = Annotated[int, BeforeValidator(_command_status)]
StatusText = Annotated[str, AfterValidator(_status)]
