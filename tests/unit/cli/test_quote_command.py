"""What a quote prints."""

from operator_push.cli.quote_command import _stretches


def hours(*percents: int) -> list[dict[str, object]]:
    return [
        {"hour": f"2026-11-22T{hour:02}:00:00Z", "percent": each} for hour, each in enumerate(percents, 9)
    ]


def test_hours_of_one_share_stand_together() -> None:
    assert list(_stretches(hours(0, 50, 50, 0))) == [
        ("09:00 to 09:59Z", 0),
        ("10:00 to 11:59Z", 50),
        ("12:00 to 12:59Z", 0),
    ]


def test_a_day_of_one_share_is_any_hour() -> None:
    assert list(_stretches(hours(*[100] * 14))) == [("at any hour", 100)]
