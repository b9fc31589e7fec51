"""Who looks for somebody's messages leaves a row in the vault's audit before the answer."""

import pytest
from control_desk import Written, call, committer_over

from operator_push.gateway.lookup_commands import PURPOSE, LookupCommands
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.vault.vault import Vault


def test_a_look_up_is_written_before_it_is_answered() -> None:
    written, vault = Written(), Vault(bytes(32), 0)
    (number,) = vault.enrol(["919812345678"], 1).numbers
    handlers = LookupCommands(vault, IdSequence().next_id, committer_over(written)).handlers()
    assert call(handlers, "message.look_up", number="+91 98123 45678", by="ann") == {"number": "919812345678"}
    ((_, _, _, actor, purpose, subscriber_no, lookups, _),) = written.committed[0].vault_audit
    assert (actor, purpose, subscriber_no, lookups) == ("ann", PURPOSE, number, 1)
    with pytest.raises(OperatorError, match="not an international number"):
        call(handlers, "message.look_up", number="12", by="ann")
    assert len(written.committed) == 1
