"""Trigger judging: events as they come, each at every campaign that waits for it, and what fits handed in.

Beside the server, like every reader of features; what a person permits is asked of the server for each event,
and the server decides and sends. An event that is judged twice changes nothing: each person is taken once by
a campaign, and asked once a day at a touchpoint.
"""

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from pyroaring import BitMap

from operator_push.cli.audience_counting import Server
from operator_push.cli.personal_values import checked_texts
from operator_push.cli.sales_rules_file import sales_rules
from operator_push.config import Settings
from operator_push.domain.audience.event_rules import event_rule
from operator_push.domain.audience.rule import Rule, compile_rule
from operator_push.domain.audience.sales_rules import Sale, SaleTerms, terms_for
from operator_push.domain.audience.vocabulary import Vocabulary
from operator_push.domain.consent import SMS, Purpose
from operator_push.domain.declared import DECLARABLE, typed
from operator_push.domain.personal.values import PersonalValues
from operator_push.domain.profile import FeatureValue, PermittedProfile
from operator_push.kernel.contracts import DataPurpose, TriggerEvent
from operator_push.kernel.errors import OperatorError
from operator_push.profiles.open_profiles import OpenProfiles
from operator_push.profiles.permitted_profiles import Permission
from operator_push.services.evaluate_triggers import Asks, EvaluateTriggers, Fit, Held, Waiting
from operator_push.store.audience_sets import account_no_of, read_set, set_keys
from operator_push.store.database import Database
from operator_push.store.person_rows import declared_by

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0  # Ours: how soon a campaign that was launched hears of events
EVENTS_AT_ONCE = 50  # Ours: what waits for one commit; the server takes a hundred
OPT_IN_CALL = "opt_in_call"
_NOT_COUNTED = "not counted"  # fits, and is not among the people for whom the campaign was launched


