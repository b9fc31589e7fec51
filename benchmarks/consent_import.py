"""Import of consents, as an operator does it: a CSV file, the command, the running server, its disk.

    python benchmarks/consent_import.py --consents 1000000 --out benchmarks/results/consent_import.json

Every row is another subscriber's; the subscribers are imported first and are not in the time. Prints seconds,
rows a second, the CPU of command and server per row and the server's memory; exits 1 where the rate is below
a million rows in a minute, or where a row is missing.
"""

import argparse
import csv
import json
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from idle_link import IDLE_LINK
from processes import cpu_s, rss_kib

from operator_push.cli.child_programs import ChildProgram, program

LIMIT_S = 60.0
LIMIT_ROWS = 1_000_000
FIRST = 919_800_000_000
COLUMNS = (
    "msisdn", "brand", "category", "purpose", "channel", "action", "at", "method", "evidence",
    "notice_version", "language", "expires_at",
)  # fmt: skip


def write_files(folder: Path, rows: int) -> None:
    """subscribers.csv and consents.csv of so many people."""
    with (folder / "subscribers.csv").open("w") as out:
        out.write("msisdn\n")
        out.writelines(f"{FIRST + number}\n" for number in range(rows))
    with (folder / "consents.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for number in range(rows):
            at = f"2026-{number % 9 + 1:02}-{number % 28 + 1:02}T{number % 24:02}:{number % 60:02}:00Z"
            ends = f"2027-{number % 12 + 1:02}-{number % 28 + 1:02}T00:00:00Z" if number % 2 else ""
            said = ("sms", "sms", "grant", at, "web", f"form {number}", "v3", "hi", ends)
            writer.writerow((FIRST + number, f"Brand {number % 20}", number % 8 + 1, "marketing", *said[1:]))


def run(folder: Path, rows: int) -> dict[str, Any]:
    """Import both files into a server of their own; what the second one cost."""
    (folder / "operator-push.toml").write_text(IDLE_LINK)
    write_files(folder, rows)
    config = str(folder / "operator-push.toml")
    ready = folder / "ready.json"
    serve = [*program("operator-push"), "serve", "--config", config, "--ready-file", str(ready)]
    server = ChildProgram(serve, folder / "serve.log")
    try:
        server.wait_ready(ready)
        pid = json.loads((folder / "control.json").read_text())["pid"]
        _import(folder, "subscriber")
        memory_kib, server_cpu_s = rss_kib(pid), cpu_s(pid)
        own_cpu_s, started = _children_cpu_s(), time.monotonic()
        count = _import(folder, "consent")
        took_s = time.monotonic() - started
        return {
            "rows": rows,
            "applied": count["applied"],
            "seconds": round(took_s, 2),
            "rows_per_s": round(rows / took_s),
            "command_cpu_us_per_row": round((_children_cpu_s() - own_cpu_s) / rows * 1e6, 2),
            "server_cpu_us_per_row": round((cpu_s(pid) - server_cpu_s) / rows * 1e6, 2),
            "server_memory_mib": round((rss_kib(pid) - memory_kib) / 1024, 1),
        }
    finally:
        server.stop()


def _import(folder: Path, what: str) -> dict[str, Any]:
    command = [*program("operator-push"), what, "import", str(folder / f"{what}s.csv"), "--json"]
    done = subprocess.run([*command, "--data-dir", str(folder)], check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--consents", type=int, default=LIMIT_ROWS)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="consent-import-"))
    try:
        result = run(folder, given.consents)
    finally:
        shutil.rmtree(folder)
    result["limit_s"] = LIMIT_S * given.consents / LIMIT_ROWS
    print(json.dumps(result, indent=2))
    if given.out is not None:
        given.out.write_text(json.dumps(result, indent=2) + "\n")
    raise SystemExit(result["applied"] != result["rows"] or result["seconds"] > result["limit_s"])


if __name__ == "__main__":
    main()
