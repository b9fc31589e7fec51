"""Jasmin 0.11.0 between the load and the simulator, with Debian's RabbitMQ and Redis, all children of ours.

Jasmin lives in a virtual environment of its own (.bench-peers/venv). 0.11.1 breaks receipts. Its billing is
on: the user has a balance and each message a rate, as ours is held and settled.
"""

import os
import socket
from pathlib import Path
from typing import Any

from peers_programs import (
    MissingPeerError,
    ended_at_the_end,
    figures,
    free_port,
    listens,
    measure,
    require,
    start_simulator,
    until,
)
from prepared_store import FIRST_MSISDN
from whole_path import LOAD

from operator_push.cli.child_programs import ChildProgram, program

VERSION = "0.11.0"
VENV = Path(__file__).parents[1] / ".bench-peers" / "venv"
INSTALL = f"python3 -m venv .bench-peers/venv && .bench-peers/venv/bin/pip install jasmin=={VERSION}"
RECEIPTS_WAIT_S = 120
LOCKS = ("jasmind", "dlrd-master", "dlrlookupd-master")  # of fixed names in /tmp; left behind by a kill -9
QUIET_SECTIONS = (
    "smpp-server",
    "smpp-server-pb",
    "client-management",
    "service-smppclient",
    "sm-listener",
    "dlr",
)
QUIET_SECTIONS += (
    "amqp-broker",
    "http-api",
    "router",
    "deliversm-thrower",
    "dlr-thrower",
    "redis-client",
    "jcli",
)
CONNECTOR = "smppccm -a|cid sim|host 127.0.0.1|port {port}|username gateway|password secret"
UNTHROTTLED = "|submit_throughput 0|loglevel 30|ok"  # of its own accord it sends one message a second
DIALOGUE = (
    "group -a|gid load|ok",
    "user -a|username load|password load|gid load|uid load|mt_messaging_cred quota balance 1000000|ok",
    CONNECTOR + UNTHROTTLED,
    "smppccm -1 sim",
    "mtrouter -a|type DefaultRoute|connector smppc(sim)|rate 0.01|ok",
)


def measure_jasmin(folder: Path, messages: int, window: int, subscribers: int) -> dict[str, Any]:
    """One run.

    Raises:
        MissingPeerError: Jasmin, RabbitMQ or Redis is not installed, or another Jasmin holds its locks.
    """
    folder.mkdir(parents=True)
    scripts = _jasmin_scripts()
    rabbitmq = require("rabbitmq-server", "apt-get install --no-install-recommends rabbitmq-server")
    redis = require("redis-server", "apt-get install --no-install-recommends redis-server")
    with ended_at_the_end() as children:
        simulator, smsc_port = start_simulator(folder, children)
        redis_port = free_port()
        options = ["--port", str(redis_port), "--bind", "127.0.0.1", "--dir", str(folder)]
        store = _child(folder, children, [redis, *options])
        broker, broker_port = _start_rabbitmq(folder, children, rabbitmq)
        until(lambda: listens(redis_port) and listens(broker_port), "Redis and RabbitMQ listen", children)
        jasmin = _Jasmin(folder, children, scripts, broker_port, redis_port)
        jasmin.talk(smsc_port)
        plan, out = folder / "load.toml", folder / "load"
        asked = {
            "port": jasmin.smpp_port,
            "account": "load",
            "password": "load",
            "binds": 1,
            "window": window,
        }
        asked |= {"texts": round(messages / 1.1), "first": FIRST_MSISDN, "subscribers": subscribers}
        text = LOAD.format(loop='kind = "closed"', **asked)
        plan.write_text(f"{text}\n[receipts]\nwait_s = {RECEIPTS_WAIT_S}\n")
        command = [*program("smsc-sim"), "load", "--config", str(plan), "--out", str(out), "--quiet"]
        run = measure(
            lambda: ChildProgram(command, folder / "load.log"),
            out / "load.json",
            {"redis": store, "rabbitmq": broker, **jasmin.daemons},
            simulator,
        )
        for daemon in reversed(jasmin.daemons.values()):
            daemon.stop()
    told = run.told
    matched = told["receipts"]["matched"]
    return figures(
        f"Jasmin {VERSION}",
        "SMPP",
        "RabbitMQ, Redis",
        run,
        {
            "messages": matched,
            "failed": told["receipts"]["expected"] - matched + told["figures"]["refused"],
            "seconds": told["total_s"],
            "accepted_per_second": round(told["figures"]["accepted_per_s"], 1),
            "load_cpu_us_per_message": round(told["generator"]["cpu_us_per_submit"], 1),
        },
    )


def _jasmin_scripts() -> dict[str, str]:
    found = {name: str(VENV / "bin" / f"{name}.py") for name in ("jasmind", "dlrd", "dlrlookupd")}
    metadata = list((VENV / "lib").glob(f"python3*/site-packages/jasmin-{VERSION}.dist-info"))
    if not metadata:
        raise MissingPeerError(f"Jasmin {VERSION} is missing; install it: {INSTALL}")
    for name in LOCKS:
        lock = Path("/tmp") / f"{name}.lock"
        if os.path.lexists(lock):
            raise MissingPeerError(
                f"another Jasmin runs here, or died and left {lock}; end it, or remove that"
            )
    return found


