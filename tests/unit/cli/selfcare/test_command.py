"""The QR code of a touchpoint: its address is printed and drawn; what is missing is named."""

import json
from pathlib import Path

from click.testing import CliRunner

from operator_push.cli.main import main

CONFIG = """
[[smsc]]
name = "main"
host = "127.0.0.1"
port = 2775
system_id = "gateway"
password = "secret"
[[tariff]]
price_per_segment = "0.10"
currency = "INR"
[answers]
account = "care"
[[opt_in]]
name = "poster"
brand = "Tea House"
short_code = "56070"
"""


def test_the_code_of_a_touchpoint_is_drawn(tmp_path: Path) -> None:
    file, out = tmp_path / "operator-push.toml", tmp_path / "poster.svg"

    def qr(name: str, more: str) -> tuple[int, str]:
        file.write_text(CONFIG + more)
        asked = ["selfcare", "qr", name, "--out", str(out), "--json", "--config", str(file)]
        done = CliRunner().invoke(main, asked)
        return done.exit_code, done.output

    base = '[selfcare]\nbase_url = "https://my.example"\n'
    status, told = qr("poster", base)
    assert status == 0, told
    assert json.loads(told)["address"] == "https://my.example/join/poster?by=qr"
    assert out.read_text().startswith("<svg")
    assert qr("nothing", base)[0] == 2
    status, told = qr("poster", "")
    assert (status, "base_url" in told) == (2, True)
