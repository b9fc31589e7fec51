"""Collection by SFTP: the files of a folder on another machine, through OpenSSH's `sftp` program.

The libraries that speak SSH in Python are under copyleft licences; the program of Debian's openssh-client is
there on every server, and its keys, known hosts and jump hosts are those of `ssh_config`. It never asks: a
batch that would need a password fails. A file is complete when it has its final name; those that begin with
a dot or end in .tmp, .part or .filepart are passed over.
"""

import fnmatch
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from cdr_ingest.collection.port import Arrival, read_options
from operator_push.kernel.errors import OperatorError, ResourceError

_UNFINISHED = (".tmp", ".part", ".filepart")
# Mode, links, owner, group, octets, three words of time, name: what `ls -ln` prints of a plain file.
_FILE_LINE = re.compile(r"-\S+\s+\S+\s+\S+\s+\S+\s+(?P<octets>\d+)\s+(?P<time>\S+\s+\S+\s+\S+)\s(?P<name>.+)")
_PIECE_OCTETS = 1024 * 1024


class SftpOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[source.options] of the kind sftp. `host` as `sftp` takes it (user@host); `arguments` come before it,
    such as ["-P", "2222", "-i", "key"]."""

    host: str
    folder: str = "."
    pattern: str = "*"
    program: str = "sftp"
    arguments: list[str] = []
    timeout_s: float = 600.0


class SftpSource:
    """A cdr_ingest.collection.port.Source over one folder of another machine."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Check the options.

        Raises:
            OperatorError: one cannot be.
        """
        self._options = read_options(options, SftpOptions)
        if self._options.host.startswith("-") or "\n" in self._options.folder:
            raise OperatorError("is no host or folder", key="source.options")

    def arrivals(self, _cursor: str, _now_us: int) -> Iterable[Arrival]:
        """As Source.arrivals; the oldest file comes first, as the other side sorts."""
        listed = self._batch(f"cd {_quoted(self._options.folder)}", "ls -lntr")
        found = []
        for line in listed.splitlines():
            if (match := _FILE_LINE.fullmatch(line)) is not None:
                name = match["name"].rpartition("/")[2]
                if self._is_wanted(name):
                    # The program tells no seconds: octets and minutes are its best stamp of a version.
                    found.append(Arrival(name, f"{match['octets']}-{' '.join(match['time'].split())}"))
        return found

    def fetch(self, arrival: Arrival, target: BinaryIO) -> None:
        """As Source.fetch."""
        # The program writes files, not streams; the copy lies in a folder of its own for as long as it runs.
        with tempfile.TemporaryDirectory(dir=Path(os.fsdecode(target.name)).parent) as folder:
            copy = Path(folder) / "copy"
            get = f"get {_quoted(arrival.name)} {_quoted(str(copy))}"
            self._batch(f"cd {_quoted(self._options.folder)}", get)
            with copy.open("rb") as file:
                while piece := file.read(_PIECE_OCTETS):
                    target.write(piece)

    def close(self) -> None:
        """Every batch was a connection of its own."""

    def _is_wanted(self, name: str) -> bool:
        unfinished = name.startswith(".") or name.endswith(_UNFINISHED)
        return not unfinished and fnmatch.fnmatchcase(name, self._options.pattern)

    def _batch(self, *commands: str) -> str:
        """What the program prints of some commands; the first that fails ends them."""
        chosen = self._options
        # -q is no banner, -b a batch from standard input, which also keeps ssh from asking.
        call = [chosen.program, "-q", "-b", "-", *chosen.arguments, chosen.host]
        try:
            done = subprocess.run(
                call,
                input="\n".join(commands) + "\n",
                capture_output=True,
                text=True,
                timeout=chosen.timeout_s,
                check=False,
                env={**os.environ, "LC_ALL": "C"},
            )
        except FileNotFoundError:
            raise OperatorError(
                f"there is no program {chosen.program}; apt-get install openssh-client",
                key="source.options.program",
            ) from None
        except subprocess.TimeoutExpired:
            raise ResourceError(f"sftp {chosen.host}: no end after {chosen.timeout_s:g} s") from None
        if done.returncode:
            told = done.stderr.strip().splitlines()
            raise ResourceError(f"sftp {chosen.host}: {told[-1] if told else 'failed'}")
        return "".join(line + "\n" for line in done.stdout.splitlines() if not line.startswith("sftp> "))


def _quoted(path: str) -> str:
    """A path as the program's batch takes it; between quotes a pattern is no pattern."""
    escaped = re.sub(r'(["\\])', r"\\\1", path)
    return f'"{escaped}"'