class TriggerJudging:
    """One shard's events; of one thread."""

    def __init__(self, settings: Settings, server: Server, store: Database, opened: OpenProfiles) -> None:
        self._settings = settings
        self._server = server
        self._store = store
        self._opened = opened
        self._evaluate = EvaluateTriggers(self._held, self._profile)
        self._looked_s = float("-inf")
        self._waiting: list[Waiting] = []
        self._known: dict[int, tuple[DataPurpose, dict[Asks, bool]]] = {}
        self._texts: dict[str, Sequence[str]] = {}  # campaign → the attributes that its text uses

    def judge(self, events: Sequence[TriggerEvent], now_us: int) -> list[dict[str, str]]:
        """What became of each event: campaign, or touchpoint, → word. At most EVENTS_AT_ONCE of them.

        Raises:
            ResourceError: the server is away; the events are to be judged again.
        """
        waiting = self._campaigns()
        self._ask_held(events, waiting)
        told = [self._told(event, waiting, now_us) for event in events]
        asked, places = [], []
        for place, (event, fits) in enumerate(zip(events, told, strict=True)):
            fitting = [name for name, word in fits.items() if word == Fit.FITS.value]
            if fitting:
                number = event.subscriber_no
                values = self._values(number, fitting, now_us)
                row = {"event": event.trigger, "subscriber_no": number, "campaigns": fitting}
                asked.append({**row, "values": values})
                places.append((place, fitting))
        if asked:
            outcomes = self._server.call("campaign.trigger", events=asked)["outcomes"]
            for (place, fitting), done in zip(places, outcomes, strict=True):
                told[place] |= {name: done.get(name, _NOT_COUNTED) for name in fitting}
        return told

    def _told(self, event: TriggerEvent, waiting: Sequence[Waiting], now_us: int) -> dict[str, str]:
        if event.trigger == OPT_IN_CALL:
            return self._opt_in(event)
        try:
            fits = self._evaluate.judge(event, waiting, now_us)
        except OperatorError as error:  # such as features that are being written anew
            log.warning("event %d was not judged: %s", event.sequence, error)
            return {}
        return {name: fit.value for name, fit in fits.items()}

    def _ask_held(self, events: Sequence[TriggerEvent], waiting: Sequence[Waiting]) -> None:
        """Ask once what everybody permits whom something has happened to."""
        heard = {each.trigger for each in waiting}
        numbers = list({event.subscriber_no for event in events if event.trigger in heard})
        asks = list({each.asks for each in waiting})
        self._known = {}
        if numbers:
            held = self._server.call("permission.held", subscribers=numbers, asks=asks)["held"]
            self._known = {
                number: (DataPurpose(data), dict(zip(asks, marketing, strict=True)))
                for number, (data, marketing) in zip(numbers, held, strict=True)
            }

    def _values(self, number: int, campaigns: Collection[str], now_us: int) -> dict[str, Any]:
        """What fills the texts of these campaigns for one person, by campaign."""
        told = {}
        for each in self._waiting:
            names = self._texts.get(each.campaign, ())
            if names and each.campaign in campaigns:
                held = self._held(number, ())
                known = self._profile(number, held.data, names, each.brand, now_us, {})
                columns = {name: {number: known[name]} for name in names if name in known}
                told[each.campaign] = PersonalValues.of_people([number], columns).as_wire()
        return told

    def _opt_in(self, event: TriggerEvent) -> dict[str, str]:
        line = str(event.attributes.get("line", ""))
        try:
            asked = self._server.call("opt_in.missed_call", name=line, caller_no=event.subscriber_no)
        except OperatorError as error:
            log.warning("a call to the line %s: %s", line, error)
            return {line: "refused"}
        return {line: str(asked["outcome"])}

    def _campaigns(self) -> Sequence[Waiting]:
        """The running campaigns that wait for a trigger, as of a moment ago."""
        if time.monotonic() - self._looked_s >= LOOK_EVERY_S:
            found = []
            for each in self._server.call("campaign.list")["campaigns"]:
                if each["state"] == "running" and each["terms"].get("trigger"):
                    try:
                        found.append(self._waits(each))
                    except OperatorError as error:
                        log.warning("campaign %s hears of no events: %s", each["name"], error)
            self._waiting = found
            self._looked_s = time.monotonic()
        return self._waiting

    def _waits(self, campaign: Mapping[str, Any]) -> Waiting:
        account, terms = campaign["account"], campaign["terms"]
        sale = Sale(account, campaign["brand"], campaign["category"])
        barred = terms_now(self._settings, sale).barred
        zone = self._settings.policy.quiet_hours.zone
        texts = checked_texts(self._settings, self._server, dict(campaign), terms)
        self._texts[campaign["name"]] = texts.names()
        account_no = self._store.read(lambda rows: account_no_of(rows, account))
        keys = self._store.read(lambda rows: set_keys(rows, account_no))
        rule = compile_rule(campaign["rule"], Vocabulary(barred=barred, sets=keys, zone=zone))
        when = terms.get("when")
        return Waiting(
            campaign["name"],
            campaign["brand"],
            campaign["category"],
            terms["trigger"],
            rule,
            None if when is None else event_rule(terms["trigger"], when, barred=barred, zone=zone),
            {key: self._store.read(partial(read_set, account_no=account_no, key=key)) for key in rule.sets},
            terms.get("channel") or SMS,
        )

    def _held(self, number: int, asks: Sequence[Asks]) -> Held:
        data, marketing = self._known[number]
        return Held(data, [marketing[each] for each in asks])

    def _profile(
        self,
        number: int,
        held: DataPurpose,
        names: Collection[str],
        brand: str,
        now_us: int,
        event: Mapping[str, FeatureValue],
    ) -> PermittedProfile:
        alone, nobody = BitMap([number]), BitMap()

        def declared(asked: Collection[str]) -> dict[str, dict[int, FeatureValue]]:
            rows = self._store.read(lambda rows: declared_by(rows, self._settings.shard, number))
            return {row.name: {number: typed(row.name, row.value)} for row in rows if row.name in asked}

        permission = Permission(
            Purpose.MARKETING,
            brand,
            now_us,
            alone,
            lambda bit: alone if bit & held == bit else nobody,
            declared if any(name in DECLARABLE for name in names) else lambda asked: {},
        )
        return self._opened.permitted(permission).of(number, names, event)


def terms_now(settings: Settings, sale: Sale, now_us: int | None = None) -> SaleTerms:
    """What the operator's sales rules say of a sale."""
    at_us = int(time.time() * 1_000_000) if now_us is None else now_us
    return terms_for(sales_rules(settings), sale, at_us)


def checked_when(settings: Settings, trigger: str, when: str, sale: Sale) -> Rule:
    """The condition of an order on its event, by what this client may use.

    Raises:
        OperatorError: it cannot be used; says why.
    """
    zone = settings.policy.quiet_hours.zone
    rule = event_rule(trigger, when, barred=terms_now(settings, sale).barred, zone=zone)
    attributes = [feature.name for feature in rule.attributes]
    if refused := terms_now(settings, replace(sale, attributes=attributes)).refused:
        raise OperatorError(f"SALE_REFUSED: {refused}")
    return rule
