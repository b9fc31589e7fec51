"""Document commands of the control socket: tariff documents, and what a message costs and why.

A few lines over services.manage_documents and domain.rating; documented in docs/control-socket.md.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from operator_push.domain.message import MessageState, TrafficClass
from operator_push.domain.rating.document import TariffDocument
from operator_push.domain.rating.pricing import rate
from operator_push.domain.rating.rating_json import rating_json
from operator_push.domain.rating.simple_rows import document_of_rows
from operator_push.domain.rating.taxes import two_taxes
from operator_push.domain.rating.values import RatingRequest, Unpriced, Usage, sender_kind_of
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, moment, who, whole
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.manage_documents import StoredDocument
from operator_push.services.manage_tariff import ManageTariff
from operator_push.services.number_country import country_of
from operator_push.services.price_by_documents import PriceByDocuments
from operator_push.services.registry import Account, Registry
from operator_push.services.usage_book import month_of
from operator_push.text.data_coding import Encoding

ROWS_NAME = "server"  # how a price by simple rows names its tariff


class DocumentCommands:
    """The handlers by name; `number_of` gives a recipient's subscriber number, 0 for nobody; `taxes` are
    the names of those of the configuration."""

    def __init__(
        self,
        prices: PriceByDocuments,
        rows: ManageTariff,
        registry: Registry,
        number_of: Callable[[str], int],
        currency: str,
        committer: Committer,
        taxes: Sequence[str] = (),
    ) -> None:
        self._taxes = taxes
        self._prices = prices
        self._documents = prices.documents
        self._rows = rows
        self._registry = registry
        self._number_of = number_of
        self._currency = currency
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {
            "tariff.documents": self._list,
            "tariff.document": self._document,
            "tariff.import_document": self._import,
            "tariff.use": self._use,
            "tariff.quote": self._quote,
        }

    def _list(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        answer({"in_force": self._documents.chosen, "documents": list(map(_shown, self._documents.stored()))})

    def _document(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        version = args.get("version")
        wanted = whole(version, "version") if version is not None else None
        stored = self._documents.find(str(args["tariff"]) if args.get("tariff") else None, wanted)
        answer({"document": {**_shown(stored), "text": stored.text}})

    def _import(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        at_us, changes = now_us(), self._committer.changes
        known, named_only = self._documents.names(), bool(args.get("named_only"))
        text, file = str(args["text"]), str(args["file"])
        stored, is_new = self._documents.import_text(
            text, file, self._currency, who(args), at_us, changes, named_only
        )
        name = stored.document.tariff
        if name not in known and not named_only:
            self._documents.choose(name, who(args), at_us, changes)
        result = {"document": _shown(stored), "new": is_new, "in_force": self._documents.chosen}
        if warning := two_taxes(stored.document, self._taxes):
            result["warning"] = warning
        after_commit(self._committer, answer, result)

    def _use(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        tariff = str(args["tariff"])
        self._check_for_all(tariff)
        changed = self._documents.choose(tariff, who(args), now_us(), self._committer.changes)
        after_commit(self._committer, answer, {"in_force": self._documents.chosen, "changed": changed})

    def _check_for_all(self, tariff: str) -> None:
        versions = [document for _, document in self._documents.versions(tariff)]
        if versions and not any(document.has_currency(self._currency) for document in versions):
            raise OperatorError(
                f"tariff {tariff!r} has no price in {self._currency}, so accounts that name no tariff could "
                f"send nothing; add an [[exchange_rate]] to {self._currency} in a further version"
            )

    def _quote(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        at_us = moment(args.get("at"), "at", now_us()) or 0
        account = self._registry.require_account(str(args["account"]))
        request = self._request(args, account, at_us)
        tariff, usage = self._tariff_of(account, request)
        if args.get("usage") is not None:
            usage = _usage(args["usage"])
        rating = rate(request, tariff, usage)
        if isinstance(rating, Unpriced):
            raise OperatorError(f"{rating.reason}; a message there is refused with NO_ROUTE")
        answer(rating_json(rating))

    def _request(self, args: Mapping[str, Any], account: Account, at_us: int) -> RatingRequest:
        msisdn = normalise_msisdn(str(args["destination"]))
        if msisdn is None:
            raise OperatorError("destination is not an international number such as +919812345678")
        ported = args.get("ported_network") or self._prices.ported_network_of(msisdn, at_us)
        state = args.get("state")
        return RatingRequest(
            account=account.name,
            destination=msisdn,
            segments=whole(args["segments"], "segments"),
            at_us=at_us,
            traffic_class=_one(TrafficClass.__members__, str(args["traffic_class"]).upper(), "traffic_class"),
            encoding=_one({each.value: each for each in Encoding}, args.get("encoding", "gsm7"), "encoding"),
            sender_kind=sender_kind_of(str(args.get("sender") or "SENDER")),
            channel=str(args.get("channel") or "sms"),
            country=country_of(msisdn),
            ported_network=ported,
            attributes=tuple(map(str, args.get("attributes") or ())),
            state=_one(MessageState.__members__, str(state).upper(), "state") if state else None,
            currency=account.currency,
        )

    def _tariff_of(self, account: Account, request: RatingRequest) -> tuple[TariffDocument, Usage]:
        """The version by which an account pays at the moment of a request, and what it has used by then."""
        plans = self._prices.plans_of(account.account_no)
        if plans is None:
            rows = (stored.price for stored in self._rows.prices())
            return document_of_rows(rows, ROWS_NAME, self._rows.version), Usage()
        version = plans.version_at(request.at_us)
        if version is None:
            raise OperatorError(f"no version of {plans.name} is valid at {iso(request.at_us)}")
        tariff = version[1]
        month, subscriber_no = month_of(tariff, request.at_us), self._number_of(request.destination)
        return tariff, self._prices.book.usage(account.account_no, tariff.tariff, month, subscriber_no)


def _shown(stored: StoredDocument) -> dict[str, Any]:
    document = stored.document
    return {
        "tariff": document.tariff,
        "version": document.version,
        "currency": document.currency,
        "valid_from": document.valid_from.isoformat() if document.valid_from else None,
        "valid_until": document.valid_until.isoformat() if document.valid_until else None,
        "file": stored.file,
        "imported_at": iso(stored.imported_us),
        "imported_by": stored.imported_by,
    }


def _one(members: Mapping[str, Any], name: Any, key: str) -> Any:
    if name not in members:
        raise OperatorError(f"{key} {name!r} is not one of {', '.join(members).lower()}")
    return members[name]


def _usage(given: Any) -> Usage:
    try:
        return msgspec.convert(given, Usage)
    except msgspec.ValidationError as error:
        raise OperatorError(
            f"usage: {error}; give an object with segments, contact_segments and credit_micros, each by name"
        ) from error