def _child(
    folder: Path, children: list[ChildProgram], command: list[str], environment: dict[str, str] | None = None
) -> ChildProgram:
    name = Path(command[-1] if command[0].endswith("python") else command[0]).name
    child = ChildProgram(command, folder / f"{name}.log", environment)
    children.append(child)
    return child


def _start_rabbitmq(folder: Path, children: list[ChildProgram], command: str) -> tuple[ChildProgram, int]:
    """RabbitMQ with a name, ports and folders of its own, and an epmd of its own that ends with it."""
    port, epmd_port = free_port(), free_port()
    home = folder / "rabbitmq"
    home.mkdir()
    (home / "enabled_plugins").write_text("[].\n")
    (home / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{port}\n")
    # Not Debian's wrapper, which would become the user rabbitmq; what it wraps takes our folders as they are.
    inner = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    environment = {
        "HOME": str(home),
        "ERL_EPMD_PORT": str(epmd_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"bench{port}@localhost",
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_PID_FILE": str(home / "pid"),
    }
    # Started by us in the foreground, because the one that RabbitMQ starts would stay when it is gone.
    epmd = require("epmd", "apt-get install erlang-base")
    _child(folder, children, [epmd, "-port", str(epmd_port), "-address", "127.0.0.1"])
    until(lambda: listens(epmd_port), "epmd listens", children)
    server = _child(folder, children, [str(inner) if inner.exists() else command], environment)
    return server, port


class _Jasmin:
    """Its three daemons, as its packages start them: the gateway, the DLR lookup and the DLR thrower."""

    def __init__(
        self,
        folder: Path,
        children: list[ChildProgram],
        scripts: dict[str, str],
        broker_port: int,
        redis_port: int,
    ) -> None:
        self._children = children
        ports = {name: free_port() for name in ("smpps", "smpps_pb", "clients", "http", "router", "jcli")}
        self.smpp_port, self._jcli_port = ports["smpps"], ports["jcli"]
        for made in ("log", "store", "resource"):
            (folder / "jasmin" / made).mkdir(parents=True)
        config = folder / "jasmin" / "jasmin.cfg"
        config.write_text(_config(ports, broker_port, redis_port))
        environment = {
            "ROOT_PATH": str(folder),
            "CONFIG_PATH": str(config.parent),
            "LOG_PATH": str(folder / "jasmin" / "log"),
            "STORE_PATH": str(folder / "jasmin" / "store"),
            "PYTHONWARNINGS": "ignore",
        }
        self.daemons: dict[str, ChildProgram] = {}
        for name in ("jasmind", "dlrlookupd", "dlrd"):
            command = [str(VENV / "bin" / "python"), scripts[name], "-c", str(config)]
            child = ChildProgram(command, folder / f"{name}.log", environment)
            children.append(child)
            self.daemons[name] = child
            if name == "jasmind":
                until(lambda: all(map(listens, ports.values())), "Jasmin listens", children)

    def talk(self, smsc_port: int) -> None:
        """Make the user, the connector and the route at the console, and wait for the bind."""
        with socket.create_connection(("127.0.0.1", self._jcli_port), 10) as console:
            _read(console)
            for line in DIALOGUE:
                for word in line.format(port=smsc_port).split("|"):
                    console.sendall(word.encode() + b"\r\n")
                    told = _read(console)
                if "rror" in told or "nknown" in told:
                    raise RuntimeError(f"Jasmin's console answered {line!r} with {told!r}")

            def bound() -> bool:
                console.sendall(b"smppccm -l\r\n")
                return "BOUND" in _read(console)

            until(bound, "Jasmin is bound to the simulator", self._children)


def _read(console: socket.socket) -> str:
    """What the console says until it is quiet."""
    console.settimeout(0.4)
    told = b""
    try:
        while more := console.recv(65536):
            told += more
    except TimeoutError:
        pass
    return told.decode(errors="replace")


def _config(ports: dict[str, int], broker_port: int, redis_port: int) -> str:
    """jasmin.cfg for all three daemons. Warnings are logged, as ours does, not every message."""
    spec = next((VENV / "lib").glob("python3*/site-packages/txamqp/specs/standard/amqp0-9-1.stripped.xml"))
    settings: dict[str, dict[str, object]] = {name: {"log_level": "WARNING"} for name in QUIET_SECTIONS}
    local = {"bind": "127.0.0.1"}
    settings["smpp-server"] |= {**local, "port": ports["smpps"], "billing_feature": True}
    settings["smpp-server-pb"] |= {**local, "port": ports["smpps_pb"]}
    settings["smpp-server-pb-client"] = {"host": "127.0.0.1", "port": ports["smpps_pb"]}
    settings["client-management"] |= {**local, "port": ports["clients"]}
    settings["http-api"] |= {**local, "port": ports["http"]}
    settings["router"] |= {**local, "port": ports["router"]}
    settings["jcli"] |= {**local, "port": ports["jcli"], "authentication": False}
    settings["amqp-broker"] |= {"host": "127.0.0.1", "port": broker_port, "spec": spec}
    settings["redis-client"] |= {"host": "127.0.0.1", "port": redis_port}
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in section.items())
        for name, section in settings.items()
    )
