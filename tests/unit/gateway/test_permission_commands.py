"""Who asks about somebody's permission leaves a row in the vault's audit before the answer."""

import pytest
from control_desk import Written, call, committer_over

from operator_push.gateway.permission_commands import PURPOSE, PermissionCommands
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.vault.vault import Vault


def test_a_look_up_is_written_before_it_is_answered() -> None:
    written, vault = Written(), Vault(bytes(32), 0)
    (number,) = vault.enrol(["919812345678"], 1).numbers
    commands = PermissionCommands(vault, {"Chai": 3}.get, IdSequence().next_id, committer_over(written))
    handlers = commands.handlers()
    told = call(handlers, "permission.look_up", number="+91 98123 45678", brand="Chai", by="ann")
    assert told == {"subscriber_no": number, "country": "IN", "brand_no": 3}
    ((_, _, _, actor, purpose, subscriber_no, lookups, _),) = written.committed[0].vault_audit
    assert (actor, purpose, subscriber_no, lookups) == ("ann", PURPOSE, number, 1)
    nobody = call(handlers, "permission.look_up", number="919800000000", brand="None", by="ann")
    assert nobody == {"subscriber_no": 0, "country": "IN", "brand_no": None}
    with pytest.raises(OperatorError, match="not an international number"):
        call(handlers, "permission.look_up", number="12", by="ann")
