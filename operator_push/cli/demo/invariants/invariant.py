"""The form of one judged law."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invariant:
    """One law of the house, judged over one run. `look_at` is told where it did not hold."""

    area: str
    name: str
    held: bool
    detail: str
    look_at: str = ""

    @property
    def sentence(self) -> str:
        """The detail, and where to look if it matters."""
        return self.detail if self.held else f"{self.detail}; look at {self.look_at}"
