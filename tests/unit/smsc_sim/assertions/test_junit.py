"""The JUnit file is XML that counts its cases right."""

from xml.etree import ElementTree

from smsc_sim.assertions.junit import JunitCase, junit_text


def test_cases_failures_and_errors_are_counted_and_escaped():
    cases = [JunitCase("a < b"), JunitCase("c", failure='was "3"'), JunitCase("d", error="no bind")]
    text = junit_text("suite & co", "smsc-sim.run", cases, "2026-11-21T00:00:00+00:00", 1.5)
    root = ElementTree.fromstring(text.split("\n", 1)[1])
    assert {name: root.get(name) for name in ("name", "tests", "failures", "errors", "time")} == {
        "name": "suite & co",
        "tests": "3",
        "failures": "1",
        "errors": "1",
        "time": "1.500",
    }
    assert [case.get("name") for case in root] == ["a < b", "c", "d"]
    assert [child.tag for case in root for child in case] == ["failure", "error"]
    assert root[1][0].get("message") == 'was "3"'
