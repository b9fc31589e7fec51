"""Owners: the parts that follow numbers which change hands, and erase people, over a loaded state."""

import secrets
from collections.abc import Callable

from sqlalchemy import Connection

from operator_push.bootstrap.vault import Parts, vault_commands
from operator_push.gateway.control_server import Handler
from operator_push.gateway.owner_commands import OwnerCommands
from operator_push.kernel.pseudonym import LOOKUP_OCTETS
from operator_push.services.change_owner import ChangeOwner
from operator_push.services.changes import Changes
from operator_push.store.erasure_rows import erase_person


def owner_handlers(
    parts: Parts, call_later: Callable[..., object], *forgets: Callable[[int, Changes], object]
) -> dict[str, Handler]:
    """The commands, and those of the vault's keys; the vault is told to keep silent who was erased and comes
    again, `forgets` are told of everybody who is no longer who they were."""
    state, writer, committer = parts.state, parts.writer, parts.committer
    owners = ChangeOwner(state.shard, state.ids, state.facts.permission, state.vault)
    owners.on_gone += [state.lists.forget, *forgets]
    state.vault.on_suppressed = lambda number, at_us: owners.suppress(number, at_us, committer.changes)

    def erase(connection: Connection, forgotten: tuple[int, bytes, int], at_us: int, by: str) -> int:
        unlinked = secrets.token_bytes(LOOKUP_OCTETS)
        return erase_person(connection, state.shard, *forgotten, unlinked, at_us, by)

    return {
        **OwnerCommands(owners, state.vault, erase, writer, committer).handlers(),
        **vault_commands(parts, call_later).handlers(),
    }
