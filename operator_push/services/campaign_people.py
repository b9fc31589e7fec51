"""Campaign people: whom each unfinished campaign was launched for, and whom it has handed in.

The people are fixed at the launch, in a row of their own, so that a launch that was broken off goes on with
the same set. Who was handed in is rebuilt from the message rows at start: it moves with the commit of the
messages, and with nothing else.
"""

from collections.abc import Mapping

from pyroaring import BitMap

from operator_push.services.changes import Changes


class CampaignPeople:
    """The sets of one shard, by campaign_no."""

    def __init__(
        self, fixed: Mapping[int, BitMap] | None = None, handed_in: Mapping[int, BitMap] | None = None
    ) -> None:
        self._fixed = dict(fixed or {})
        self._handed_in = dict(handed_in or {})

    def fix(self, campaign_no: int, people: BitMap, now_us: int, changes: Changes) -> None:
        """Launch a campaign for these people and no others."""
        self._fixed[campaign_no] = people
        people.run_optimize()
        row = {"campaign_no": campaign_no, "subscribers": people.serialize(), "fixed_us": now_us}
        changes.upserts.append(("campaign_recipients", row))

    def fixed(self, campaign_no: int) -> BitMap | None:
        """For whom it was launched; None where that was not fixed."""
        return self._fixed.get(campaign_no)

    def handed_in(self, campaign_no: int) -> BitMap:
        """Whom it has handed in for good; to be added to."""
        found = self._handed_in.get(campaign_no)
        if found is None:
            found = self._handed_in[campaign_no] = BitMap()
        return found

    def rest(self, campaign_no: int) -> BitMap | None:
        """Who is still to be handed in; None where nobody was fixed."""
        fixed = self._fixed.get(campaign_no)
        return None if fixed is None else fixed - self.handed_in(campaign_no)

    def forget(self, campaign_no: int) -> None:
        """A campaign has ended: nobody of it is handed in any more."""
        self._fixed.pop(campaign_no, None)
        self._handed_in.pop(campaign_no, None)
