"""The wall clock of a running product stepped by an hour, forward and back: the real program between sockets.

The program's own Python is given a wall clock with an offset that a file tells (a sitecustomize page on its
path); its monotonic clock is the machine's.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from operator_desk import asked
from product import Programs, until
from raw_esme import AskingEsme
from raw_smsc import RawSmsc

from operator_push.smpp.pdu import DeliverSm, SubmitSm

HOUR_S = 3_600
PRICE_MICROS = 100_000
# Holds expire after 20 minutes and parts of an MO go on after 10: an hour's step would be beyond both.
MORE = """
[charging]
hold_expires_s = 1200
[mo]
parts_wait_s = 600
[[mo_route]]
short_code = "56070"
account = "shop"
"""
WALL_CLOCK = """
import time
from pathlib import Path
_file, _real, _real_ns = Path({file!r}), time.time, time.time_ns
def _offset_s():
    try:
        return int(_file.read_text() or 0)
    except (OSError, ValueError):
        return 0
time.time = lambda: _real() + _offset_s()
time.time_ns = lambda: _real_ns() + _offset_s() * 1_000_000_000
"""


class House:
    """The product with a clock to be stepped, between an ESME and an SMSC of plain sockets."""

    def __init__(self, programs: Programs, smsc: RawSmsc, offset_file: Path) -> None:
        self.programs = programs
        self.smsc = smsc
        self._offset_file = offset_file

    def step(self, seconds: int) -> None:
        """Set the wall clock so far from the machine's."""
        self._offset_file.write_text(str(seconds))
        log = self.programs.folder / "operator-push.log"
        told = log.read_text().count("the wall clock was stepped")
        until(lambda: log.read_text().count("the wall clock was stepped") > told, "the step to be noticed")

    @property
    def open(self) -> int:
        return int(self.programs.call("stats")["open_messages"])

    def send(self, esme: AskingEsme, destination: str) -> tuple[int, str]:
        """Our id and the SMSC's of a message that the SMSC has taken."""
        told = esme.submit(destination, registered_delivery=1)
        while (pdu := self.smsc.next(SubmitSm)).destination_addr != destination:  # type: ignore[attr-defined]
            assert pdu is not None
        return int(told), f"m{self.smsc.ids_given}"

    def receipt(self, esme: AskingEsme, destination: str, smsc_id: str) -> None:
        self.smsc.receipt(smsc_id, source_addr=destination)
        assert b"stat:DELIVRD" in esme.receipt().short_message


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    offset_file, page = tmp_path / "offset_s", tmp_path / "path" / "sitecustomize.py"
    offset_file.write_text("0")
    page.parent.mkdir()
    page.write_text(WALL_CLOCK.format(file=str(offset_file)))
    monkeypatch.setenv("PYTHONPATH", str(page.parent))
    with RawSmsc() as smsc:
        programs = Programs(tmp_path, more=MORE, database='short_codes = ["56070"]')
        programs.sim_port = smsc.port
        try:
            programs.start_product()
            programs.add_account()
            until(lambda: all(programs.call("stats")["links"].values()), "the bind at the SMSC")
            yield House(programs, smsc, offset_file)
        finally:
            programs.stop()


def part(number: int) -> DeliverSm:
    return DeliverSm(
        source_addr="919812350009",
        source_addr_ton=1,
        destination_addr="56070",
        esm_class=0x40,
        short_message=bytes((5, 0, 3, 77, 2, number)) + b"part %d." % number,
    )


def test_a_stepped_clock_loses_nothing_and_expires_nothing_early(house: House):
    with AskingEsme(house.programs.smpp_port) as esme:
        esme.bind()
        sent = {"919812350001": house.send(esme, "919812350001")}
        house.smsc.deliver(part(1))
        until(lambda: house.programs.call("stats")["meters"].get("mo.received", 0) == 1, "the first part")
        for place, (offset_s, number) in enumerate(((HOUR_S, "919812350002"), (-HOUR_S, "919812350003"))):
            house.step(offset_s)
            sent[number] = house.send(esme, number)
            assert house.open == place + 2, "what waits for its receipt goes on waiting"
            house.smsc.receipt("m999")  # of nobody: the link lives
            until(lambda: all(house.programs.call("stats")["links"].values()), "the link to be up")
        ids = [message_id for message_id, _ in sent.values()]
        assert ids == sorted(set(ids))
        house.smsc.deliver(part(2))
        assert esme.receipt().short_message == b"part 1.part 2."
        for number, (_, smsc_id) in sent.items():
            house.receipt(esme, number, smsc_id)
    assert house.programs.product is not None
    house.programs.product.stop()
    house.programs.start_product()  # an hour before its own rows
    account = house.programs.call("account.show", name="shop")["account"]
    assert (account["held_micros"], account["available_micros"]) == (0, 10_000_000 - 3 * PRICE_MICROS)
    until(lambda: all(house.programs.call("stats")["links"].values()), "the bind at the SMSC")
    with AskingEsme(house.programs.smpp_port) as esme:
        esme.bind()
        last, smsc_id = house.send(esme, "919812350004")
        assert last > max(ids)
        house.receipt(esme, "919812350004", smsc_id)
    assert asked(house.programs, "ledger", "verify")["ok"]
