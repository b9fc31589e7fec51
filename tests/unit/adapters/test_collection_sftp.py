"""Collection through OpenSSH's sftp program, against OpenSSH's own server program."""

import io
import os
from pathlib import Path

import pytest
from peers import end_without, require_program

from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push_adapters.collection_sftp import SftpSource

SERVER = Path("/usr/lib/openssh/sftp-server")


def source(folder: Path, **more: object) -> SftpSource:
    require_program("sftp", "openssh-client")
    if not SERVER.exists():
        end_without(f"{SERVER} is missing; install it: apt-get install openssh-sftp-server")
    # -D: the program talks to a server program on this machine, without a shell between.
    options = {"host": "here", "folder": str(folder), "arguments": ["-D", str(SERVER)], **more}
    return SftpSource(options)


class Target(io.BytesIO):
    """A file in memory that has the name of one on the disk."""

    def __init__(self, name: Path) -> None:
        super().__init__()
        self.name = str(name)


def test_files_are_listed_oldest_first_and_fetched(tmp_path: Path) -> None:
    there = tmp_path / 'it "is" [there]'
    there.mkdir()
    for at_s, name in ((3_000, "b c.csv"), (90_000, "a*.csv"), (5_000, ".hidden"), (6_000, "d.part")):
        (there / name).write_bytes(name.encode())
        os.utime(there / name, (at_s, at_s))
    found = source(there)
    arrivals = list(found.arrivals("", 0))
    assert [one.name for one in arrivals] == ["b c.csv", "a*.csv"]
    assert arrivals == list(found.arrivals("", 0))
    for one in arrivals:
        target = Target(tmp_path / "part")
        found.fetch(one, target)
        assert target.getvalue() == one.name.encode()
    (there / "b c.csv").write_bytes(b"longer than before")
    assert {one.version for one in found.arrivals("", 0)}.isdisjoint({arrivals[0].version})
    assert [one.name for one in source(there, pattern="b*").arrivals("", 0)] == ["b c.csv"]


def test_the_other_side_s_error_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="No such file"):
        source(tmp_path / "nowhere").arrivals("", 0)


@pytest.mark.parametrize("options", [{}, {"host": "-oProxyCommand=x"}, {"host": "h", "folder": "a\nb"}])
def test_options_that_cannot_be_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(OperatorError):
        SftpSource(options)


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="apt-get install openssh-client"):
        SftpSource({"host": "h", "program": str(tmp_path / "none")}).arrivals("", 0)
