"""Line files: appended, flushed when long, whole after a close."""

from collections import deque

from smsc_sim.line_file import LINES_MAX, LineFile


def test_lines_are_kept_until_flushed_and_appended_to_what_was_there(tmp_path):
    path = tmp_path / "x"
    path.write_text("before\n")
    file = LineFile(path)
    file.lines.append("ärger\n")
    file.flush_when_long()
    assert path.read_text(encoding="utf-8") == "before\n"
    file.flush()
    assert path.read_text(encoding="utf-8") == "before\närger\n"


def test_many_lines_flush_themselves_and_the_list_stays_the_same(tmp_path):
    file = LineFile(tmp_path / "x")
    lines = file.lines
    lines.extend(["x\n"] * LINES_MAX)
    file.flush_when_long()
    assert lines == []
    assert file.lines is lines
    assert (tmp_path / "x").read_text().count("\n") == LINES_MAX


def test_closing_flushes_and_twice_is_harmless(tmp_path):
    file = LineFile(tmp_path / "x")
    file.lines.append("x\n")
    file.close()
    file.close()
    assert (tmp_path / "x").read_text() == "x\n"


def test_without_a_path_lines_go_nowhere():
    file = LineFile(None)
    file.lines.append("x\n")
    file.flush()
    assert file.lines == []


def test_a_tail_gets_the_newest_lines_once_they_are_flushed():
    file = LineFile(None)
    file.tail = deque(maxlen=2)
    file.lines += ["1\n", "2\n"]
    assert not file.tail
    file.flush()
    file.lines.append("3\n")
    file.flush()
    assert list(file.tail) == ["2\n", "3\n"]


def test_lines_go_nowhere_while_nobody_keeps_or_reads_them(tmp_path):
    assert not LineFile(None).goes_nowhere
    assert not LineFile(tmp_path / "x", is_read=False).goes_nowhere
    file = LineFile(None, is_read=False)
    assert file.goes_nowhere
    file.tail = deque()
    assert not file.goes_nowhere
