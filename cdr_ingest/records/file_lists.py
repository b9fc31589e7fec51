"""Paths as the engine's SQL writes them."""

from collections.abc import Sequence
from pathlib import Path


def file_list(paths: Sequence[Path]) -> str:
    """Several paths, for read_parquet."""
    return "[" + ", ".join(map(quoted, paths)) + "]"


def quoted(path: Path) -> str:
    """One path."""
    return "'" + str(path).replace("'", "''") + "'"
