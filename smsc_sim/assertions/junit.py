"""JUnit files: verdicts as test cases, as pipelines read them."""

from collections.abc import Sequence
from xml.etree import ElementTree

import msgspec


class JunitCase(msgspec.Struct, frozen=True):
    """One test case: `failure` where it did not hold, `error` where it could not be judged, else None."""

    name: str
    failure: str | None = None
    error: str | None = None


def junit_text(
    suite: str, classname: str, cases: Sequence[JunitCase], timestamp: str, duration_s: float
) -> str:
    """The whole file; `timestamp` is ISO 8601."""
    root = ElementTree.Element(
        "testsuite",
        name=suite,
        tests=str(len(cases)),
        failures=str(sum(case.failure is not None for case in cases)),
        errors=str(sum(case.error is not None for case in cases)),
        timestamp=timestamp,
        time=f"{duration_s:.3f}",
    )
    for case in cases:
        element = ElementTree.SubElement(root, "testcase", classname=classname, name=case.name)
        if case.error is not None:
            ElementTree.SubElement(element, "error", message=case.error)
        elif case.failure is not None:
            ElementTree.SubElement(element, "failure", message=case.failure)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
