"""Person links: the commands over a loaded state, and the thread that posts e-mail."""

import logging
import secrets
from collections.abc import Callable
from typing import Any

from operator_push.bootstrap.state import State
from operator_push.bootstrap.submissions import enrol_strangers
from operator_push.config import Settings
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.person_commands import PersonCommands
from operator_push.plugins import load_email_sender
from operator_push.services.accept_submissions import AcceptSubmissions
from operator_push.services.link_people import LinkPeople
from operator_push.services.ports import Email
from operator_push.services.submit_text import SubmitText

log = logging.getLogger(__name__)


def person_commands(
    reactor: Any,
    settings: Settings,
    state: State,
    key: bytes,
    accept: AcceptSubmissions,
    cutter: MessageCutter,
    committer: Committer,
) -> PersonCommands:
    """The commands by which people are linked.

    Raises:
        OperatorError: [email] names a kind that cannot be made.
    """
    lifetime_s = settings.linking.code_lifetime_s
    people = LinkPeople(state.shard, state.ids, state.person_links, key, lifetime_s, secrets.token_bytes)
    answers = settings.answers
    commands = PersonCommands(
        people,
        state.registry,
        state.vault,
        enrol_strangers(state),
        SubmitText(state.registry, accept, state.vault.number_of, cutter.render_text),
        settings.linking,
        (answers.name or settings.selfcare.operator, answers.language),
        state.ids.next_id,
        committer,
    )
    committer.before_commit.append(lambda: people.sweep(now_us(), committer.changes))
    send = load_email_sender(settings.email)
    if send is not None:
        commands.post = lambda email, told: _post(reactor, send, email, told)
    return commands


def _post(reactor: Any, send: Callable[[Email], None], email: Email, told: Callable[[bool], object]) -> None:
    from twisted.internet.threads import deferToThreadPool

    def failed(failure: Any) -> None:
        log.warning("an e-mail was not sent: %s", failure.value)
        told(False)

    posting = deferToThreadPool(reactor, reactor.getThreadPool(), send, email)
    posting.addCallbacks(lambda _: told(True), failed)
