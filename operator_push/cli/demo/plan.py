"""The plan of a run: how much of what, from the four numbers that the command takes.

Pure. Everything that scales with the run is computed here, so that a small run is small in every part.
"""

from dataclasses import dataclass

STOPS_WANTED = 200  # of a default run; a smaller one has fewer subscribers to hear from
DEFAULT_SUBSCRIBERS = 20_000
DEFAULT_MESSAGES = 12_000
DEFAULT_SEED = 20_261
SUBSCRIBERS_MIN = 2_000  # below it an audience of the demo is smaller than what may be counted
MESSAGES_MIN = 500
CAMPAIGN_SHARE_MAX = 0.6  # of the messages of the main run
CUSTOMER_SHARE_MIN = 0.46  # of the subscribers are the bank's customers; about half, as they are generated
CRASH_MESSAGES_MAX = 1_500
CRASH_MESSAGES_MIN = 300  # in a round: what the link's window takes, and what waits behind it
CRASH_UNANSWERED_MIN = 50
CRASH_UNSENT_MIN = 50


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """What the command was asked for."""

    subscribers: int = DEFAULT_SUBSCRIBERS
    messages: int = DEFAULT_MESSAGES
    seed: int = DEFAULT_SEED
    crash_rounds: int = 1

    @property
    def campaign_messages_max(self) -> int:
        """How many recipients the two campaigns may have together; the ESME sends the rest."""
        return int(self.messages * CAMPAIGN_SHARE_MAX)

    @property
    def stops_at_least(self) -> int:
        """How many handsets answer STOP whatever chance says."""
        return max(2, min(STOPS_WANTED, self.subscribers // 100, self.messages // 60))

    @property
    def low_account_messages(self) -> int:
        """Messages of the account that has money for half of them."""
        return max(20, min(200, self.messages // 60))

    @property
    def crash_rounds_max(self) -> int:
        """How many rounds there are people for: each message of a crash run goes to a person of its own."""
        return int(self.subscribers * CUSTOMER_SHARE_MIN / CRASH_MESSAGES_MIN)

    @property
    def crash_subscribers(self) -> int:
        """Subscribers of the crash run's own product."""
        return min(self.subscribers, max(3_000, 3 * self.crash_rounds * CRASH_MESSAGES_MAX))
