"""The desk: what the pages ask of the house. One over store and control socket is in cli.selfcare."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from operator_push.services.enter_selfcare import Person
from operator_push.services.permission_overview import Overview


class Desk(Protocol):
    """Every call may raise ResourceError: the server or the store cannot be asked now."""

    def find(self, typed: str) -> tuple[str, Person | None]:
        """The digits of a number as it was typed, and who holds it; None where nobody does. It is audited.

        Raises:
            ValueError: this is no number.
        """
        ...

    def send(self, person: Person, text: str, valid_s: int) -> None:
        """Send a text to a person; what goes wrong is logged and nobody waits for it."""
        ...

    def overview(self, person: Person, now_us: int) -> Overview:
        """Where the person stands with every brand."""
        ...

    def brand_names(self) -> Sequence[str]:
        """The brands that can be chosen, by name."""
        ...

    def record(self, person: Person, act: Mapping[str, str]) -> str:
        """Have an act of consent recorded (columns of consents.csv without msisdn); "" or why it was refused.

        It holds, and is on disk, when this returns.
        """
        ...

    def everything(self, person: Person, now_us: int) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """All that is kept about the person: tables of flat rows by name."""
        ...
