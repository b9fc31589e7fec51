"""Self-care in the server: the commands by which its pages, a program of their own, have things done."""

from functools import partial

from operator_push.bootstrap.incentives import Incentives
from operator_push.bootstrap.state import State
from operator_push.config import Settings
from operator_push.domain.purses import REWARD_ACCOUNTS_FROM
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_server import Handler
from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.ledger_commands import LedgerCommands
from operator_push.gateway.profile_commands import ProfileCommands
from operator_push.gateway.reward_commands import RewardCommands
from operator_push.gateway.submit_commands import SubmitCommands
from operator_push.gateway.wish_commands import WishCommands
from operator_push.kernel.meters import Meters
from operator_push.services.accept_submissions import AcceptSubmissions
from operator_push.services.submit_text import SubmitText


def incentives_of(settings: Settings, state: State, committer: Committer, meters: Meters) -> Incentives:
    """Awards and payouts over a loaded state."""
    return Incentives(
        settings,
        state.incentives,
        state.ids,
        state.registry,
        state.facts.permission,
        state.balances,
        committer,
        meters,
        partial(state.vault.msisdn_of, reason="reward payout"),
    )


def selfcare_handlers(
    state: State,
    accept: AcceptSubmissions,
    cutter: MessageCutter,
    incentives: Incentives,
    ledger: LedgerCommands,
    committer: Committer,
) -> dict[str, Handler]:
    """The commands over a gateway's parts, by name."""
    submit = SubmitText(state.registry, accept, state.vault.number_of, cutter.render_text)
    profiles = ProfileCommands(
        state.shard, state.vault.number_of, incentives.awards.profile_declared, committer
    )

    def kept_back(account_no: int) -> int:
        return incentives.awards.held_back(account_no - REWARD_ACCOUNTS_FROM, now_us())

    ledger.kept_back = kept_back
    rewards = RewardCommands(
        incentives.awards,
        incentives.pay,
        state.vault.number_of,
        ledger.in_turn,
        incentives.asked,
        committer,
    )
    return {
        **SubmitCommands(submit, committer).handlers(),
        **profiles.handlers(),
        **rewards.handlers(),
        **WishCommands(
            state.shard,
            state.facts.wishes,
            state.vault.number_of,
            state.registry.known_brand_no,
            committer,
        ).handlers(),
    }
