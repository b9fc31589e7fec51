"""Events are read as they grow, in order, each once, over the end of a day and a restart."""

from pathlib import Path

import msgspec
import pytest

from operator_push.kernel.contracts import TriggerEvent
from operator_push.kernel.errors import OperatorError
from operator_push.profiles.trigger_events import TriggerEvents


def line(sequence: int) -> bytes:
    event = TriggerEvent(sequence=sequence, trigger="top_up", subscriber_no=7, at_us=1, read_us=2)
    return msgspec.json.encode(event) + b"\n"


def append(folder: Path, day: str, octets: bytes) -> None:
    folder.mkdir(exist_ok=True)
    with (folder / f"events-{day}.jsonl").open("ab") as file:
        file.write(octets)


def numbers(events: TriggerEvents) -> list[int]:
    return [event.sequence for event in events.read()]


def test_what_is_appended_is_read_once_and_half_lines_later(tmp_path: Path) -> None:
    events = TriggerEvents(tmp_path / "triggers")
    assert numbers(events) == []  # no folder yet
    append(tmp_path / "triggers", "2026-10-10", line(1) + line(2) + line(3)[:20])
    assert numbers(events) == [1, 2]
    assert numbers(events) == []
    append(tmp_path / "triggers", "2026-10-10", line(3)[20:])
    append(tmp_path / "triggers", "2026-10-11", line(4))
    assert [numbers(events), numbers(events), numbers(events)] == [[3], [4], []]


def test_a_reader_that_comes_back_goes_on(tmp_path: Path) -> None:
    append(tmp_path, "2026-10-10", line(1) + line(2))
    append(tmp_path, "2026-10-11", line(3) + line(4))
    events = TriggerEvents(tmp_path, after=3)
    assert [numbers(events), numbers(events)] == [[4], []]


def test_a_file_that_went_away_is_no_fault(tmp_path: Path) -> None:
    append(tmp_path, "2026-10-10", line(1))
    events = TriggerEvents(tmp_path)
    assert numbers(events) == [1]
    (tmp_path / "events-2026-10-10.jsonl").unlink()
    append(tmp_path, "2026-10-12", line(9))
    assert numbers(events) == [9]


@pytest.mark.parametrize("octets", [b"{}\n", b"no json\n", line(1).replace(b"{", b'{"version":2,', 1)])
def test_what_is_no_event_is_named(tmp_path: Path, octets: bytes) -> None:
    append(tmp_path, "2026-10-10", octets)
    with pytest.raises(OperatorError, match=r"events-2026-10-10\.jsonl"):
        TriggerEvents(tmp_path).read()
