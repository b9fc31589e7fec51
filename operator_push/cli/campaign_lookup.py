"""operator-push campaign: the campaign that a command names, as the server shows it."""

from typing import Any

from operator_push.cli.audience_counting import Server
from operator_push.domain.consent import SMS
from operator_push.kernel.errors import OperatorError

Campaign = dict[str, Any]


def channel_of_campaign(found: Campaign) -> str:
    """By what its messages go, as it was ordered."""
    return str(found.get("terms", {}).get("channel") or SMS)


def find_campaign(server: Server, name: str) -> Campaign:
    """The campaign with this name.

    Raises:
        OperatorError: there is none.
    """
    campaigns: list[Campaign] = server.call("campaign.list")["campaigns"]
    for each in campaigns:
        if each["name"] == name:
            return each
    known = ", ".join(each["name"] for each in campaigns) or "none yet"
    raise OperatorError(f"no campaign is called {name!r}; there are: {known}")
