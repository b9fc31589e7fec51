"""Sponsor commands of the control socket: what channels offer to sponsors, who bought it, what it brought.

Documented in docs/control-socket.md.
"""

from collections.abc import Mapping
from typing import Any

from operator_push.domain.sponsorship import Slot, Sponsorship
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, who, whole
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.instants import iso
from operator_push.services.registry import Registry
from operator_push.services.run_channels import RunChannels
from operator_push.services.sponsor_channels import SponsorChannels


class SponsorCommands:
    """The handlers by name."""

    def __init__(
        self, channels: RunChannels, sponsors: SponsorChannels, registry: Registry, committer: Committer
    ) -> None:
        self._channels = channels
        self._sponsors = sponsors
        self._registry = registry
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {
            "channel.slot": self._slot,
            "channel.sponsor": self._sponsor,
            "channel.decide_sponsor": self._decide,
            "channel.sponsors": self._sponsors_of,
        }

    def _slot(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"name", "characters", "price_micros", "by"} → {"slot"}."""
        channel = self._channels.require(str(args["name"]))
        characters, price = whole(args["characters"], "characters"), whole(args["price_micros"], "price")
        changes = self._committer.changes
        slot = self._sponsors.offer(channel.channel_no, characters, price, who(args), now_us(), changes)
        after_commit(self._committer, answer, {"slot": _slot(slot)})

    def _sponsor(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"name", "account", "line", "issues", "by"} → the sponsorship."""
        channel = self._channels.require(str(args["name"]))
        made = self._sponsors.ask(
            channel.channel_no,
            str(args["account"]),
            str(args["line"]),
            whole(args["issues"], "issues"),
            who(args),
            now_us(),
            self._committer.changes,
        )
        after_commit(self._committer, answer, self._shown(made))

    def _decide(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"sponsorship", "agrees", "by"} → the sponsorship."""
        number, changes = whole(args["sponsorship"], "sponsorship"), self._committer.changes
        decided = self._sponsors.decide(number, bool(args["agrees"]), who(args), now_us(), changes)
        after_commit(self._committer, answer, self._shown(decided))

    def _sponsors_of(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"name"} → {"slot" (null: none), "sponsorships"}."""
        channel, known = self._channels.require(str(args["name"])), self._sponsors.known
        slot = known.slots.get(channel.channel_no)
        shown = [self._shown(each) for each in known.of_channel(channel.channel_no)]
        answer({"slot": None if slot is None else _slot(slot), "sponsorships": shown})

    def _shown(self, sponsorship: Sponsorship) -> dict[str, Any]:
        account = self._registry.account(sponsorship.account_no)
        carried = self._sponsors.known.carried(sponsorship.sponsorship_no)
        return {
            "sponsorship": sponsorship.sponsorship_no,
            "account": account.name if account else "",
            "line": sponsorship.line,
            "state": sponsorship.state,
            "issues": sponsorship.issues,
            "price_micros": sponsorship.price_micros,
            "charged_micros": sum(each.charged_micros for each in carried),
            "carried": [each.campaign_no for each in carried],
            "asked_by": sponsorship.asked_by,
            "asked_at": iso(sponsorship.asked_us),
            "decided_by": sponsorship.decided_by,
        }


def _slot(slot: Slot) -> dict[str, Any]:
    return {"characters": slot.characters, "price_micros": slot.price_micros, "by": slot.changed_by}
