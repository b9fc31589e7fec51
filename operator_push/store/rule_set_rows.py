"""Rule set rows: what decisions were made by."""

from sqlalchemy import Connection, select

from operator_push.store import schema


def rule_sets(connection: Connection, shard: int) -> list[tuple[int, str, int]]:
    """(number, content as JSON, since when) of every rule set, by number."""
    row = schema.rule_set.c
    statement = select(row.rule_set_no, row.content, row.first_used_us).where(row.shard == shard)
    return [
        (number, content, since)
        for number, content, since in connection.execute(statement.order_by(row.rule_set_no))
    ]
