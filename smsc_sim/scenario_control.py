"""The scenario's control: where the door for people and pipelines opens while the simulator runs."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Annotated

from msgspec import Meta

from smsc_sim.scenario_section import Port, Section

MIB = 1024 * 1024
Token = Annotated[
    str,
    Meta(
        min_length=8,
        max_length=200,
        pattern="^[!-~]*$",
        description="8 to 200 letters, digits and signs of ASCII, without spaces",
    ),
]


class Control(Section, frozen=True):
    """`[control]`: the HTTP API, the live page and the metrics; without this table none of them exists.

    A `token` (at least 8 characters) is asked of every call but the page itself; without one only this
    machine is listened to. `capture_octets_max` bounds the ring of recorded octets, `rows_max` the witness
    and CDR rows that are kept for questions about a number.
    """

    host: str = "127.0.0.1"
    port: Port = 2780
    token: Token | None = None
    capture_octets_max: Annotated[int, Meta(ge=64 * 1024, le=4096 * MIB)] = 32 * MIB
    rows_max: Annotated[int, Meta(ge=0, le=10_000_000)] = 100_000


def control_contradictions(control: Control | None) -> Iterator[tuple[str, str]]:
    """What is wrong with values that are each right: (key, sentence)."""
    if control is not None and control.token is None and not is_this_machine(control.host):
        yield "control.token", f"missing; whoever reaches {control.host} could control the simulator"


def is_this_machine(host: str) -> bool:
    """Whether an address is one that only this machine reaches."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
