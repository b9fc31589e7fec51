"""A power cut, imitated: what a process wrote is recorded, and its files are rebuilt as of the last flush.

strace (a peer program) records every write, flush and removal under a folder. At a chosen moment the files
hold what was there before, and of all that was written since only what an fsync or fdatasync had covered by
then; the rest is dropped, as a drive with a cache would: the worst that is allowed.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

SYSCALLS = "pwrite64,write,fdatasync,fsync,ftruncate,unlink,unlinkat,rename"
_LINE = re.compile(r"^(\d+) +(\d+\.\d+) (.*)$")
_CALL = re.compile(r"^(\w+)\((.*)\) += (-?\d+)")
_FD = re.compile(r"^\d+<([^>]*)>")
_DATA = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?, (\d+), (\d+)$')
_NAME = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


def recording(strace: str, trace: Path) -> list[str]:
    """The words before a command that is to be recorded."""
    words = [strace, "-f", "--seccomp-bpf", "-ttt", "-y", "-xx", "-s", "70000", "-e", f"trace={SYSCALLS}"]
    return [*words, "-e", "signal=none", "-o", str(trace)]


def calls(trace: Path) -> Iterator[tuple[float, str, str]]:
    """(moment of its end, name, arguments) of every call that succeeded, in the order of their ends."""
    unfinished: dict[str, str] = {}
    with trace.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            found = _LINE.match(line)
            if found is None:
                continue
            pid, at, text = found.groups()
            if text.endswith("<unfinished ...>"):
                unfinished[pid] = text.removesuffix("<unfinished ...>").rstrip()
                continue
            if text.startswith("<... "):
                text = unfinished.pop(pid, "") + text.partition(" resumed>")[2]
            call = _CALL.match(text)
            if call is not None and int(call[3]) >= 0:
                yield float(at), call[1], call[2]


def flushes(trace: Path, name: str) -> list[float]:
    """The moments at which the file of this name was flushed to the disk."""
    return [
        at for at, call, words in calls(trace) if call in ("fsync", "fdatasync") and _path(words).name == name
    ]


def files_after_cut(trace: Path, before: Path, folder: Path, at: float, image: Path) -> None:
    """Make `image` what the disk holds of `folder` where the power went at the moment `at`.

    `before`: a copy of the folder as it was when the recording began.
    """
    shutil.copytree(before, image)
    pending: dict[str, list[tuple[int, bytes | None]]] = {}
    for moment, call, words in calls(trace):
        if moment > at:
            break
        path = _path(words)
        if path.parent != folder or path.name.endswith("-shm"):
            continue
        if call == "pwrite64":
            found = _DATA.search(words)
            if found is None or found[2]:
                raise AssertionError(f"a write that was not recorded whole: {words[:80]}")
            pending.setdefault(path.name, []).append((int(found[4]), _octets(found[1])))
        elif call == "ftruncate":
            pending.setdefault(path.name, []).append((int(words.rpartition(", ")[2]), None))
        elif call in ("fsync", "fdatasync"):
            _apply(image / path.name, pending.pop(path.name, []))
        elif call in ("unlink", "unlinkat"):
            pending.pop(path.name, None)
            (image / path.name).unlink(missing_ok=True)


def _apply(file: Path, writes: list[tuple[int, bytes | None]]) -> None:
    file.touch()
    with file.open("r+b") as out:
        for offset, octets in writes:
            if octets is None:
                out.truncate(offset)
            else:
                out.seek(offset)
                out.write(octets)


def _path(words: str) -> Path:
    by_fd = _FD.match(words)
    if by_fd is not None:
        return Path(_plain(by_fd[1]))
    named = _NAME.search(words)
    return Path(_octets(named[1]).decode()) if named is not None else Path()


def _plain(name: str) -> str:
    return _octets(name).decode() if name.startswith("\\x") else name


def _octets(hexadecimal: str) -> bytes:
    return bytes.fromhex(hexadecimal.replace("\\x", ""))
