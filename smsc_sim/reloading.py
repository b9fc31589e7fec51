"""Reloading: what another scenario changes while the run goes on, as a sentence; and seeds by SMSC."""

from hashlib import sha256

from operator_push.kernel.errors import OperatorError
from smsc_sim.scenario import Scenario

_SEED_BITS = 53
_AT_START_ONLY = ("seed", "clock", "cdr", "control", "asserts")  # The tables that a run reads once.
_AT_START_ONLY_EACH = ("listen", "message_ids", "outbind")


def virtual_seed(seed: int, name: str) -> int:
    """The seed of a virtual SMSC: the run's for one without a name, else one of its own."""
    if not name:
        return seed
    digest = sha256(f"{seed}:smsc:{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - _SEED_BITS)


def changes(before: Scenario, after: Scenario) -> str:
    """What changes when a run goes on with another scenario, for a person.

    Raises:
        OperatorError: the virtual SMSCs are others; those can only be had by a new start.
    """
    old, new = dict(before.virtual()), dict(after.virtual())
    if list(old) != list(new):
        was, wanted = (", ".join(names) or "one without a name" for names in (old, new))
        raise OperatorError(
            f"the virtual SMSCs are {was}, the file names {wanted}; start anew for that", key="smsc"
        )
    changed: list[str] = []
    waiting = [name for name in _AT_START_ONLY if getattr(before, name) != getattr(after, name)]
    for name, running in old.items():
        prefix = f"{name}." if name else ""
        for table in running.__struct_fields__:
            if table in ("smsc", *_AT_START_ONLY) or getattr(running, table) == getattr(new[name], table):
                continue
            (waiting if table in _AT_START_ONLY_EACH else changed).append(f"{prefix}{table}")
    told = f"changed are {', '.join(changed)}" if changed else "nothing changed"
    return f"{told}; {', '.join(waiting)} will count at the next start" if waiting else told
