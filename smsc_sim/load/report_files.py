"""Report files: load.json, load.html and junit.xml in the folder of --out."""

import json
from pathlib import Path

from operator_push.kernel.errors import OperatorError
from smsc_sim.assertions.junit import JunitCase, junit_text
from smsc_sim.load.page import render_page, require_page_library
from smsc_sim.load.report import Report


def prepare_folder(folder: Path) -> None:
    """See to it that a report can be written there, before an hour of load says otherwise.

    Raises:
        OperatorError: the folder cannot be made or written, or the page's library is missing.
    """
    require_page_library()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / "load.json"
        probe.touch()
    except OSError as error:
        raise OperatorError(f"cannot write the report: {error.strerror}", file=str(folder)) from error


def write_report(report: Report, folder: Path) -> list[Path]:
    """Write what there is to write; the paths, the page first.

    Raises:
        OperatorError: the folder or a file cannot be written, or the page's library is missing.
    """
    files = {
        "load.html": render_page(report),
        "load.json": json.dumps(report, ensure_ascii=False, separators=(",", ":")) + "\n",
    }
    if report["thresholds"]:
        files["junit.xml"] = junit(report)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"cannot write the report: {error.strerror}", file=str(folder)) from error
    return [folder / name for name in files]


def write_junit(report: Report, path: Path) -> None:
    """The JUnit file alone.

    Raises:
        OperatorError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(junit(report), encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"cannot write the verdicts: {error.strerror}", file=str(path)) from error


def junit(report: Report) -> str:
    """The thresholds as test cases; a run that was not done is an error in each."""
    is_done = report["outcome"] in ("passed", "failed")
    cases = []
    for row in report["thresholds"]:
        if not is_done:
            cases.append(JunitCase(row["text"], error=report["failure"] or "the run was interrupted"))
        elif row["passed"]:
            cases.append(JunitCase(row["text"]))
        else:
            measured = "not measured" if row["measured"] is None else f"{row['measured']:g}"
            cases.append(JunitCase(row["text"], failure=f"was {measured}"))
    title = report["title"] or "smsc-sim load"
    return junit_text(title, "smsc-sim.load", cases, report["started_at"], report["total_s"])
