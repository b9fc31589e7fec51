"""Plan files: TOML to a `LoadPlan`, and the checks that a plan must pass as a whole before a bind is made.

Every error is an OperatorError that names the file, the key and what is allowed.
"""

import ipaddress
import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from operator_push.kernel.errors import OperatorError
from smsc_sim.load.message_mix import prepare_kinds
from smsc_sim.load.plan import LoadPlan
from smsc_sim.load.thresholds import parse_threshold
from smsc_sim.toml_lines import line_of
from smsc_sim.value_errors import explain


def load_plan(path: Path) -> LoadPlan:
    """The plan in a TOML file; not yet checked as a whole, because options may change it.

    Raises:
        OperatorError: the file cannot be read, is not TOML, or has a key or value that is not allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise OperatorError(f"cannot read the plan: {reason}", file=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(f"not valid TOML: {error}", file=str(path)) from error
    return read_plan(document, str(path), text)


def read_plan(document: dict[str, Any], file: str, text: str) -> LoadPlan:
    """The plan in the tables of a file; `text` is what they were read from.

    Raises:
        OperatorError: a key or value is not allowed.
    """
    try:
        return msgspec.convert(document, LoadPlan)
    except msgspec.ValidationError as error:
        key, sentence = explain(error, document, LoadPlan)
        raise OperatorError(sentence, file=file, line=line_of(text, key), key=key or None) from error


def check_plan(plan: LoadPlan, file: str | None = None) -> None:
    """Refuse a plan whose values are each right and together wrong.

    Raises:
        OperatorError: the first contradiction.
    """
    for key, sentence in _contradictions(plan):
        raise OperatorError(sentence, file=file, key=key)


def check_target(plan: LoadPlan, owned: bool) -> str:
    """The address to connect to. Load goes to this machine unless the user says that the server is theirs.

    Raises:
        OperatorError: the host has no address, or one outside loopback and `owned` is False.
    """
    host = plan.target.host
    try:
        found = socket.getaddrinfo(host, plan.target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise OperatorError(f"{host!r} has no address: {error.strerror}", key="target.host") from error
    addresses = [str(entry[4][0]) for entry in found]
    foreign = [
        address for address in addresses if not ipaddress.ip_address(address.split("%")[0]).is_loopback
    ]
    if foreign and not owned:
        raise OperatorError(
            f"{host!r} is {foreign[0]}, which is not this machine. Load against somebody else's server "
            "is an attack; where it is yours, say so with --i-own-this-server",
            key="target.host",
        )
    return addresses[0]


def _contradictions(plan: LoadPlan) -> Iterator[tuple[str, str]]:
    loop = plan.loop
    if not any(group.sends for group in plan.binds):
        yield "binds", "only receivers: nobody could send; add a transceiver or a transmitter"
    if plan.receipts.ask and not any(group.type != "transmitter" for group in plan.binds):
        yield (
            "receipts.ask",
            "only transmitters: no bind could get a receipt; add a receiver or do not ask (--no-receipts)",
        )
    if loop.kind == "closed":
        if plan.stages:
            yield "stages", 'they belong to an open loop; leave them out or write [loop] kind = "open"'
        if loop.ramp_s:
            yield "loop.ramp_s", "a closed loop has no rate to ramp up to"
    elif plan.stages:
        if loop.duration_s is not None or loop.ramp_s:
            yield "stages", "they say how long and how fast; leave out duration_s and ramp_s"
        if not any(sum(stage.ends) for stage in plan.stages):
            yield "stages", "every rate is 0: nothing would be sent"
    if not plan.stages and loop.duration_s is None and loop.count is None:
        yield "loop", "say when to end: a duration (duration_s, --duration) or a count (count, --count)"
    if loop.duration_s is not None and loop.ramp_s > loop.duration_s:
        yield "loop.ramp_s", f"{loop.ramp_s:g} s of ramp do not fit into {loop.duration_s:g} s"
    numbers = plan.numbers
    if len(str(int(numbers.first) + numbers.count - 1)) > max(15, len(numbers.first)):
        yield "numbers.count", f"{numbers.count} numbers from {numbers.first} on leave E.164's fifteen digits"
    yield from _kind_faults(plan)
    for index, text in enumerate(plan.expect):
        try:
            parse_threshold(text)
        except ValueError as error:
            yield f"expect[{index}]", str(error)


def _kind_faults(plan: LoadPlan) -> Iterator[tuple[str, str]]:
    if not plan.messages:
        yield "messages", "no kind of message: nothing could be sent"
    for index, kind in enumerate(plan.messages):
        if bool(kind.text) == bool(kind.characters):
            yield f"messages[{index}]", "give either text or characters"
        else:
            try:
                prepare_kinds(msgspec.structs.replace(plan, messages=(kind,)))
            except ValueError as error:
                yield f"messages[{index}]", str(error)
