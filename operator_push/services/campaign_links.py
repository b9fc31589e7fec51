"""Campaign links: the short link of each campaign, opened when the first recipient is handed in, and ended.

The key of its tokens is kept for as long as they lead somewhere, and erased then: nobody can tell any more
whose they were, and what they brought stays as counted.
"""

import hashlib
from collections.abc import Callable, Iterable

import msgspec
from msgspec.structs import replace

from operator_push.domain.link_visits import Visit
from operator_push.domain.short_links import LINK_DAYS, ShortLink
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import MICROS_PER_DAY
from operator_push.services.changes import Changes
from operator_push.services.registry import CampaignRecord, Registry

EVENTS_OF_A_PERSON_MAX = 50  # Ours: whoever follows a link more often is told from nobody by more rows


class CampaignLinks:
    """The use case for one shard. `new_key` gives random octets."""

    def __init__(
        self,
        shard: int,
        registry: Registry,
        new_key: Callable[[], bytes],
        links: Iterable[ShortLink] = (),
    ) -> None:
        self._shard = shard
        self._registry = registry
        self._new_key = new_key
        self._links = {link.campaign_no: link for link in links}
        self._counted: dict[tuple[int, int], int] = {}

    def host_of(self, account_no: int) -> str:
        """The host on which a client's links are; "" where none is agreed."""
        account = self._registry.account(account_no)
        return (account.terms.link_host or "") if account is not None else ""

    def require_host(self, account_no: int) -> str:
        """As `host_of`.

        Raises:
            OperatorError: none is agreed.
        """
        host = self.host_of(account_no)
        if not host:
            raise OperatorError(
                "no host for short links is agreed with this account; `operator-push account set --link-host`"
            )
        return host

    def open(self, campaign: CampaignRecord, now_us: int, changes: Changes) -> ShortLink:
        """The link of a campaign, made where there is none.

        Raises:
            OperatorError: its account has no host for it.
        """
        link = self._links.get(campaign.campaign_no)
        if link is None:
            days = (campaign.terms.link_days or LINK_DAYS) * MICROS_PER_DAY
            link = ShortLink(
                campaign.campaign_no,
                self.require_host(campaign.account_no),
                campaign.terms.link or "",
                self._new_key(),
                now_us,
                max(now_us, campaign.terms.ends_us or 0) + days,
            )
            self._put(link, changes)
        return link

    def erase_over(self, now_us: int, changes: Changes) -> int:
        """Erase the keys of links that are over; returns how many. To be called now and then."""
        over = [link for link in self._links.values() if link.key and not link.is_open_at(now_us)]
        for link in over:
            self._put(replace(link, key=b""), changes)
            for key in [each for each in self._counted if each[0] == link.campaign_no]:
                del self._counted[key]
        return len(over)

    def take(self, visits: Iterable[Visit], changes: Changes) -> int:
        """Write what happened to open links; returns how many. The same event told again is the same row."""
        taken = 0
        for visit in visits:
            key = visit.campaign_no, visit.subscriber_no
            link = self._links.get(visit.campaign_no)
            if link is None or not link.is_open_at(visit.at_us):
                continue
            if self._counted.get(key, 0) >= EVENTS_OF_A_PERSON_MAX:
                continue
            self._counted[key] = self._counted.get(key, 0) + 1
            changes.upserts.append(("link_event", self._row(visit)))
            taken += 1
        return taken

    def _put(self, link: ShortLink, changes: Changes) -> None:
        self._links[link.campaign_no] = link
        changes.upserts.append(("short_link", msgspec.structs.asdict(link)))

    def _row(self, visit: Visit) -> dict[str, object]:
        named = visit.order or visit.at_us  # a sale that the client names is the same whenever it is told
        what = f"{visit.campaign_no}:{visit.subscriber_no}:{int(visit.kind)}:{named}"
        digest = hashlib.blake2b(what.encode(), digest_size=8).digest()
        return {
            "shard": self._shard,
            "campaign_no": visit.campaign_no,
            "event_id": int.from_bytes(digest, "big") >> 1,
            "subscriber_no": visit.subscriber_no,
            "kind": int(visit.kind),
            "why": int(visit.why),
            "at_us": visit.at_us,
            "value_micros": visit.value_micros,
            "order_ref": visit.order,
        }
