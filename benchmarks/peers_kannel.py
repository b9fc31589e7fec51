"""Kannel of Debian between an HTTP load and the simulator, with its file store or its spool store.

Kannel's SMPP server front is not in Debian: messages come in by smsbox's sendsms, receipts leave by dlr-url.
"""

import sys
from pathlib import Path
from typing import Any

from peers_programs import (
    ended_at_the_end,
    figures,
    free_port,
    listens,
    measure,
    require,
    start_simulator,
    until,
)
from whole_path import LINK_WINDOW

from operator_push.cli.child_programs import ChildProgram

INSTALL = "apt-get install kannel"
STORES = {
    "file": "store-type = file\nstore-file = {folder}/kannel.store",
    "spool": "store-type = spool\nstore-location = {folder}/spool",
}
WARNING = 2  # log-level; ours logs warnings too
CONFIG = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = bar
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
dlr-storage = internal
log-file = {folder}/bearerbox.log
log-level = {level}
{store}

group = smsc
smsc = smpp
smsc-id = sim
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = gateway
smsc-password = secret
system-type = ""
msg-id-type = 0x00
max-pending-submits = {window}
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
log-file = {folder}/smsbox.log
log-level = {level}

group = sendsms-user
username = load
password = load
max-messages = 10
"""


def measure_kannel(folder: Path, store: str, messages: int, window: int, subscribers: int) -> dict[str, Any]:
    """One run. `store` is a key of STORES.

    Raises:
        MissingPeerError: Kannel is not installed.
    """
    bearerbox, smsbox = require("bearerbox", INSTALL), require("smsbox", INSTALL)
    (folder / "spool").mkdir(parents=True)
    with ended_at_the_end() as children:
        simulator, smsc_port = start_simulator(folder, children)
        config, admin, sendsms = folder / "kannel.conf", free_port(), free_port()
        config.write_text(
            CONFIG.format(
                folder=folder,
                level=WARNING,
                smsc=smsc_port,
                window=LINK_WINDOW,
                admin=admin,
                box=free_port(),
                sendsms=sendsms,
                store=STORES[store].format(folder=folder),
            )
        )
        box = _start(bearerbox, config, children)
        until(lambda: listens(admin), "bearerbox listens", children)
        front = _start(smsbox, config, children)
        until(lambda: listens(sendsms), "smsbox listens", children)
        out = folder / "load.json"
        program = [sys.executable, str(Path(__file__).with_name("peers_http_load.py"))]
        asked = {
            "port": sendsms,
            "messages": messages,
            "window": window,
            "subscribers": subscribers,
            "out": out,
        }
        options = [word for name, value in asked.items() for word in (f"--{name}", str(value))]
        run = measure(
            lambda: ChildProgram([*program, *options], folder / "load.log"),
            out,
            {"bearerbox": box, "smsbox": front},
            simulator,
        )
    return figures("Kannel 1.4.5", "HTTP (smsbox)", store, run, run.told)


def _start(name: str, config: Path, children: list[ChildProgram]) -> ChildProgram:
    child = ChildProgram([name, str(config)], config.parent / f"{Path(name).name}.out")
    children.append(child)
    return child
