"""Source rows: the tables that definitions see, made from a window's rows of a partial.

Stage two: nothing here reads the records of calls.
"""

from collections.abc import Collection
from typing import Any

import ibis

from cdr_ingest.features.partials import PARTIALS, Partial, Table
from cdr_ingest.features.sequences import with_second

_ENOUGH = 0.8
_HALF_HOURS = 48
_WEEK = 7
_THURSDAY = 3  # 1970-01-01 was one; a week begins on Monday


def contacts(rows: Table, columns: Collection[str]) -> Table:
    """A row per person and correspondent."""
    ranked = [name for name in ("calls", "sms", "call_s") if f"{name}_before" in columns]
    sums = {
        name: rows[name].sum().coalesce(0).cast("int64")
        for name in PARTIALS[Partial.CONTACTS].columns
        if name in columns or name in ranked
    }
    keys = ("subscriber_no", "contact")
    found = rows.group_by(*keys).agg(**sums) if sums else rows.select(*keys).distinct()
    for name in ranked:
        found = _with_rank(found, name, name, "contact")
    return found


def weeks(rows: Table) -> Table:
    """How the places of each week with records differ from those of the next: one minus the cosine.

    Of counts, not of shares, which has the same cosine and is the same in any order.
    """
    rows = rows.mutate(week=(rows.day + _THURSDAY) // _WEEK)
    stays = rows.group_by("subscriber_no", "week", "cell_id").agg(stays=rows.count())
    place = ibis.dense_rank().over(group_by=stays.subscriber_no, order_by=stays.week)
    stays = stays.mutate(place=place)
    at_cell = ibis.window(group_by=[stays.subscriber_no, stays.cell_id], order_by=stays.place)
    again = stays.place.lead().over(at_cell) == stays.place + 1
    stays = stays.mutate(product=again.ifelse(stays.stays * stays.stays.lead().over(at_cell), 0))
    of_week = stays.group_by("subscriber_no", "place").agg(
        square=(stays.stays * stays.stays).sum().cast("int64"), product=stays["product"].sum().cast("int64")
    )
    next_square = of_week.square.lead().over(group_by=of_week.subscriber_no, order_by=of_week.place)
    length = of_week.square.cast("float64").sqrt() * next_square.cast("float64").sqrt()
    churn = 1.0 - of_week["product"].cast("float64") / length
    return of_week.select("subscriber_no", churn=churn).filter(lambda each: each.churn.notnull())


def countries(rows: Table) -> Table:
    """A row per person and country with the last `day`; home is that of most days, of equals the first."""
    found = rows.group_by("subscriber_no", "country").agg(days=rows.count(), day=rows.day.max())
    order = [found.days.desc(), found.country]
    place = ibis.row_number().over(group_by=found.subscriber_no, order_by=order)
    return found.mutate(is_home=place == 0)


def each_top_up(rows: Table) -> Table:
    """With the time since the one before, and how many of a row it needs, the largest first, for 80 %."""
    rows = with_second(rows)
    in_order = ibis.window(group_by=rows.subscriber_no, order_by=[rows.us, rows.amount_micros])
    from_largest = ibis.window(
        group_by=rows.subscriber_no, order_by=[rows.amount_micros.desc(), rows.us], rows=(None, 0)
    )
    money = rows.amount_micros * rows.top_ups
    whole = money.sum().over(group_by=rows.subscriber_no)
    # In fifths of micros: what is missing until four fifths of all.
    missing = whole * 4 - (money.sum().over(from_largest) - money) * 5
    each = rows.amount_micros * 5
    return rows.mutate(
        gap_s=(rows.second - rows.second.lag().over(in_order)).coalesce(0),
        missing=missing.cast("int64"),
        each=each,
    ).mutate(
        needed=lambda row: (row.missing <= 0).ifelse(
            0, ibis.least(row.top_ups, (row.missing + row.each - 1) // row.each.nullif(0))
        )
    )


def _with_rank(rows: Table, name: str, count: str, key: str) -> Table:
    """With NAME_before and NAME_enough: the rows of a person that come first until there is enough."""
    whole = rows[count].sum().over(group_by=rows.subscriber_no)
    until = (
        rows[count]
        .sum()
        .over(group_by=rows.subscriber_no, order_by=[rows[count].desc(), rows[key]], rows=(None, 0))
    )
    enough = (whole.cast("float64") * _ENOUGH).ceil().cast("float64")
    return rows.mutate(**{f"{name}_before": (until - rows[count]).cast("int64"), f"{name}_enough": enough})


def stays(rows: Table, columns: Collection[str], cells: Table) -> Table:
    """A row per person and cell; home is the place of most half hours at night, of equals the first."""
    found = rows.group_by("subscriber_no", "cell_id").agg(stays=rows.count())
    if "is_home" in columns:
        night = rows.filter(rows.night_cell_id.notnull())
        order = (night.day * _HALF_HOURS + night.half_hour).min()
        nights = night.group_by("subscriber_no", "night_cell_id").agg(nights=night.count(), first=order)
        by = [nights.nights.desc(), nights["first"]]
        place = ibis.row_number().over(group_by=nights.subscriber_no, order_by=by)
        home = nights.mutate(place=place).filter(lambda each: each.place == 0)
        home = home.select(home_of="subscriber_no", home_cell_id="night_cell_id")
        # Who was nowhere at night has no home; a home may be a cell where the person is never longest.
        found = found.left_join(home, found.subscriber_no == home.home_of).drop("home_of")
        found = found.mutate(is_home=found.cell_id == found.home_cell_id).drop("home_cell_id")
    if "stays_before" in columns:
        found = _with_rank(found, "stays", "stays", "cell_id")
    if "located_stays" in columns:
        where = cells.select("latitude", "longitude", at_cell="cell_id")
        found = found.left_join(where, found.cell_id == where.at_cell).drop("at_cell")
        found = found.mutate(located_stays=found.latitude.notnull().ifelse(found.stays, 0))
        of_person = {"group_by": found.subscriber_no}
        whole = found.located_stays.sum().over(**of_person).nullif(0)
        found = found.mutate(
            **{
                f"centre_{name}": (found[name] * found.located_stays).sum().over(**of_person) / whole
                for name in ("latitude", "longitude")
            }
        )
    return found


def top_ups(rows: Table) -> Table:
    """With what came before: the day, its last amount, and the time between its last and this first one."""
    before = ibis.window(group_by=rows.subscriber_no, order_by=rows.day)
    return rows.mutate(
        day_before=rows.day.lag().over(before),
        amount_before=rows.last_amount_micros.lag().over(before),
        gap_us=rows.first_us - rows.last_us.lag().over(before),
    )


def places(rows: Table, columns: Collection[str], cells: Table) -> Table:
    """A row per person and known cell; home is the cell most used at night, of equals the first seen."""
    sums: dict[str, Any] = {}
    if "records" in columns:
        sums["records"] = rows.records.sum().cast("int64")
    marks = {"is_home": ("night_records", "first_night_us"), "is_work": ("work_records", "first_work_us")}
    marks = {mark: behind for mark, behind in marks.items() if mark in columns}
    for count, moment in marks.values():
        sums |= {count: rows[count].sum().cast("int64"), moment: rows[moment].min()}
    keys = ("subscriber_no", "cell_id")
    by_cell = rows.group_by(*keys).agg(**sums) if sums else rows.select(*keys).distinct()
    by_cell = by_cell.semi_join(cells, "cell_id")
    for mark, (count, moment) in marks.items():
        order = [by_cell[count].desc(), by_cell[moment], by_cell.cell_id]
        rank = ibis.row_number().over(group_by=by_cell.subscriber_no, order_by=order)
        by_cell = by_cell.mutate(**{mark: (rank == 0) & (by_cell[count] > 0)})
    return by_cell.join(cells, "cell_id")
