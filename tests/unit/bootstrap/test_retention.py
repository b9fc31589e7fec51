"""The daily run: first a while after a start, then every day, never where nothing is to be archived."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, select
from threadless_clock import ThreadlessClock, settings

from operator_push.bootstrap.retention import EVERY_S, FIRST_S, VISITS_AT_ONCE, Retention
from operator_push.gateway.clock import now_us
from operator_push.store import migrate, schema
from operator_push.store.database import Database


def test_it_runs_once_a_day_until_it_is_stopped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock, asked = ThreadlessClock(), settings(tmp_path, 30)
    migrate.upgrade(asked.database_url)
    retention = Retention(clock, asked)
    with caplog.at_level("INFO"):
        retention.start()
        clock.advance(FIRST_S)
        assert caplog.text.count("0 days archived") == 1
        clock.advance(EVERY_S)
        assert caplog.text.count("0 days archived") == 2
    retention.stop()
    assert not clock.getDelayedCalls()


def test_it_never_runs_where_nothing_is_to_be_archived(tmp_path: Path) -> None:
    clock = ThreadlessClock()
    retention = Retention(clock, settings(tmp_path, 0))
    retention.start()
    retention.stop()
    assert not clock.getDelayedCalls()


def test_visits_and_own_columns_are_erased_after_the_days_that_are_kept(tmp_path: Path) -> None:
    clock, asked = ThreadlessClock(), settings(tmp_path, 0)
    migrate.upgrade(asked.database_url)
    database = Database.open(asked.database_url)
    day_us = 86_400_000_000
    ages = [VISITS_AT_ONCE * [181 * day_us], [180 * day_us + 1, 179 * day_us]]
    moments = [now_us() - age for some in ages for age in some]
    event = {column.name: 0 for column in schema.link_event.columns} | {"campaign_no": 7, "order_ref": ""}
    link = {"campaign_no": 7, "host": "", "target": "", "key": b"", "created_us": 1, "expires_us": 2}
    moments.append(moments[0])
    with_all = [{**event, "event_id": place, "at_us": at_us} for place, at_us in enumerate(moments)]
    with_all[-1]["campaign_no"] = 8

    member = {"list_no": 1, "active": True, "own": '{"name": "Asha"}'}
    said = [{**member, "subscriber_no": days, "own_us": now_us() - days * day_us - 1} for days in (179, 180)]

    def fill(rows: Connection) -> None:
        rows.execute(schema.distribution_list_member.insert(), said)
        rows.execute(schema.short_link.insert(), [link, {**link, "campaign_no": 8}])
        rows.execute(schema.link_event.insert(), with_all)

    database.run(fill)
    retention = Retention(clock, asked)
    retention.start()
    clock.advance(FIRST_S)
    retention.stop()
    left = database.read(lambda rows: list(rows.scalars(select(schema.link_event.c.event_id))))
    on_list = schema.distribution_list_member.c
    known = select(on_list.subscriber_no).where(on_list.own != "")
    assert database.read(lambda rows: list(rows.scalars(known))) == [179]
    database.close()
    assert left == [VISITS_AT_ONCE + 1]
