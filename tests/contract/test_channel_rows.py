"""Channels and their issues come back as they were written, on every database."""

import msgspec
from sqlalchemy import Connection

from operator_push.domain.channels import Channel, Issue
from operator_push.store.channel_rows import channel_issues, channels
from operator_push.store.database import Database
from operator_push.store.small_rows import upsert

NEWS = Channel(1, "news", 3, 7, 6, "56070", "NEWS", True, "", 1_800_000_000_000_000, "asha")


def test_channels_and_issues_by_number(database: Database) -> None:
    sport = msgspec.structs.replace(NEWS, channel_no=2, name="sport", is_double=False)
    closed = msgspec.structs.replace(sport, closed_us=5)
    issues = [Issue(9, 1, 1), Issue(10, 1, 2)]

    def work(connection: Connection) -> None:
        for channel in (sport, NEWS, closed):
            upsert(connection, "channel", msgspec.structs.asdict(channel))
        for issue in reversed(issues):
            upsert(connection, "channel_issue", msgspec.structs.asdict(issue))
        assert channels(connection) == [NEWS, closed]
        assert channel_issues(connection) == issues

    database.run(work)
