"""Answering a client's question about an audience: budget, count, judgement, and the row that it leaves.

The store is read and written beside the server, in short transactions: counting and judging happen between
them, and begin again where the same client was answered meanwhile.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pyroaring import BitMap
from sqlalchemy import Connection

from operator_push.bootstrap.program import PSEUDONYM_KEY_FILE
from operator_push.cli.audience_counting import Audience, Server, brand_of, client_of, count_audience
from operator_push.cli.sales_rules_file import sales_rules
from operator_push.cli.store_reading import open_store
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.domain.audience.counting import Disclosed
from operator_push.domain.audience.differencing import Answered
from operator_push.domain.audience.noise import noise_of
from operator_push.domain.audience.own_lists import OwnLists, every_member, is_list
from operator_push.domain.audience.rule import Rule
from operator_push.domain.audience.sales_rules import Sale, SaleTerms, terms_for
from operator_push.domain.audience.vocabulary import Vocabulary
from operator_push.domain.consent import SMS
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.instants import MICROS_PER_DAY, day_of, to_epoch_us
from operator_push.services.answer_audiences import (
    AnswerRules,
    QueryBudgetError,
    Question,
    Verdict,
    judge,
    require_budget,
)
from operator_push.store.audience_rows import Book, keep, read_book, read_subscribers
from operator_push.store.audience_sets import account_no_of, read_set, set_keys
from operator_push.store.campaign_reach import reached_by_brand, reached_often
from operator_push.store.database import Database
from operator_push.store.person_rows import declared_values
from operator_push.store.saved_rule_rows import resolve_rule

_ATTEMPTS_MAX = 5  # Ours: each is another question of this client that was answered meanwhile.


def count_for(
    settings: Settings, server: Server, rule: str, account: str, category: int, channel: str = SMS
) -> Audience:
    """Count for a client, and tell what it may be told; `channel`: by what they are to be written to.

    Raises:
        QueryBudgetError: the client has asked too often today.
        OperatorError: the rule, the account, the category or the feature file is wrong.
        ResourceError: this client is asking many questions at the same moment.
    """
    with open_store(settings) as store:
        rule = rule_text(store, account, rule)
        brand, family = client_of(server, account)
        text = _text_by(rule, channel)
        question = Question(account, brand, category, text, who_asks(), _now_us(), family)
        rules = _rules(settings, question)
        if not _read_book(store, settings, question).asked_before:
            _require_budget(store, settings, question, rules)
        found = find_for(settings, server, store, rule, account, category, channel=channel)
        judged_by = _Judging(replace(rules, floor=found.floor), found.own, found.merged)
        verdict = _answer(settings, store, question, judged_by, found.subscribers)
        return replace(found, disclosed=verdict.told, outcome=verdict.outcome, shown=verdict.people)


def answer_parts(settings: Settings, found: Audience, parts: Mapping[str, BitMap]) -> dict[str, int | None]:
    """How many of an audience are in each of these sets; None where that may not be told.

    Each is a question of its own, judged and paid for as every count is. `parts`: what each is called → who.

    Raises:
        QueryBudgetError: the client has asked too often today.
        ResourceError: this client is asking many questions at the same moment.
    """
    told: dict[str, int | None] = {}
    with open_store(settings) as store:
        for name, people in parts.items():
            text = f"{found.rule.text} // {name}"
            question = _question(found, text)
            rules = replace(_rules(settings, question), floor=found.floor)
            lists = [each & people for each in _lists(found)]
            judged_by = _Judging(rules, every_member(lists, found.floor))
            verdict = _answer(settings, store, question, judged_by, found.subscribers & people)
            told[name] = verdict.told.count if isinstance(verdict.told, Disclosed) else None
    return told


@dataclass(frozen=True, slots=True)
class _Judging:
    """By what a set is judged beside the earlier answers: see services.answer_audiences.judge."""

    rules: AnswerRules
    own: OwnLists | None = None
    merged: BitMap | None = None

    def verdict(self, people: BitMap, answered: Sequence[Answered], asked_before: bool) -> Verdict:
        return judge(
            people, answered, self.rules, own=self.own, merged=self.merged, asked_before=asked_before
        )


def _answer(
    settings: Settings, store: Database, question: Question, judged_by: _Judging, people: BitMap
) -> Verdict:
    """Judge a set by everything that its client was answered, and keep what is told of it."""
    for _ in range(_ATTEMPTS_MAX):
        book = _read_book(store, settings, question)
        answered = book.answered(lambda number: store.read(lambda rows: read_subscribers(rows, number)))
        verdict = judged_by.verdict(people, answered, book.asked_before)
        if not verdict.free:
            _require_budget(store, settings, question, judged_by.rules)
        if store.run(_keeping(settings, question, verdict, book)):
            return verdict
    raise ResourceError(f"{question.account} is asking many questions at the same moment; ask again")


def _lists(found: Audience) -> list[BitMap]:
    """The client's own lists among the sets that a rule asks for."""
    return [people for key, people in found.sets.items() if is_list(key)]


