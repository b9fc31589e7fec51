"""Where kept records lie, and the manifest that says which count."""

from pathlib import Path

import msgspec

from cdr_ingest.records.kept_files import KeptFiles
from cdr_ingest.store.ledger_rows import KeptRow
from operator_push.kernel.contracts import RecordsManifest

ROWS = [KeptRow("cdr", "2026-10-10", 2, 5), KeptRow("cell", "", 1, 3)]


def test_the_manifest_names_the_files_that_count_and_the_rest_is_removed(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path)
    paths = [kept.of(row) for row in ROWS]
    for path in [*paths, kept.path("cdr", "2026-10-10", 1), kept.path("cdr", "2026-10-09", 2)]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    kept.publish(ROWS)
    kept.remove_all_but(paths)
    manifest = msgspec.json.decode(kept.manifest.read_bytes(), type=RecordsManifest)
    assert [file.path for file in manifest.files] == [
        "cdr/day=2026-10-10/000002.parquet",
        "cell/000001.parquet",
    ]
    found = sorted(path.relative_to(kept.root).as_posix() for path in kept.root.rglob("*") if path.is_file())
    assert found == sorted([*(file.path for file in manifest.files), "manifest.json"])
    assert not (kept.root / "cdr" / "day=2026-10-09").exists()
