"""Short link commands of the control socket: the web face tells what happened to links.

Documented in docs/control-socket.md.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from operator_push.domain.link_visits import Visit
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.services.campaign_links import CampaignLinks


class ShortLinkCommands:
    """The handlers by name."""

    def __init__(self, links: CampaignLinks, committer: Committer) -> None:
        self._links = links
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {"short_link.visits": self._visits}

    def _visits(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"visits": list of domain.link_visits.Visit} → {"taken"} once they are on disk."""
        try:
            visits = msgspec.convert(args["visits"], list[Visit])
        except msgspec.ValidationError as error:
            raise OperatorError(f"visits are not readable: {error}") from None
        taken = self._links.take(visits, self._committer.changes)
        after_commit(self._committer, answer, {"taken": taken})
