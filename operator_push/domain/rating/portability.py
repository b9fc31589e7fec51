"""Number portability: the port by which rating learns that a number has changed its network."""

from typing import Protocol


class NumberPortability(Protocol):
    """Whoever knows which numbers were ported: a file, an operator's database, an ENUM or MNP dip."""

    def network_of(self, msisdn: str, at_us: int) -> str | None:
        """The network ("404-45") to which a number was ported by a moment, None where it was not."""
