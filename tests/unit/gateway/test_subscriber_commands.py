"""subscriber.import: numbers go to the vault, home zones and serving networks to the clocks."""

from control_desk import Written, call, committer_over

from operator_push.domain.subscriber_clocks import SubscriberClocks
from operator_push.gateway.subscriber_commands import SubscriberCommands
from operator_push.vault.vault import Vault

COLUMNS = ["line", "msisdn", "home_zone", "serving_network"]


def test_rows_are_applied_unchanged_or_rejected_with_their_reason() -> None:
    written, vault, clocks = Written(), Vault(bytes(32), 0), SubscriberClocks()
    handlers = SubscriberCommands(0, vault, clocks, committer_over(written)).handlers()
    rows = [
        [1, "+91 98123 45678", "", ""],
        [2, "919812345679", "Asia/Kolkata", "404-45"],
        [3, "12", "", ""],
        [4, "919812345670", "Mars/Olympus", ""],
        [5, "919812345671", "", "4-45"],
    ]
    told = call(handlers, "subscriber.import", columns=COLUMNS, rows=rows)
    assert (told["applied"], told["unchanged"]) == (2, 0)
    assert [reject["line"] for reject in told["rejected"]] == [3, 4, 5]
    (changes,) = written.committed
    assert len(changes.vault_subscriber) == 4, "a number is one, whatever is wrong with its clock"
    ((table, stored),) = changes.upserts
    assert (table, stored["home_zone"], stored["network_country"]) == (
        "subscriber_clock",
        "Asia/Kolkata",
        "404",
    )
    assert call(handlers, "subscriber.import", columns=COLUMNS, rows=rows[:2])["unchanged"] == 2


def test_a_dash_forgets_and_nothing_leaves_what_is_known() -> None:
    written, vault, clocks = Written(), Vault(bytes(32), 0), SubscriberClocks()
    handlers = SubscriberCommands(0, vault, clocks, committer_over(written)).handlers()
    call(handlers, "subscriber.import", rows=[{"msisdn": "919812345678", "home_zone": "Asia/Kolkata"}])
    call(handlers, "subscriber.import", rows=[{"msisdn": "919812345678", "serving_network": "234-15"}])
    assert clocks.noted(1) == ("Asia/Kolkata", "234")
    told = call(handlers, "subscriber.import", rows=[{"msisdn": "919812345678", "home_zone": "-"}])
    assert told["applied"] == 1
    assert clocks.noted(1) == ("", "234")
