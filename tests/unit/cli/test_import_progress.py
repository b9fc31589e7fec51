"""An import that takes longer tells its rate and the time left."""

from pathlib import Path

import pytest

from operator_push.cli.import_progress import ImportProgress


def test_a_line_now_and_then(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "c.csv"
    file.write_bytes(bytes(1000))
    moments = iter([0.0, 4.9, 10.0, 11.0])
    with ImportProgress(file, lambda: 250, lambda: next(moments)) as progress:
        progress.tell(1_000, 0)
        assert capsys.readouterr().err == ""
        progress.tell(20_000, 3)
        assert capsys.readouterr().err == "20,000 rows read, 2,000/s, 3 rejected, 30 s left\n"
        progress.tell(21_000, 3)
        assert capsys.readouterr().err == ""
