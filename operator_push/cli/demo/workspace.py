"""The workspace: where everything of a run lies under DIR, and the guard that empties only a demo's own."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from operator_push.kernel.errors import OperatorError

MARKER = ".operator-push-demo"
_MARKER_TEXT = "Made by operator-push demo, which empties this folder when it runs again.\n"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Paths of a run. `root` is absolute."""

    root: Path

    @property
    def input(self) -> Path:
        """What mediation drops: subscribers.csv, consents.csv, cells.csv, cdr/, topups/."""
        return self.root / "input"

    @property
    def features(self) -> Path:
        """What cdr-ingest writes: features.json, rejects.csv, run.json."""
        return self.root / "features"

    @property
    def esme(self) -> Path:
        """What the clients were told to send, and what they saw."""
        return self.root / "esme"

    @property
    def logs(self) -> Path:
        """One log per program."""
        return self.root / "logs"

    @property
    def main(self) -> "Installation":
        """Product and simulator of the main run."""
        return Installation(self.root / "product", self.root / "smsc")

    @property
    def crash(self) -> "Installation":
        """Product and simulator of the crash run."""
        return Installation(self.root / "crash" / "product", self.root / "crash" / "smsc")

    def prepare(self) -> None:
        """Make the folder, or empty one that an earlier demo made.

        Raises:
            OperatorError: there is something else in it; nothing was touched.
        """
        root = self.root
        if root.exists() and not root.is_dir():
            raise OperatorError(f"{root} is a file; name a folder", key="--out")
        if root.is_dir() and any(root.iterdir()):
            if not (root / MARKER).is_file():
                raise OperatorError(
                    f"{root} is not empty and no demo made it; name another folder or empty it yourself",
                    key="--out",
                )
            for entry in root.iterdir():
                if entry.name != MARKER:
                    _remove(entry)
        root.mkdir(parents=True, exist_ok=True)
        (root / MARKER).write_text(_MARKER_TEXT, encoding="utf-8")
        for folder in (self.logs, self.esme, self.main.product, self.main.smsc):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.crash.product, self.crash.smsc):
            folder.mkdir(parents=True, exist_ok=True)


@dataclass(frozen=True, slots=True)
class Installation:
    """A product's data directory and its simulator's folder."""

    product: Path
    smsc: Path

    @property
    def product_config(self) -> Path:
        """The product's configuration, which anybody can start it with again."""
        return self.product / "operator-push.toml"

    @property
    def smsc_config(self) -> Path:
        """The simulator's scenario."""
        return self.smsc / "scenario.toml"

    @property
    def witness(self) -> Path:
        """The simulator's record of every PDU."""
        return self.smsc / "witness.jsonl"

    @property
    def status(self) -> Path:
        """The simulator's counters."""
        return self.smsc / "status.json"

    @property
    def database(self) -> Path:
        """The product's rows."""
        return self.product / "operator-push.db"

    def closed_cdr_files(self) -> list[Path]:
        """The simulator's closed CDR periods, oldest first."""
        return sorted(
            (self.smsc / "cdr").glob("*.csv"), key=lambda path: (path.stat().st_mtime_ns, path.name)
        )


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()
