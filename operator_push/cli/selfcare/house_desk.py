"""The house's desk: what self-care pages ask, answered from the store and by the running server.

Reads go to the store beside the server; whatever changes goes through the control socket to the owner of the
shard, where it holds at once (laws 1 and 6).
"""

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
from sqlalchemy import Connection

from operator_push.cli.control_client import ControlClient
from operator_push.cli.reading_threads import ReadingThreads
from operator_push.cli.selfcare.copy_tables import asked_tables, kept_tables, stored_tables
from operator_push.cli.selfcare.feature_reading import FeatureReading
from operator_push.config import Settings
from operator_push.domain.consent import EVERY
from operator_push.domain.consent_record import EXTRA
from operator_push.domain.transfers import TransferKind
from operator_push.http.selfcare.desk import (
    JoinTouchpoint,
    Linked,
    Offered,
    PaidOut,
    Profile,
    Reward,
    Rewards,
    Wished,
)
from operator_push.kernel.errors import OperatorError, OperatorPushError
from operator_push.kernel.instants import day_of
from operator_push.kernel.numbering import mask_number, normalise_msisdn
from operator_push.services.enter_selfcare import Person
from operator_push.services.history_of_person import Told, history
from operator_push.services.pay_rewards import Payout, PayoutState
from operator_push.services.permission_overview import Overview, overview, permitted_data
from operator_push.store.channel_rows import channels
from operator_push.store.consent_rows import acts_of
from operator_push.store.incentive_rows import payouts
from operator_push.store.link_proof_rows import person_links
from operator_push.store.notice_rows import notices
from operator_push.store.person_rows import Posting, declared_by, messages_to, rewards_of, wishes
from operator_push.store.small_rows import accounts, brands

log = logging.getLogger(__name__)

ACTOR = "self-care"
CALL_TIMEOUT_S = 15.0  # Ours: a person waits before a page
SENDERS = 2


