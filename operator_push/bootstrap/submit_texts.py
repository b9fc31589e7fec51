"""Submit texts: the commands by which other programs of the operator have a text sent to one person."""

from operator_push.bootstrap.state import State
from operator_push.gateway.committer import Committer
from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.submit_commands import SubmitCommands
from operator_push.services.accept_submissions import AcceptSubmissions
from operator_push.services.submit_text import SubmitText


def submit_commands(
    state: State, accept: AcceptSubmissions, cutter: MessageCutter, committer: Committer
) -> SubmitCommands:
    """The commands over a gateway's parts."""
    submit = SubmitText(state.registry, accept, state.vault.number_of, cutter.render_text)
    return SubmitCommands(submit, committer)
