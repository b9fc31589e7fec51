"""The status file: the run's counters as JSON, replaced as a whole so that a reader never sees half of it."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write `content` to a file beside `path` and move it there (atomic on POSIX file systems)."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")
    beside.replace(path)
