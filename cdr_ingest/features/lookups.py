"""Lookups: reference data as they held on the last day of the windows, and the contract with what they add.

The names are a contract for definitions: `device_*` of the type of the person's device, `plan_*` of the plan
whose code the contract names; null where the code is in no catalogue.
"""

from typing import Any

import ibis

from cdr_ingest.features.definitions import since_1970
from cdr_ingest.features.partials import Table

DEVICE_COLUMNS = {
    "device_brand": "brand", "device_model": "model", "device_catalogue_os": "os",
    "device_release_year": "release_year",
}  # fmt: skip
PLAN_COLUMNS = {
    "plan_name": "name", "plan_price_micros": "price_micros", "plan_period_days": "period_days",
    "plan_closes_on": "ends_on",
}  # fmt: skip
_TYPES = {"device_release_year": "int32", "plan_price_micros": "int64", "plan_period_days": "int32"}


def held_on(rows: Table, key: str, last_day: int) -> Table:
    """Of each key the row with the latest `valid_from` until a local day (since 1970)."""
    if "valid_from" not in rows.columns:  # of a time when there was one row of each
        return rows
    begun = rows.filter(rows.valid_from.isnull() | (since_1970(rows.valid_from) <= last_day))
    day = begun.valid_from.isnull().ifelse(-1, since_1970(begun.valid_from))
    newest = ibis.row_number().over(group_by=begun[key], order_by=day.desc())
    return begun.mutate(place=newest).filter(lambda rows: rows.place == 0).drop("place")


def with_lookups(contract: Table, devices: Table | None, plans: Table | None, last_day: int) -> Table:
    """The contracts, with the columns named above."""
    contract = _joined(contract, "device_tac", devices, "tac", DEVICE_COLUMNS, last_day)
    return _joined(contract, "plan", plans, "plan_code", PLAN_COLUMNS, last_day)


def _joined(
    contract: Table, code: str, catalogue: Table | None, key: str, columns: dict[str, str], last_day: int
) -> Table:
    if catalogue is None:
        nothing: dict[str, Any] = {name: ibis.null(_type(name)) for name in columns}
        return contract.mutate(**nothing)
    held = held_on(catalogue, key, last_day)
    renamed = held.select(catalogue_code=held[key], **{name: held[of] for name, of in columns.items()})
    return contract.left_join(renamed, contract[code] == renamed.catalogue_code).drop("catalogue_code")


def _type(name: str) -> str:
    return "date" if name.endswith("_on") else _TYPES.get(name, "string")
