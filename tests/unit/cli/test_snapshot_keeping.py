"""Snapshots are written again and again, whatever became of the one before."""

import threading
from pathlib import Path
from typing import Any

from operator_push.cli.snapshot_keeping import SnapshotKeeping
from operator_push.kernel.errors import ResourceError


class Server:
    """Fails at the first call; `third` is set by the third."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.third = threading.Event()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        self.asked.append(f"{do} {args['out']}")
        if len(self.asked) == 1:
            raise ResourceError("no server runs")
        if len(self.asked) == 3:
            self.third.set()
        return {}


def test_a_failure_does_not_end_it_and_its_end_does(tmp_path: Path) -> None:
    server = Server()
    with SnapshotKeeping(lambda: server, tmp_path / "p.parquet", 0.001) as keeping:
        assert server.third.wait(30)
    keeping._thread.join(30)
    assert not keeping._thread.is_alive()
    assert set(server.asked) == {f"permission.snapshot {tmp_path / 'p.parquet'}"}
