"""First filling: the configuration fills a store that knows no tariff, no such link, no route or network yet.

From then on the store counts, because commands change it while the product runs. A start that finds the file
saying something else tells so, and which command would bring it into force; it never decides by itself which
of two truths was meant. A file that says what it said at the first filling has simply been overtaken by
commands: that is worth a line, not a warning.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from operator_push.config import Settings
from operator_push.config.link_settings import link_values
from operator_push.config.routing_settings import row_values
from operator_push.domain.tariff import TariffRow
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.services.manage_links import LinkRecord, LinkState
from operator_push.services.manage_routes import RoutingKind, RoutingRow
from operator_push.services.manage_tariff import StoredTariff, content, first_tariff
from operator_push.store import link_rows, routing_rows, small_rows, tariff_rows

log = logging.getLogger(__name__)

CONFIGURATION = "configuration"  # who made a row that came from the file


def tariff_at_start(connection: Connection, settings: Settings, now_us: int) -> StoredTariff:
    """The store's tariff; where it has none, that of the configuration, written now.

    Raises:
        OperatorError: neither has one.
    """
    configured = [row.as_row() for row in settings.tariff]
    stored = tariff_rows.stored_tariff(connection)
    if stored.version:
        _tell_other_tariff(connection, stored, configured)
        return stored
    if not configured:
        raise OperatorError("there is no [[tariff]] table, so nothing has a price; add at least one")
    stored = first_tariff(configured, CONFIGURATION, now_us)
    tariff_rows.write_tariff(connection, stored)
    log.info("the tariff of the configuration fills the store: %d rows", len(stored.prices))
    return stored


def links_at_start(connection: Connection, settings: Settings, now_us: int) -> list[LinkRecord]:
    """The store's links by number, removed ones included; what only the configuration has is written."""
    stored = {link.name: link for link in link_rows.stored_links(connection)}
    for configured in settings.smsc:
        values = link_values(configured)
        known = stored.get(configured.name)
        if known is not None:
            _tell_other_link(known, values)
            continue
        link = LinkRecord(
            small_rows.link_no(connection, configured.name),
            configured.name,
            LinkState.ACTIVE,
            values,
            configured=values,
            changed_us=now_us,
            changed_by=CONFIGURATION,
        )
        link_rows.write_link(connection, link)
        stored[link.name] = link
        log.info("link %s of the configuration is new and fills the store", link.name)
    return sorted(stored.values(), key=lambda link: link.link_no)


def routing_at_start(connection: Connection, settings: Settings, now_us: int) -> list[RoutingRow]:
    """The store's routes and networks by number, removed ones included. A store that never had a row of a
    kind takes those of the configuration, written now."""
    rows = routing_rows.routing_rows(connection)
    for kind, configured in (
        (RoutingKind.ROUTE, [row_values(row) for row in settings.route]),
        (RoutingKind.NETWORK, [row_values(row) for row in settings.network]),
    ):
        known = [row for row in rows if row.kind is kind]
        if known:
            _tell_other_routing(kind, known, configured)
            continue
        for values in configured:
            row = RoutingRow(len(rows) + 1, kind, values, now_us, CONFIGURATION)
            routing_rows.write_routing_row(connection, row)
            rows.append(row)
        if configured:
            log.info("the [[%s]] tables of the configuration fill the store: %d", kind.value, len(configured))
    return rows


def _tell_other_routing(
    kind: RoutingKind, known: Sequence[RoutingRow], configured: Sequence[Mapping[str, Any]]
) -> None:
    """Tell where the file has other routes or networks than the store."""
    in_force = [row.values for row in known if not row.removed_us]
    missing = [values for values in configured if values not in in_force]
    if not configured or (not missing and len(configured) == len(in_force)):
        return
    filled = [row.values for row in known if row.added_by == CONFIGURATION]
    told = log.info if list(configured) == filled else log.warning
    told(
        "the [[%s]] tables of the configuration (%d) are not what is in force (%d), and the store counts: "
        "operator-push %s list shows it.%s",
        kind.value,
        len(configured),
        len(in_force),
        kind.value,
        "".join(
            f" To take one of the file: operator-push {kind.value} add "
            + " ".join(f"{key}={_as_word(value)}" for key, value in values.items())
            for values in missing[:1]
        ),
    )


def _tell_other_link(stored: LinkRecord, values: Mapping[str, Any]) -> None:
    """Tell where the file says something else about a link than the store."""
    keys = sorted(key for key in {*values, *stored.settings} if values.get(key) != stored.settings.get(key))
    removed = stored.state is LinkState.RETIRED
    if not keys and not removed:
        return
    told = log.info if values == stored.configured else log.warning
    when = f"changed at {iso(stored.changed_us)} by {stored.changed_by}"
    if removed:
        told("link %s of the configuration was removed (%s) and stays so", stored.name, when)
        return
    told(
        "link %s: the store says something else than the configuration about %s (%s), and the store counts. "
        "To take what the file says: operator-push link set %s %s",
        stored.name,
        ", ".join(keys),
        when,
        stored.name,
        " ".join(f"{key}={_as_word(values.get(key))}" for key in keys),
    )


def _as_word(value: object) -> str:
    """A value as `operator-push link set` takes it; nothing for the default."""
    if value is None:
        return ""
    if isinstance(value, list | dict):
        return f"'{json.dumps(value)}'"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tell_other_tariff(connection: Connection, stored: StoredTariff, configured: Sequence[TariffRow]) -> None:
    written = sorted(map(content, configured))
    if not written or written == sorted(content(each.price) for each in stored.prices):
        return
    newest = max(stored.prices, key=lambda each: each.version)
    filled = tariff_rows.prices_of_version(connection, 1)
    if written == sorted(content(each.price) for each in filled):
        log.info(
            "the tariff in force is version %d, changed at %s by %s; the [[tariff]] tables of the "
            "configuration were its first filling and count no more",
            stored.version,
            iso(newest.changed_us),
            newest.changed_by,
        )
        return
    log.warning(
        "the [[tariff]] tables of the configuration (%d rows) are not the tariff in force (version %d, "
        "%d rows, of %s by %s), and the one in force counts. To take that of the file: "
        "operator-push tariff import FILE",
        len(written),
        stored.version,
        len(stored.prices),
        iso(newest.changed_us),
        newest.changed_by,
    )
