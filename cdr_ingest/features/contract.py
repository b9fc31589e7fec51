"""Contract: of each person the one row that held at the end of the last day of the windows."""

from zoneinfo import ZoneInfo

from cdr_ingest.features.local_time import day_begins_us
from cdr_ingest.features.partials import Table
from cdr_ingest.records.contracts import ENDED
from operator_push.kernel.instants import MICROS_PER_DAY


def contract_at(contracts: Table, zone: ZoneInfo, last_day: int) -> Table:
    """What was in force when the local day `last_day` (since 1970) ended; nobody whose contract had ended."""
    rows = _held(contracts, zone, last_day)
    rows = rows.filter(~rows.status.isin(ENDED))
    # The local day of a swap: the offset of the last day is right but for the hour of a change of clocks.
    offset_us = last_day * MICROS_PER_DAY - day_begins_us(zone, last_day)
    return rows.mutate(sim_swapped_day=(rows.sim_swapped_us + offset_us) // MICROS_PER_DAY)


def ended_at(contracts: Table, zone: ZoneInfo, last_day: int) -> Table:
    """The subscriber_no of everybody whose contract had ended by then."""
    rows = _held(contracts, zone, last_day)
    return rows.filter(rows.status.isin(ENDED)).select("subscriber_no")


def _held(contracts: Table, zone: ZoneInfo, last_day: int) -> Table:
    end_us = day_begins_us(zone, last_day + 1)
    begun = contracts.filter(contracts.valid_from_us < end_us)
    return begun.filter(begun.valid_to_us.isnull() | (begun.valid_to_us >= end_us))