class HouseDesk:
    """The desk of http.selfcare over one configuration."""

    def __init__(
        self, settings: Settings, reading: ReadingThreads, features: FeatureReading, actor: str = ACTOR
    ) -> None:
        """`actor` is whom the vault's audit names where a number is looked up."""
        self._settings = settings
        self._actor = actor
        self._reading = reading
        self._features = features
        self._sending = ThreadPoolExecutor(SENDERS, "selfcare-sender")

    def close(self) -> None:
        """Let what is being sent end."""
        self._sending.shutdown(wait=True, cancel_futures=True)

    def find(self, typed: str) -> tuple[str, Person | None]:
        """See http.selfcare.desk.Desk."""
        msisdn = normalise_msisdn(typed)
        if msisdn is None:
            raise ValueError("not an international number")
        found = self._call("permission.look_up", number=msisdn, brand="*", by=self._actor)
        number = int(found["subscriber_no"])
        return msisdn, Person(msisdn, number, found["country"]) if number else None

    def send(self, person: Person, text: str, valid_s: int) -> None:
        """See http.selfcare.desk.Desk. Sent from a thread of its own, so that an answer takes as long for a
        number that nobody has."""
        self._sending.submit(self._send, person.msisdn, text, valid_s)

    def overview(self, person: Person, now_us: int) -> Overview:
        """See http.selfcare.desk.Desk."""

        def work(connection: Connection) -> Overview:
            names = dict(brands(connection))
            acts = acts_of(connection, self._settings.shard, person.subscriber_no)
            offered = {each.brand for each in self._settings.incentive if each.brand}
            also = [number for number, name in names.items() if name in offered]
            return overview(person.subscriber_no, acts, person.country, names, also, now_us)

        return self._reading.read(work)

    def brand_names(self) -> Sequence[str]:
        """See http.selfcare.desk.Desk."""
        own = self._settings.selfcare.account
        return self._reading.read(
            lambda connection: sorted(name for _, name in brands(connection) if name != own)
        )

    def record(self, person: Person, act: Mapping[str, str]) -> str:
        """See http.selfcare.desk.Desk."""
        row = {"line": 1, "msisdn": person.msisdn, **act}
        answer = self._call("consent.import", rows=[row])
        return str(answer["rejected"][0]["reason"]) if answer["rejected"] else ""

    def profile(self, person: Person, now_us: int) -> Profile:
        """See http.selfcare.desk.Desk."""
        number, shard = person.subscriber_no, self._settings.shard
        declared = self._reading.read(lambda connection: declared_by(connection, shard, number))
        permitted = permitted_data(self.overview(person, now_us))
        return Profile(self._features.learnt(number, permitted, now_us), declared)

    def declare(self, person: Person, values: Mapping[str, str], offer: Offered | None) -> str:
        """See http.selfcare.desk.Desk."""
        shown = {"incentive_ref": offer.name, "incentive_terms": offer.terms} if offer is not None else {}
        told = {"attributes": dict(values), **shown}
        return self._refusal("profile.declare", number=person.msisdn, by=ACTOR, **told)

    def offers(self, person: Person) -> Sequence[Offered]:
        """See http.selfcare.desk.Desk."""
        told = self._call("reward.offers", number=person.msisdn)["offers"]
        names = Offered.__struct_fields__
        return [Offered(**{name: each[name] for name in names}) for each in told]

    def pay_out(self, person: Person, how: str) -> str:
        """See http.selfcare.desk.Desk."""
        return self._refusal("reward.pay_out", number=person.msisdn, how=how, by=ACTOR)

    def history(self, person: Person, now_us: int) -> Sequence[Told]:
        """See http.selfcare.desk.Desk."""
        number, shard = person.subscriber_no, self._settings.shard
        since = self._since_day(now_us)

        def work(connection: Connection) -> list[Told]:
            names = dict(brands(connection))
            acts = acts_of(connection, shard, number)
            found = messages_to(connection, shard, number, since)
            return history(number, found, acts, person.country, lambda no: names.get(no, f"#{no}"))

        return self._reading.read(work)

    def rewards(self, person: Person, now_us: int) -> Rewards:
        """See http.selfcare.desk.Desk."""
        number, shard = person.subscriber_no, self._settings.shard
        since = self._since_day(now_us)

        def work(connection: Connection) -> tuple[int, list[Posting], list[Payout]]:
            owed, postings = rewards_of(connection, shard, number, since)
            return owed, postings, payouts(connection, shard, number)

        owed, postings, paid = self._reading.read(work)
        held_back = int(self._call("reward.offers", number=person.msisdn)["held_back_micros"])
        rows = [
            Reward(
                each.at_us,
                TransferKind(each.kind).name.lower(),
                each.amount_micros if each.is_in else -each.amount_micros,
                each.currency,
            )
            for each in postings
        ]
        outs = [
            PaidOut(
                each.asked_us,
                each.how,
                each.amount_micros,
                PayoutState(each.state).name.lower(),
                each.told,
            )
            for each in reversed(paid)
        ]
        return Rewards(owed, held_back, rows[0].currency if rows else "", rows, outs)

    def erase(self, person: Person) -> str:
        """See http.selfcare.desk.Desk."""
        return self._refusal("subscriber.erase", number=person.msisdn, by=ACTOR)

    def touchpoint(self, name: str, language: str) -> JoinTouchpoint | None:
        """See http.selfcare.desk.Desk."""
        row = next((each for each in self._settings.opt_in if each.name == name), None)
        if row is not None:
            return self._shown(
                JoinTouchpoint(name, row.brand, "", {}, row.widget_origins), row.notice, language
            )

        def of_channel(connection: Connection) -> tuple[str, str] | None:
            found = [each for each in channels(connection) if each.name == name and each.is_open]
            return (dict(brands(connection))[found[0].brand_no], found[0].notice_id) if found else None

        channel = self._reading.read(of_channel)
        if channel is None:
            return None
        brand, notice = channel
        return self._shown(JoinTouchpoint(name, brand, "", {}), notice, language)

    def _shown(self, touchpoint: JoinTouchpoint, notice: str, language: str) -> JoinTouchpoint:
        """With its registered text, in this language where there is one."""
        if not notice:
            return touchpoint
        versions = self._reading.read(lambda connection: notices(connection, notice))
        newest = sorted(versions, key=lambda each: (each.language == language, each.added_us))
        if not newest:
            return touchpoint
        shown = newest[-1]
        evidence = {"notice_id": shown.notice_id, "notice_sha256": shown.sha256}
        return msgspec.structs.replace(touchpoint, notice=shown.text, evidence=evidence)

    def ask_to_join(self, name: str, msisdn: str, method: str, evidence: Mapping[str, str]) -> None:
        """See http.selfcare.desk.Desk."""
        given = {key: value for key, value in evidence.items() if key in EXTRA}
        try:
            self._call("opt_in.request", name=name, msisdn=msisdn, method=method, evidence=given)
        except OperatorError as error:
            log.warning("%s was not asked to opt in at %s: %s", mask_number(msisdn), name, error)

    def wishes(self, person: Person) -> Sequence[Wished]:
        """See http.selfcare.desk.Desk."""
        shard, number = self._settings.shard, person.subscriber_no

        def work(connection: Connection) -> list[Wished]:
            names = {EVERY: "*", **dict(brands(connection))}
            return [
                Wished(names.get(scope.brand_no, f"#{scope.brand_no}"), scope.category, scope.channel, wish)
                for _, scope, wish, _ in wishes(connection, shard, number)
            ]

        return self._reading.read(work)

    def set_wish(self, person: Person, wished: Wished) -> str:
        """See http.selfcare.desk.Desk."""
        scope = {name: getattr(wished, name) for name in ("brand", "category", "channel")}
        wish = wished.wish._asdict()
        return self._refusal("wish.set", number=person.msisdn, by=ACTOR, **scope, **wish)

    def links(self, person: Person) -> Sequence[Linked]:
        """See http.selfcare.desk.Desk."""

        def work(connection: Connection) -> list[Linked]:
            names = dict(brands(connection))
            of_account = {each.account_no: each for each in accounts(connection)}
            found = []
            for link in person_links(connection, self._settings.shard, person.subscriber_no):
                account = of_account.get(link.account_no)
                brand = names[account.brand_no] if account else self._settings.selfcare.operator
                name = account.name if account else ""
                found.append(Linked(name, brand, link.customer_code, link.email, link.linked_us))
            return found

        return self._reading.read(work)

    def link_email(self, person: Person, email: str, language: str) -> str:
        """See http.selfcare.desk.Desk."""
        told = {"email": email, "language": language, "number_proof": "signed in to self-care"}
        return self._refusal("person.link", msisdn=person.msisdn, by=ACTOR, **told)

    def confirm_email(self, person: Person, code: str) -> str:
        """See http.selfcare.desk.Desk."""
        return self._refusal("person.confirm", msisdn=person.msisdn, email_code=code, by=ACTOR)

    def unlink(self, person: Person, account: str) -> str:
        """See http.selfcare.desk.Desk."""
        return self._refusal("person.unlink", msisdn=person.msisdn, account=account, by=ACTOR)

    def everything(self, person: Person, now_us: int) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """See http.selfcare.desk.Desk."""
        permitted = permitted_data(self.overview(person, now_us))
        kept = self._features.kept(person.subscriber_no, permitted, now_us)
        shard, number = self._settings.shard, person.subscriber_no
        return {
            **self._reading.read(lambda connection: stored_tables(connection, shard, number)),
            **asked_tables(self, person, now_us),
            **kept_tables(kept),
        }

    def _since_day(self, now_us: int) -> int:
        return day_of(now_us) - self._settings.selfcare.history_days

    def _call(self, do: str, **args: Any) -> dict[str, Any]:
        with ControlClient(self._settings.data_dir, CALL_TIMEOUT_S) as server:
            return server.call(do, **args)

    def _refusal(self, do: str, **args: Any) -> str:
        """Have something done; "" or why it was refused."""
        try:
            self._call(do, **args)
        except OperatorError as error:
            return str(error)
        return ""

    def _send(self, msisdn: str, text: str, valid_s: int) -> None:
        selfcare = self._settings.selfcare
        try:
            self._call(
                "message.submit",
                account=selfcare.account,
                sender=selfcare.sender,
                number=msisdn,
                text=text,
                valid_s=valid_s,
            )
        except OperatorPushError as error:
            log.error("no code could be sent to %s: %s", mask_number(msisdn), error)


def check_account(settings: Settings) -> None:
    """Find out at the start what would otherwise fail for the first person.

    Raises:
        OperatorError: the account that sends codes is not there, not active or may not send them.
        ResourceError: the server does not run.
    """
    name = settings.selfcare.account
    with ControlClient(settings.data_dir, CALL_TIMEOUT_S) as server:
        try:
            account = server.call("account.show", name=name)["account"]
        except OperatorError as error:
            raise OperatorError(
                f"codes are sent by the account {name!r} and it is not there ({error}); add it: "
                f"operator-push account add {name} --class transactional --prepaid AMOUNT",
                key="selfcare.account",
            ) from error
    if account["traffic_class"] != "transactional" or not account["active"]:
        raise OperatorError(
            f"the account {name!r} must be active and of class transactional: a code is asked for by the "
            "person's own act and must not wait for a permission",
            key="selfcare.account",
        )
