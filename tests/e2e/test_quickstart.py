"""The first minutes of a newcomer: quickstart, the lines that it prints, the receipt that they print."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from product import until

from operator_push.cli.child_programs import program


def test_the_three_printed_lines_send_a_message_and_print_its_receipt(tmp_path: Path):
    shown = tmp_path / "shown.txt"
    command = [*program("operator-push"), "quickstart", "--dir", str(tmp_path / "qs")]
    command += ["--smpp-port", "0", "--sim-port", "0"]
    with shown.open("w") as output:
        quickstart = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        until(lambda: "Ctrl-C ends both" in shown.read_text(), "the welcome", 60)
        lines = [line.strip() for line in shown.read_text().splitlines() if line.startswith("  ")]
        assert len(lines) == 3
        heard = tmp_path / "heard.txt"
        with heard.open("w") as output:
            client = subprocess.Popen(
                [sys.executable, "-u", "-c", "\n".join(lines)], stdout=output, stderr=subprocess.DEVNULL
            )
        try:
            until(lambda: "stat:DELIVRD" in heard.read_text(), "the receipt")
        finally:
            client.kill()
            client.wait()
        message_id = re.findall(r"id:(\d+)", heard.read_text())[0]
        story = subprocess.run(
            [
                *program("operator-push"),
                "message",
                "show",
                message_id,
                "--config",
                str(tmp_path / "qs" / "operator-push.toml"),
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert "919812345678" not in story
    finally:
        quickstart.send_signal(signal.SIGINT)
        started = time.monotonic()
        assert quickstart.wait(60) == 0, time.monotonic() - started
    assert shown.read_text().endswith("Stopped.\n")
