"""Tariff commands of the control socket: show, import, set and end prices, and ask what a number costs.

A few lines over services.manage_tariff; documented in docs/control-socket.md.
"""

from collections.abc import Mapping
from typing import Any

from operator_push.domain.message import TrafficClass
from operator_push.domain.tariff import TariffRow
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, moment, who, whole
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.manage_documents import ROWS, ManageDocuments
from operator_push.services.manage_tariff import ManageTariff, TariffChange

_CLASSES: dict[str, TrafficClass | None] = {
    **{member.name.lower(): member for member in TrafficClass},
    "any": None,
}


class TariffCommands:
    """The handlers by name."""

    def __init__(self, tariff: ManageTariff, documents: ManageDocuments, committer: Committer) -> None:
        self._tariff = tariff
        self._documents = documents
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {
            "tariff.show": self._show,
            "tariff.price": self._price,
            "tariff.import": self._import,
            "tariff.set": self._set,
            "tariff.end": self._end,
        }

    def _show(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        prices = self._tariff.prices()
        rows = [
            {
                **_shown(stored.price),
                "version": stored.version,
                "changed_at": iso(stored.changed_us),
                "changed_by": stored.changed_by,
            }
            for stored in prices
        ]
        answer({"in_force": self._documents.chosen, "version": self._tariff.version, "rows": rows})

    def _price(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        msisdn = normalise_msisdn(str(args["destination"]))
        if msisdn is None:
            raise OperatorError("destination is not an international number")
        traffic_class = _class(args.get("traffic_class", "promotional"))
        if traffic_class is None:
            raise OperatorError("traffic_class: a message has one of transactional, service, promotional")
        row = self._tariff.row_for(msisdn, traffic_class, moment(args.get("at"), "at", now_us()) or 0)
        answer({"row": _shown(row) if row else None})

    def _import(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        rows = [_row(each, f"row {number}: ") for number, each in enumerate(args["rows"], start=1)]
        at_us, changes = now_us(), self._committer.changes
        change = self._tariff.replace(rows, who(args), at_us, changes)
        self._documents.choose(ROWS, who(args), at_us, changes)
        self._done(answer, change)

    def _set(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        at_us = now_us()
        asked = {"currency": self._tariff.prices()[0].price.currency, **args}
        price = _row({**asked, "valid_from": args.get("valid_from") or iso(at_us)}, "")
        self._done(answer, self._tariff.set_price(price, who(args), at_us, self._committer.changes))

    def _end(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        at_us = now_us()
        from_us = moment(args.get("from"), "from", at_us) or 0
        prefix, traffic_class = str(args["prefix"]), _class(args.get("traffic_class", "any"))
        changes = self._committer.changes
        self._done(answer, self._tariff.end_price(prefix, traffic_class, from_us, who(args), at_us, changes))

    def _done(self, answer: Answer, change: TariffChange) -> None:
        after_commit(
            self._committer,
            answer,
            {
                "version": change.version,
                "added": change.added,
                "ended": change.ended,
                "unchanged": change.unchanged,
                "in_force": self._documents.chosen,
            },
        )


def _shown(row: TariffRow) -> dict[str, Any]:
    return {
        "prefix": row.prefix,
        "traffic_class": row.traffic_class.name.lower() if row.traffic_class else "any",
        "price_micros": row.price_micros,
        "currency": row.currency,
        "valid_from": iso(row.valid_from_us) if row.valid_from_us else None,
        "valid_until": iso(row.valid_until_us) if row.valid_until_us else None,
    }


def _row(asked: Mapping[str, Any], where: str) -> TariffRow:
    try:
        return TariffRow(
            prefix=str(asked.get("prefix") or ""),
            price_micros=whole(asked["price_micros"], "price_micros"),
            currency=str(asked["currency"]),
            traffic_class=_class(asked.get("traffic_class") or "any"),
            valid_from_us=moment(asked.get("valid_from"), "valid_from", 0) or 0,
            valid_until_us=moment(asked.get("valid_until"), "valid_until"),
        )
    except KeyError as error:
        raise OperatorError(f"{where}{error} is missing") from error
    except OperatorError as error:
        raise OperatorError(f"{where}{error}") from error


def _class(name: Any) -> TrafficClass | None:
    if name not in _CLASSES:
        raise OperatorError(f"traffic_class {name!r} is not one of {', '.join(_CLASSES)}")
    return _CLASSES[name]
