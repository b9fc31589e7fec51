"""People: the commands of the control socket about subscribers, permission and the register."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from operator_push.bootstrap.policy import empty_clocks, read_quiet_hours
from operator_push.bootstrap.state import State
from operator_push.config import Settings
from operator_push.domain.holdout import Holdout
from operator_push.domain.subscriber_clocks import SubscriberClocks
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_server import Handler
from operator_push.gateway.dlt_commands import DltCommands
from operator_push.gateway.dnd_commands import DndCommands
from operator_push.gateway.permission_commands import PermissionCommands
from operator_push.gateway.subscriber_commands import SubscriberCommands
from operator_push.services.changes import Changes
from operator_push.services.explain_rules import Then, explain_rules, policy_then
from operator_push.services.manage_permission import ManagePermission

Told = dict[str, Any]


def people_handlers(
    settings: Settings, pseudonym_key: bytes, state: State, committer: Committer
) -> dict[str, Handler]:
    """Command name → handler; a changed register is another rule set, and who was in the control group of
    then follows from the key."""

    def register_changed() -> None:
        state.rule_sets.bring_up_to_date(now_us(), committer.changes)

    next_id, brand_no_of = state.ids.next_id, state.registry.known_brand_no
    way_outs = state.way_outs if settings.way_out.first_message else None

    def explain(number: int, msisdn: str, brand_no: int, category: int, at_us: int, channel: str) -> Told:
        return explain_rules(
            state.policy, number, msisdn, brand_no, category, at_us, channel, way_outs=way_outs
        )

    def clocks_of(quiet: Told | None) -> SubscriberClocks:
        return empty_clocks(settings.policy.quiet_hours if quiet is None else read_quiet_hours(quiet))

    def explain_then(
        number: int, msisdn: str, brand_no: int, category: int, at_us: int, channel: str, then: Then
    ) -> Told:
        group = partial(Holdout, pseudonym_key)
        policy = policy_then(state.policy, number, msisdn, then, clocks_of, group)
        return explain_rules(policy, number, msisdn, brand_no, category, at_us, channel)

    return {
        **DltCommands(state.dlt, committer, register_changed).handlers(),
        **PermissionCommands(state.vault, brand_no_of, next_id, committer, explain, explain_then).handlers(),
        **SubscriberCommands(state.shard, state.vault, state.facts.clocks, committer).handlers(),
        **DndCommands(state.shard, state.facts.dnd, committer, register_changed).handlers(),
    }


def manage_permission(
    state: State, committer: Committer, on_stopped: Sequence[Callable[[str, int, Changes], object]]
) -> ManagePermission:
    """The use case that records acts of consent; who is linked to a customer code is the vault's to tell."""

    def linked_msisdn(account_no: int, customer_code: str) -> str:
        number = state.person_links.holder(account_no, customer_code)
        return state.vault.msisdn_of(number, "customer code") if number else ""

    return ManagePermission(
        state.shard,
        state.ids,
        state.facts.permission,
        state.vault.number_of,
        lambda name: state.registry.brand_no(name, committer.changes),
        notices=state.mo.dialogues.notices,
        on_stopped=on_stopped,
        linked_msisdn=linked_msisdn,
    )


def audit_lookups(state: State, committer: Committer) -> None:
    """Stage the rows of the vault's look-ups since the last commit."""
    at_us = now_us()
    rows = state.vault.take_audit_rows(lambda: state.ids.next_id(at_us), at_us)
    committer.changes.vault_audit.extend(rows)
