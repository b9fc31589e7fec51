"""Report files: load.json, load.html and junit.xml in the folder of --out."""

import json
from pathlib import Path
from xml.etree import ElementTree

from operator_push.kernel.errors import OperatorError
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


def junit(report: Report) -> str:
    """The thresholds as test cases; a run that was not done is an error in each."""
    rows = report["thresholds"]
    is_done = report["outcome"] in ("passed", "failed")
    suite = ElementTree.Element(
        "testsuite",
        name=report["title"] or "smsc-sim load",
        tests=str(len(rows)),
        failures=str(sum(not row["passed"] for row in rows) if is_done else 0),
        errors=str(0 if is_done else len(rows)),
        timestamp=report["started_at"],
        time=str(report["total_s"]),
    )
    for row in rows:
        case = ElementTree.SubElement(suite, "testcase", classname="smsc-sim.load", name=row["text"])
        if not is_done:
            message = report["failure"] or "the run was interrupted"
            ElementTree.SubElement(case, "error", message=message)
        elif not row["passed"]:
            measured = "not measured" if row["measured"] is None else f"{row['measured']:g}"
            ElementTree.SubElement(case, "failure", message=f"was {measured}")
    ElementTree.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suite, encoding="unicode") + "\n"
