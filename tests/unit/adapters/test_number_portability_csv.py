"""The file of ported numbers: read again where it has changed, and kept where the new one is wrong."""

import os
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from operator_push.kernel.errors import OperatorError
from operator_push.services.ports import NumberPortabilitySettings
from operator_push_adapters.number_portability_csv import PortedFile

NUMBER = "919812345678"


class Threadless(Clock):  # type: ignore[misc]
    """Time by hand, and a pool whose work is done at once."""

    def getThreadPool(self) -> "Threadless":  # noqa: N802
        return self

    def callInThreadWithCallback(self, told: Any, work: Any, *args: Any) -> None:  # noqa: N802
        try:
            result = work(*args)
        except OperatorError as error:
            told(False, Failure(error))
        else:
            told(True, result)

    def callFromThread(self, work: Any, *args: Any) -> None:  # noqa: N802
        work(*args)


def write(file: Path, network: str, changed_ns: int) -> None:
    file.write_text(f"msisdn,network\n+{NUMBER},{network}\n")
    os.utime(file, ns=(changed_ns, changed_ns))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write(tmp_path / "ported.csv", "404-45", 1)
    return tmp_path / "ported.csv"


def test_a_changed_file_is_read_again_and_a_wrong_one_is_not_taken(file: Path) -> None:
    clock = Threadless()
    ported = PortedFile(NumberPortabilitySettings(file, {"reload_s": 5}), clock)
    assert ported.network_of(NUMBER, 0) == "404-45"
    write(file, "404-10", 2)
    assert ported.network_of(NUMBER, 0) == "404-45"
    clock.advance(5)
    assert ported.network_of(NUMBER, 0) == "404-10"
    write(file, "nowhere", 3)
    clock.advance(5)
    assert ported.network_of(NUMBER, 0) == "404-10"
    write(file, "404-20", 4)
    clock.advance(5)
    assert ported.network_of(NUMBER, 0) == "404-20"


def test_without_a_reactor_or_with_0_it_is_read_once(file: Path) -> None:
    clock = Threadless()
    PortedFile(NumberPortabilitySettings(file, {"reload_s": 0}), clock)
    assert clock.getDelayedCalls() == []
    assert PortedFile(NumberPortabilitySettings(file), None).network_of("44", 0) is None


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (NumberPortabilitySettings(), "number_portability.numbers_file: is required"),
        (NumberPortabilitySettings(Path("none.csv")), "cannot be read"),
        (NumberPortabilitySettings(Path("none.csv"), {"speed": 1}), "speed: no option of the kind csv"),
    ],
)
def test_what_cannot_work_stops_the_start(settings: NumberPortabilitySettings, sentence: str) -> None:
    with pytest.raises(OperatorError, match=sentence):
        PortedFile(settings, None)
