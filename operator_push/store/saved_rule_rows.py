"""Saved rules: a client's rules by name, each version for good, and with whom they are shared.

A version is never changed: a campaign, a quote or a colleague may stand on it. Written beside the server.
"""

from typing import NamedTuple

from sqlalchemy import Connection, select

from operator_push.kernel.errors import OperatorError
from operator_push.store import schema
from operator_push.store.audience_sets import account_no_of
from operator_push.store.statements import insert_rows

_RULE, _SHARE, _ACCOUNT = schema.saved_rule.c, schema.saved_rule_share.c, schema.account.c
NAME_CHARACTERS_MAX = 60


class SavedRule(NamedTuple):
    """One version of a rule; `account` is whose it is."""

    account: str
    name: str
    version: int
    text: str
    saved_by: str
    saved_us: int


def save_rule(
    connection: Connection, account: str, name: str, text: str, saved_by: str, now_us: int
) -> SavedRule:
    """Keep a rule under a name; the same text as the latest version is that version.

    Raises:
        OperatorError: the name cannot be one, or there is no such account.
    """
    if not name or len(name) > NAME_CHARACTERS_MAX or not name.isprintable() or set(name) & set("@: "):
        raise OperatorError(
            f"a rule's name has 1..{NAME_CHARACTERS_MAX} characters without space, @ and :, not {name[:80]!r}"
        )
    account_no = account_no_of(connection, account)
    versions = _versions(connection, account_no, account, name)
    if versions and versions[-1].text == text:
        return versions[-1]
    version = versions[-1].version + 1 if versions else 1
    insert_rows(connection, schema.saved_rule, [(account_no, name, version, text, saved_by, now_us)])
    return SavedRule(account, name, version, text, saved_by, now_us)


def share_rule(connection: Connection, account: str, name: str, reader: str) -> None:
    """Let another account use a rule, in every version; shared already changes nothing.

    Raises:
        OperatorError: there is no such rule or account.
    """
    account_no, reader_no = account_no_of(connection, account), account_no_of(connection, reader)
    if not _versions(connection, account_no, account, name):
        raise OperatorError(f"{account} has no rule {name!r}; `operator-push rule list` shows them")
    shared = [(account_no, name, reader_no)]
    insert_rows(connection, schema.saved_rule_share, shared, " ON CONFLICT DO NOTHING")


def readable_rules(connection: Connection, account: str) -> list[SavedRule]:
    """Every version of every rule that an account may use, its own first; by owner, name and version."""
    account_no = account_no_of(connection, account)
    found = _versions(connection, account_no, account)
    shared = connection.execute(
        select(_SHARE.account_no, _ACCOUNT.name, _SHARE.name)
        .where(_SHARE.reader_no == account_no, _ACCOUNT.account_no == _SHARE.account_no)
        .order_by(_ACCOUNT.name, _SHARE.name)
    ).all()
    for owner_no, owner, name in shared:
        found += _versions(connection, owner_no, owner, name)
    return found


def resolve_rule(connection: Connection, account: str, reference: str) -> SavedRule:
    """The rule of a reference: NAME or NAME@VERSION of one's own, OWNER:NAME or OWNER:NAME@VERSION of others.

    Raises:
        OperatorError: the account may use no such rule, or it has no such version.
    """
    owner, _, rest = reference.rpartition(":")
    name, mark, version = rest.partition("@")
    owner = owner or account
    usable = [
        each
        for each in readable_rules(connection, account)
        if (each.account, each.name) == (owner, name) and (not mark or str(each.version) == version)
    ]
    if not usable:
        raise OperatorError(
            f"{account} can use no rule {reference[:100]!r}; `operator-push rule list` shows what it can"
        )
    return usable[-1]


def _versions(
    connection: Connection, account_no: int, account: str, name: str | None = None
) -> list[SavedRule]:
    statement = (
        select(_RULE.name, _RULE.version, _RULE.text, _RULE.saved_by, _RULE.saved_us)
        .where(_RULE.account_no == account_no)
        .order_by(_RULE.name, _RULE.version)
    )
    if name is not None:
        statement = statement.where(_RULE.name == name)
    return [SavedRule(account, *found) for found in connection.execute(statement)]