def answers_to(settings: Settings, server: Server, store: Database, account: str) -> list[Answered]:
    """Every count that a client was told and that is kept, oldest first."""
    brand, family = client_of(server, account)
    question = Question(account, brand, 0, "", who_asks(), _now_us(), family)
    book = _read_book(store, settings, question)
    return book.answered(lambda number: store.read(lambda rows: read_subscribers(rows, number)))


def rule_text(store: Database, account: str, rule: str) -> str:
    """A rule as written, or the text of the saved one that `@NAME` names.

    Raises:
        OperatorError: the account can use no such rule.
    """
    if not rule.startswith("@"):
        return rule
    return store.read(lambda connection: resolve_rule(connection, account, rule[1:])).text


def find_for(
    settings: Settings,
    server: Server,
    store: Database,
    rule: str,
    account: str,
    category: int,
    leaves_out: bool = True,
    channel: str = SMS,
) -> Audience:
    """The people whom a rule finds by the operator's sales rules; nothing is judged or kept.

    For launching what was ordered. The client's own lists and campaigns are known. `leaves_out`: without whom
    sales rules keep from the next message; False where nobody is written to.

    Raises:
        OperatorError: as `count_for`, and where the operator does not sell this.
    """
    now_us = _now_us()
    selling = sales_rules(settings)
    sale = Sale(account, brand_of(server, account), category)
    barred = terms_for(selling, sale, now_us).barred
    said: list[SaleTerms] = []

    def sets_of(connection: Connection) -> tuple[int, frozenset[str]]:
        account_no = account_no_of(connection, account)
        return account_no, set_keys(connection, account_no)

    def suppress(compiled: Rule) -> tuple[BitMap, int]:
        attributes = [feature.name for feature in compiled.attributes]
        terms = terms_for(selling, replace(sale, attributes=attributes, lists=len(compiled.sets)), now_us)
        if terms.refused:
            raise OperatorError(f"SALE_REFUSED: {terms.refused}")
        said.append(terms)
        left_out = store.read(lambda rows: _left_out(rows, terms, now_us)) if leaves_out else BitMap()
        return left_out, max(terms.floor, settings.audience.floor)

    profiles = settings.profiles
    account_no, keys = store.read(sets_of)
    found = count_audience(
        settings.features_file,
        server,
        rule,
        account,
        category,
        memory_limit=f"{profiles.memory_limit_mb}MB",
        threads=profiles.threads,
        vocabulary=Vocabulary(barred=barred, sets=keys, zone=settings.policy.quiet_hours.zone),
        set_of=lambda key: store.read(lambda rows: read_set(rows, account_no, key)),
        declared=lambda names: store.read(lambda rows: declared_values(rows, names)),
        suppress=suppress,
        channel=channel,
    )
    return replace(found, sale=said[-1])


