"""Self-care in the server: the commands by which its pages, a program of their own, have things done."""

from operator_push.bootstrap.state import State
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_server import Handler
from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.profile_commands import ProfileCommands
from operator_push.gateway.submit_commands import SubmitCommands
from operator_push.services.accept_submissions import AcceptSubmissions
from operator_push.services.submit_text import SubmitText


def selfcare_handlers(
    state: State, accept: AcceptSubmissions, cutter: MessageCutter, committer: Committer
) -> dict[str, Handler]:
    """The commands over a gateway's parts, by name."""
    submit = SubmitText(state.registry, accept, state.vault.number_of, cutter.render_text)
    profiles = ProfileCommands(state.shard, state.vault.number_of, committer)
    return {**SubmitCommands(submit, committer).handlers(), **profiles.handlers()}
