"""The shipped mappings, one TOML file each, and those that lie in an input folder."""

from importlib import resources
from pathlib import Path

from cdr_ingest.mapping.mapping import FileMapping
from cdr_ingest.mapping.reading import read_mapping, read_mapping_file
from operator_push.kernel.errors import OperatorError

FOLDER = "mappings"
"""Where an input folder may keep mappings of its own."""


def shipped() -> dict[str, str]:
    """The shipped mappings: name → text, by name."""
    folder = resources.files("cdr_ingest.mapping") / "shipped"
    found = {entry.name.removesuffix(".toml"): entry for entry in folder.iterdir() if entry.is_file()}
    return {name: found[name].read_text(encoding="utf-8") for name in sorted(found)}


def find_mapping(name_or_path: str) -> FileMapping:
    """A shipped mapping by its name, or one of the operator's own by its path.

    Raises:
        OperatorError: there is none, or it has a fault.
    """
    texts = shipped()
    if name_or_path in texts:
        return read_mapping(texts[name_or_path], f"shipped mapping {name_or_path}")
    path = Path(name_or_path)
    if not path.exists():
        raise OperatorError(
            f"there is neither a file nor a shipped mapping of this name; shipped are {', '.join(texts)}",
            key=f"--mapping {name_or_path}",
        )
    return read_mapping_file(path)


def folder_mappings(folder: Path) -> list[FileMapping]:
    """The mappings that lie in an input folder, in the order of their names.

    Raises:
        OperatorError: one has a fault.
    """
    return [read_mapping_file(path) for path in sorted((folder / FOLDER).glob("*.toml"))]
