"""Arbitration: which campaigns get a person's last slots, where more want them than there are.

The operator's declared priority first, then the score: value × relevance × fatigue; then the earlier
approval, then the lower number. All of it is an integer that is known before anything is handed in, so the
same campaigns win at every run, whoever comes first. Who has slots left is asked of the policy, not here.
"""

from typing import Final, NamedTuple

CONTEST_RULE_NUMBER: Final = 30  # in stored trails; asked of campaigns at the door (services.contest_slots)
CONTEST_RULE_NAME: Final = "slot contest"
PPM: Final = 1_000_000
PREFERRED_PPM: Final = 2 * PPM  # Ours: whom a campaign prefers is worth twice as much to it.
TIRED_LEVELS: Final = 3  # Ours: after three messages of a brand in a week one more tires as the third did.
TIRED_DAYS: Final = 7
PRIORITY_MAX: Final = 9
PRIORITY: Final = 5  # Ours: where the operator declared none.


class Standing(NamedTuple):
    """How one campaign stands before one person. `value_micros`: what a message to them earns; `messages`:
    how many of its brand they had in the last days."""

    campaign_no: int
    priority: int
    value_micros: int
    is_preferred: bool
    messages: int
    approved_us: int

    @property
    def relevance_ppm(self) -> int:
        """1,000,000 for anybody, twice that for whom the campaign prefers."""
        return PREFERRED_PPM if self.is_preferred else PPM

    @property
    def fatigue_ppm(self) -> int:
        """1,000,000 where nobody is tired; a half, a third, a quarter after one, two, three messages."""
        return PPM // (1 + min(self.messages, TIRED_LEVELS))

    @property
    def score(self) -> int:
        """Value × relevance × fatigue, in micros."""
        return self.value_micros * self.relevance_ppm * self.fatigue_ppm // (PPM * PPM)

    def rank(self) -> tuple[int, int, int, int]:
        """What contestants are sorted by; the least is the first."""
        return -self.priority, -self.score, self.approved_us, self.campaign_no
