"""Notice rows: the texts that people were shown, each version once and for good."""

import hashlib
from typing import NamedTuple

from sqlalchemy import Connection, select

from operator_push.kernel.errors import OperatorError
from operator_push.store import schema
from operator_push.store.statements import insert_rows

_ROW = schema.notice.c


class Notice(NamedTuple):
    """One version of a notice in one language; `sha256` of the text as UTF-8, hexadecimal."""

    notice_id: str
    version: str
    language: str
    text: str
    sha256: str
    added_us: int
    added_by: str


def add_notice(
    connection: Connection, notice_id: str, version: str, language: str, text: str, added_us: int, by: str
) -> Notice:
    """Keep a text; the same text again changes nothing.

    Raises:
        OperatorError: this version stands already with another text.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    notice = Notice(notice_id, version, language, text, digest, added_us, by)
    for known in notices(connection, notice_id):
        if (known.version, known.language) == (version, language):
            if known.sha256 != digest:
                raise OperatorError(
                    f"notice {notice_id}, version {version}, language {language} stands with another text "
                    f"(sha256 {known.sha256}); people were shown that one: give the new text another version"
                )
            return known
    insert_rows(connection, schema.notice, [notice])
    return notice


def notices(connection: Connection, notice_id: str | None = None) -> list[Notice]:
    """All notices, or the versions of one, by id, version and language."""
    statement = select(schema.notice).order_by(_ROW.notice_id, _ROW.version, _ROW.language)
    if notice_id is not None:
        statement = statement.where(_ROW.notice_id == notice_id)
    return [Notice(*found) for found in connection.execute(statement)]


def registered(connection: Connection) -> list[tuple[str, str, str, str, int]]:
    """(notice_id, version, language, sha256, added_us) of every text (services.notices)."""
    statement = select(_ROW.notice_id, _ROW.version, _ROW.language, _ROW.sha256, _ROW.added_us)
    return [tuple(found) for found in connection.execute(statement)]
