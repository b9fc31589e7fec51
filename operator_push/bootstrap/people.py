"""People: the commands of the control socket about subscribers and the national register."""

from operator_push.bootstrap.state import State
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_server import Handler
from operator_push.gateway.dnd_commands import DndCommands
from operator_push.gateway.subscriber_commands import SubscriberCommands


def people_handlers(state: State, committer: Committer) -> dict[str, Handler]:
    """Command name → handler; a changed register is another rule set."""

    def register_changed() -> None:
        state.rule_sets.bring_up_to_date(now_us(), committer.changes)

    next_id = state.ids.next_id
    return {
        **SubscriberCommands(state.shard, state.vault, state.facts.clocks, committer).handlers(),
        **DndCommands(
            state.shard, state.facts.dnd, state.vault, next_id, committer, register_changed
        ).handlers(),
    }