def judged_at_launch(settings: Settings, store: Database, found: Audience) -> Audience:
    """An audience as it may be launched now: held against everything that its client was answered by now.

    Reports tell the size of what was launched, so a set that no count would be told of is not launched. It
    costs nothing of the client's budget, and is remembered as every answer is.
    """
    question = _question(found, found.rule.text)
    rules = replace(_rules(settings, question), floor=found.floor)
    book = _read_book(store, settings, question)
    answered = book.answered(lambda number: store.read(lambda rows: read_subscribers(rows, number)))
    judged_by = _Judging(rules, found.own, found.merged)
    verdict = replace(judged_by.verdict(found.subscribers, answered, book.asked_before), free=True)
    store.run(lambda connection: keep(connection, question, verdict))
    return replace(found, disclosed=verdict.told, outcome=verdict.outcome, shown=verdict.people)


def _left_out(connection: Connection, terms: SaleTerms, now_us: int) -> BitMap:
    """Whom the sales rules leave out of a campaign now."""
    today, people = day_of(now_us), BitMap()
    for brand, days in terms.apart.items():
        people |= reached_by_brand(connection, brand, today - days + 1)
    if (times := terms.per_subscriber_per_day) is not None:
        people |= reached_often(connection, times, today)
    return people


def _question(found: Audience, text: str) -> Question:
    """A question by whoever was counted for."""
    text = _text_by(text, found.channel)
    return Question(found.account, found.brand, found.category, text, who_asks(), _now_us(), found.family)


def _text_by(text: str, channel: str) -> str:
    """A question about another channel is about other people, so it is another one."""
    return text if channel == SMS else f"{text} // by {channel}"


def people_digest(people: BitMap) -> bytes:
    """A digest of who is in a set, whichever way the set was found: bitmaps have several forms."""
    return hashlib.sha256(people.to_array()).digest()


def pseudonym_key(settings: Settings) -> bytes:
    """The operator's key of pseudonyms.

    Raises:
        OperatorError: no server has made it yet.
    """
    path = settings.data_dir / PSEUDONYM_KEY_FILE
    try:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        raise OperatorError(
            "there is no key of pseudonyms; `operator-push serve` makes it at its first start", file=str(path)
        ) from None


def _rules(settings: Settings, question: Question) -> AnswerRules:
    audience = settings.audience
    noise: Callable[[BitMap], int] | None = None
    if (epsilon := audience.noise_epsilon) is not None:
        key = pseudonym_key(settings)

        def noise(found: BitMap) -> int:
            return noise_of(key, question.brand, people_digest(found), epsilon)

    return AnswerRules(audience.floor, audience.queries_per_day, noise)


def _require_budget(store: Database, settings: Settings, question: Question, rules: AnswerRules) -> None:
    """Refuse whoever has asked too often, and leave a row of it."""
    book = _read_book(store, settings, question)
    try:
        require_budget(question, book.spent_today, rules)
    except QueryBudgetError:
        store.run(lambda connection: keep(connection, question, None))
        raise


def _read_book(store: Database, settings: Settings, question: Question) -> Book:
    kept_since_us = question.at_us - settings.audience.answers_kept_days * MICROS_PER_DAY
    return store.read(lambda connection: read_book(connection, question, kept_since_us))


def _keeping(
    settings: Settings, question: Question, verdict: Verdict, judged_by: Book
) -> Callable[[Connection], bool]:
    """Keep the answer unless another one came in between; True where it is kept."""
    kept_since_us = question.at_us - settings.audience.answers_kept_days * MICROS_PER_DAY

    def work(connection: Connection) -> bool:
        if read_book(connection, question, kept_since_us).last_no != judged_by.last_no:
            return False
        keep(connection, question, verdict)
        return True

    return work


def _now_us() -> int:
    return to_epoch_us(datetime.now(UTC))
