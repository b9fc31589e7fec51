"""A capture of the loopback interface by dumpcap, in a network of its own where the machine lets us make one.

Our own network holds the traffic of the captured programs and no other. Without the right to make one (it
takes CAP_SYS_ADMIN) the machine's loopback is captured; without the right to capture there is none.
"""

import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

START_S = 60.0
BUFFER_MIB = 64
_DROPPED = re.compile(r"received/dropped on interface .*: \d+/(\d+)")


class LoopbackCapture:
    """One running dumpcap; `why_not` is "" or says why none could be started."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.why_not = ""
        self._inside: tuple[str, ...] = ()
        self._process: subprocess.Popen[str] | None = None
        dumpcap = shutil.which("dumpcap")
        if dumpcap is None:
            self.why_not = "dumpcap is missing; install it: apt-get install tshark"
            return
        capture = (dumpcap, "-q", "-i", "lo", "-B", str(BUFFER_MIB), "-f", "tcp", "-w", str(file))
        isolated = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
        if all(map(shutil.which, ("unshare", "nsenter", "ip"))) and self._start(*isolated, *capture):
            assert (
                self._process is not None
            )  # unshare and sh have become dumpcap: it lives in the new network
            self._inside = ("nsenter", f"--net=/proc/{self._process.pid}/ns/net", "--")
        else:
            self._start(*capture)

    def _start(self, *command: str) -> bool:
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        end = time.monotonic() + START_S
        # The file's first block is written once the interface is open.
        while process.poll() is None and not (self.file.exists() and self.file.stat().st_size):
            if time.monotonic() > end:
                process.kill()
            time.sleep(0.05)
        if process.poll() is None:
            self._process, self.why_not = process, ""
            return True
        self.why_not = f"dumpcap could not capture on lo: {process.communicate()[1].strip()[-300:]}"
        return False

    def inside(self, command: Sequence[str]) -> list[str]:
        """The command as it is started where its loopback is the captured one."""
        return [*self._inside, *command]

    def stop(self) -> int:
        """End the capture; returns how many packets it dropped, 0 where there was none."""
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.terminate()
        told = process.communicate(timeout=START_S)[1]
        counts = _DROPPED.search(told)
        assert counts is not None, f"dumpcap did not count: {told[-300:]}"
        return int(counts[1])
