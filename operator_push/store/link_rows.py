"""Link rows: the SMSC links with their settings, read at a start; commands change them through upserts."""

from sqlalchemy import Connection, select

from operator_push.services.manage_links import LinkRecord, link_of_row
from operator_push.store import schema
from operator_push.store.small_rows import upsert


def stored_links(connection: Connection) -> list[LinkRecord]:
    """Every link that has settings, removed ones included, by number."""
    name, row = schema.smsc_link.c.name, schema.smsc_link_settings
    joined = row.join(schema.smsc_link, schema.smsc_link.c.link_no == row.c.link_no)
    found = connection.execute(select(name, row).select_from(joined).order_by(row.c.link_no))
    return [link_of_row(each["name"], dict(each)) for each in found.mappings()]


def link_numbers(connection: Connection) -> dict[str, int]:
    """Name → number of every link that ever was."""
    row = schema.smsc_link.c
    found = connection.execute(select(row.name, row.link_no))
    return {each.name: each.link_no for each in found}


def write_link(connection: Connection, link: LinkRecord) -> None:
    """Write the settings of a link whose number is given."""
    upsert(connection, "smsc_link_settings", link.as_row())
