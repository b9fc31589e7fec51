"""The scenario's section: the root of all its tables, and the values that many of them have.

Every table of a scenario is a frozen struct in which an unknown key is an error. Names end in their unit. A
delay is a number of milliseconds, a pair [shortest, longest] or {mean = …}; see `delays`. A pattern is a text
with * and ?; the case of letters counts. Not here: the tables themselves (`scenario` and its neighbours).
"""

from typing import Annotated

import msgspec
from msgspec import Meta

Share = Annotated[float, Meta(ge=0, le=1)]
Port = Annotated[int, Meta(ge=0, le=65535)]
Count = Annotated[int, Meta(ge=0)]
PositiveCount = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0, le=31 * 86_400)]
MomentSeconds = Annotated[float, Meta(ge=0)]
Rate = Annotated[float, Meta(gt=0, le=1_000_000)]
# Lengths without the closing NUL: SMPP v3.4 sections 4.1.1 (system_id 16, password 9), 4.6.1 (address 21).
SystemId = Annotated[str, Meta(max_length=15)]
NamedSystemId = Annotated[str, Meta(min_length=1, max_length=15)]
Password = Annotated[str, Meta(max_length=8)]
SmeAddressText = Annotated[
    str,
    Meta(pattern="^[!-~][ -~]{0,19}$", description="an address: 1 to 20 digits, letters or signs of ASCII"),
]
Pattern = Annotated[str, Meta(min_length=1, max_length=100)]
MoText = Annotated[str, Meta(min_length=1, max_length=2000)]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Root of all tables of a scenario: frozen, and an unknown key is an error."""
