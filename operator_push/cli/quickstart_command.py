"""`operator-push quickstart`: simulator and product together, with one account that can send at once."""

import signal
import threading
from pathlib import Path

import click

from operator_push.cli.child_programs import ChildProgram, program
from operator_push.cli.control_client import ControlClient
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import parse_amount

ACCOUNT = "demo"
PASSWORD = "demo1234"  # documented on purpose: loopback only, play money only
PLAY_MONEY = "1000"

CONFIG = """# Written by `operator-push quickstart`; see `operator-push init` for every setting.
data_dir = "."

[smpp_server]
host = "127.0.0.1"
port = {smpp_port}
reasons_in_words = false  # some clients, python-smpplib among them, stumble over a TLV in submit_sm_resp

[[smsc]]
name = "simulator"
host = "127.0.0.1"
port = {sim_port}
system_id = "operator-push"
password = "sim"

[[tariff]]
prefix = ""
price_per_segment = "0.10"
currency = "INR"
"""

HELLO = """
SMSC simulator   127.0.0.1:{sim_port}   (log: {dir}/smsc-sim.log)
operator-push    127.0.0.1:{smpp_port}   (log: {dir}/operator-push.log)

Send a message from any SMPP client: system_id {account}, password {password}, transceiver.
The account is prepaid with {money} INR of play money, may send transactional messages to any number,
and gets a delivery receipt for each. For example in Python (pip install smpplib):

  from smpplib.client import Client; c = Client("127.0.0.1", {smpp_port}); c.connect(); c.bind_transceiver(system_id="{account}", password="{password}")
  c.send_message(destination_addr="919812345678", short_message=b"Hello", registered_delivery=1)
  c.set_message_received_handler(lambda pdu: print(pdu.short_message)); c.listen()

The receipt is printed when it comes; Ctrl-C ends the listening.

What it cost:    operator-push account show {account} --data-dir {dir}
Its whole story: operator-push message show ID --config {dir}/operator-push.toml   (ID: in the receipt)
Ctrl-C ends both; the data stay in {dir}.
"""  # noqa: E501  # three lines to copy


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("quickstart"),
    show_default=True,
    help="Where data and logs go.",
)
@click.option(
    "--smpp-port", type=click.IntRange(0, 65535), default=2776, show_default=True, help="Ours, for ESMEs."
)
@click.option(
    "--sim-port", type=click.IntRange(0, 65535), default=2775, show_default=True, help="The simulator's."
)
def quickstart(folder: Path, smpp_port: int, sim_port: int) -> None:
    """Start the SMSC simulator and the product on loopback until Ctrl-C, ready for a first message."""
    folder.mkdir(parents=True, exist_ok=True)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    children: list[ChildProgram] = []
    try:
        sim_port = _start_simulator(folder, sim_port, children)
        smpp_port = _start_product(folder, smpp_port, sim_port, children)
        _add_account(folder)
        _set_link(folder, sim_port)
        click.echo(
            HELLO.format(
                sim_port=sim_port,
                smpp_port=smpp_port,
                dir=folder,
                account=ACCOUNT,
                password=PASSWORD,
                money=PLAY_MONEY,
            )
        )
        while not stopped.wait(0.5):
            for child in children:
                if child.process.poll() is not None:
                    raise OperatorError(f"{child.log_file.stem} ended by itself:\n{child.log_tail()}")
    finally:
        for child in reversed(children):
            child.stop()
    click.echo("Stopped.")


def _start_simulator(folder: Path, port: int, children: list[ChildProgram]) -> int:
    ready_file = folder / "smsc-sim.ready.json"
    ready_file.unlink(missing_ok=True)
    out = folder / "smsc"
    command = [
        *program("smsc-sim"),
        "run",
        "--port",
        str(port),
        "--out",
        str(out),
        "--ready-file",
        str(ready_file),
    ]
    child = ChildProgram(command, folder / "smsc-sim.log")
    children.append(child)
    return int(child.wait_ready(ready_file)["port"])


def _start_product(folder: Path, smpp_port: int, sim_port: int, children: list[ChildProgram]) -> int:
    config_file, ready_file = folder / "operator-push.toml", folder / "operator-push.ready.json"
    config_file.write_text(CONFIG.format(smpp_port=smpp_port, sim_port=sim_port))
    ready_file.unlink(missing_ok=True)
    command = [
        *program("operator-push"),
        "serve",
        "--config",
        str(config_file),
        "--ready-file",
        str(ready_file),
    ]
    child = ChildProgram(command, folder / "operator-push.log")
    children.append(child)
    return int(child.wait_ready(ready_file)["smpp_port"])


def _set_link(folder: Path, sim_port: int) -> None:
    """A folder from last time knows the simulator at the port that it had then."""
    with ControlClient(folder) as server:
        for link in server.call("link.list")["links"]:
            if link["settings"]["port"] != sim_port:
                server.call("link.set", name=link["name"], settings={"port": sim_port}, by="quickstart")


def _add_account(folder: Path) -> None:
    with ControlClient(folder) as server:
        known = {account["name"] for account in server.call("account.list")["accounts"]}
        if ACCOUNT not in known:
            server.call(
                "account.add",
                name=ACCOUNT,
                password=PASSWORD,
                traffic_class="transactional",
                any_destination=True,
                prepaid_micros=parse_amount(PLAY_MONEY),
            )
