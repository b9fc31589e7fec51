"""A yardstick: the CPU time of a fixed piece of work, taken while something else is measured.

Not only the wall-clock lies on a shared machine: with a busy neighbour on the same core the same instructions
take up to twice the CPU time. The work here is of the kind that a message costs (packing, slicing,
dictionaries, tuples), so figures divided by how slow it ran can be compared between runs.
"""

import struct
import time
from collections.abc import Callable

# CPU time of one unit on the machine where the budget was set, when that was quiet. It only sets the scale.
REFERENCE_US = 1_050.0
UNIT_TURNS = 1_000
_HEADER = struct.Struct(">IIII")


def slowness(is_over: Callable[[], bool], pause_s: float = 0.04) -> float:
    """How much slower than the reference this machine is until `is_over`; 1.0 is as fast.

    Works about 5 % of the time and sleeps for the rest.
    """
    units, cpu_s = 0, 0.0
    while not is_over() or not units:
        started = time.thread_time()
        work()
        cpu_s += time.thread_time() - started
        units += 1
        time.sleep(pause_s)
    return cpu_s * 1e6 / units / REFERENCE_US


def work() -> int:
    """One unit."""
    known: dict[tuple[str, int], tuple[int, ...]] = {}
    octets = bytes(200)
    checked = 0
    for turn in range(UNIT_TURNS):
        header = _HEADER.pack(turn, turn + 1, 0, turn)
        length, command, _, number = _HEADER.unpack(header)
        row = (length, command, number, turn * 1000 // 7, len(header + octets[turn % 16 :]))
        known[(str(turn % 300), number)] = row
        text = f"{number}:{length}"
        checked += len(text.encode("latin-1")) + sum(known[(str(turn % 300), turn)][:2])
    return checked
