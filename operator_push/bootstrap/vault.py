"""The vault's key commands, put together over a loaded state."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from sqlalchemy import Connection

from operator_push.bootstrap.lookup_key_files import remove_key, write_next_key
from operator_push.bootstrap.state import State
from operator_push.config import Settings
from operator_push.gateway.committer import Committer
from operator_push.gateway.vault_commands import KeyStore, VaultCommands
from operator_push.store.lookup_key_rows import renew_page, versions_in_use
from operator_push.store.writer_thread import WriterThread


class Parts(Protocol):
    """What is needed of a gateway's parts."""

    settings: Settings
    state: State
    writer: WriterThread
    committer: Committer


def vault_commands(parts: Parts, call_later: Callable[..., object]) -> VaultCommands:
    """The commands; what an earlier rotation left goes on."""
    state, data_dir = parts.state, parts.settings.data_dir
    shard = state.shard

    def in_use(connection: Connection) -> set[int]:
        people, erased = versions_in_use(connection, shard)
        return {*people, *erased}

    store = KeyStore(
        partial(write_next_key, data_dir),
        partial(remove_key, data_dir),
        lambda connection, after, version, value: renew_page(connection, shard, after, version, value),
        in_use,
    )
    commands = VaultCommands(state.vault, store, state.ids.next_id, parts.writer, parts.committer, call_later)
    commands.go_on()
    return commands
