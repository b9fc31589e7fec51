"""Subscriber commands of the control socket: who is a subscriber, and by whose time they live."""

from collections.abc import Mapping
from typing import Any

from operator_push.domain.subscriber_clocks import SubscriberClocks
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, imported, rows_by_name
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.ports import VaultPort

FORGET = "-"
MCC_DIGITS = 3


class SubscriberCommands:
    """The handlers by name."""

    def __init__(self, shard: int, vault: VaultPort, clocks: SubscriberClocks, committer: Committer) -> None:
        self._shard = shard
        self._vault = vault
        self._clocks = clocks
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {"subscriber.import": self._import}

    def _import(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"rows": [{"line", "msisdn", "home_zone", "serving_network"}]}, the last two where they are known →
        {"applied", "unchanged", "rejected": [{"line", "reason"}]}."""
        rows, at_us = rows_by_name(args), now_us()
        rejected: list[dict[str, Any]] = []
        good: list[tuple[str, dict[str, Any]]] = []
        for row in rows:
            msisdn = normalise_msisdn(str(row.get("msisdn", "")))
            if msisdn is None:
                rejected.append({"line": row.get("line"), "reason": "msisdn is not an international number"})
            else:
                good.append((msisdn, row))
        enrolment = self._vault.enrol([msisdn for msisdn, _ in good], at_us)
        self._committer.changes.vault_subscriber.extend(enrolment.rows)
        changed = {number for _, number, *_ in enrolment.rows}
        applied = len(enrolment.rows)
        for (_, named), number in zip(good, enrolment.numbers, strict=True):
            try:
                noted = self._note(number, named, at_us)
            except (OperatorError, ValueError) as error:
                rejected.append({"line": named.get("line"), "reason": str(error)})
                applied -= number in changed
                continue
            applied += noted and number not in changed
        after_commit(self._committer, answer, imported(len(rows), applied, rejected))

    def _note(self, subscriber_no: int, row: Mapping[str, Any], at_us: int) -> bool:
        """Learn the row's zone and network; True where either is new.

        Raises:
            OperatorError: home_zone is no zone.
            ValueError: serving_network is no PLMN.
        """
        zone, network = _value(row, "home_zone"), _value(row, "serving_network")
        if zone is None and network is None:
            return False
        country = None if network is None else network[:MCC_DIGITS]
        if not self._clocks.note(subscriber_no, zone, country):
            return False
        home_zone, network_country = self._clocks.noted(subscriber_no)
        stored: dict[str, object] = {
            "shard": self._shard,
            "subscriber_no": subscriber_no,
            "home_zone": home_zone,
            "network_country": network_country,
            "changed_us": at_us,
        }
        self._committer.changes.upserts.append(("subscriber_clock", stored))
        return True


def _value(row: Mapping[str, Any], key: str) -> str | None:
    """What a row tells: None nothing, "" that it is not known any more."""
    text = str(row.get(key) or "").strip()
    return "" if text == FORGET else text or None
