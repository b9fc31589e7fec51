"""Who looks for somebody's messages leaves a row in the vault's audit before the answer."""

import pytest
from control_desk import Written, call, committer_over

from operator_push.gateway.lookup_commands import LookupCommands
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.vault.vault import Vault


@pytest.mark.parametrize(
    ("command", "purpose_of_row", "told_as"),
    [("message.look_up", "message find", "number"), ("dnd.look_up", "dnd show", "msisdn")],
)
def test_a_look_up_is_written_before_it_is_answered(command: str, purpose_of_row: str, told_as: str) -> None:
    written, vault = Written(), Vault(bytes(32), 0)
    (number,) = vault.enrol(["919812345678"], 1).numbers
    handlers = LookupCommands(vault, IdSequence().next_id, committer_over(written)).handlers()
    assert call(handlers, command, number="+91 98123 45678", by="ann") == {told_as: "919812345678"}
    ((_, _, _, actor, purpose, subscriber_no, lookups, *_),) = written.committed[0].vault_audit
    assert (actor, purpose, subscriber_no, lookups) == ("ann", purpose_of_row, number, 1)
    with pytest.raises(OperatorError, match="not an international number"):
        call(handlers, command, number="12", by="ann")
    assert len(written.committed) == 1
