"""Lists over the control socket: by number and by customer code, with what the client says of its people."""

from typing import Any

import pytest
from control_desk import Written, call, committer_over

from operator_push.domain.person_links import PersonLink, PersonLinks
from operator_push.gateway.list_commands import ListCommands
from operator_push.kernel.errors import OperatorError
from operator_push.services.distribution_lists import DistributionLists
from operator_push.services.registry import Account, Registry
from operator_push.vault.vault import Enrolment

ASHA, RAVI = "919812345671", "919812345672"
LINKED = 9  # whose code is C-1


class Vault:
    """Two people by their numbers."""

    def enrol(self, msisdns: list[str], at_us: int) -> Enrolment:
        return Enrolment([self.number_of(each) for each in msisdns], [])

    def number_of(self, msisdn: str) -> int:
        return {ASHA: 1, RAVI: 2}[msisdn]


class Desk:
    def __init__(self) -> None:
        account = Account(1, "chai", "enterprise", 7, "", True, 3, 0, (), False, 1, 1, "INR", 0)
        links = PersonLinks([PersonLink(1, LINKED, customer_code="C-1", linked_us=5)])
        self.written, self.lists = Written(), DistributionLists()
        commands = ListCommands(
            self.lists,
            Registry([(7, "Chai")], [account]),
            Vault(),  # type: ignore[arg-type]
            {1: ASHA, 2: RAVI}.__getitem__,
            links,
            committer_over(self.written),
        )
        self.handlers = commands.handlers()

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        return call(self.handlers, f"list.{do}", account="chai", name="vip", **args)

    @property
    def said(self) -> dict[int, str]:
        """Subscriber → what was stored last."""
        rows = [row for changes in self.written.committed for table, row in changes.upserts if "own" in row]
        return {int(row["subscriber_no"]): str(row["own"]) for row in rows}


def test_who_is_brought_by_code_is_shown_by_code() -> None:
    desk = Desk()
    assert desk.call("add", msisdns=[ASHA], customer_codes=["C-1"]) == {"changed": 2, "members": 2}
    assert desk.call("show") == {
        "members": 2,
        "msisdns": [ASHA],
        "customer_codes": ["C-1"],
        "columns": {},
    }
    assert desk.call("remove", customer_codes=["C-1"]) == {"changed": 1, "members": 1}
    assert desk.lists.members_of(1, "vip") == (1,)


def test_a_code_of_nobody_is_named_by_its_place() -> None:
    with pytest.raises(OperatorError, match="customer code 2 is linked to nobody"):
        Desk().call("add", customer_codes=["C-1", "C-2"])


def test_rows_are_taken_with_their_values_or_rejected_with_their_reason() -> None:
    desk = Desk()
    rows = [
        {"line": 2, "msisdn": ASHA, "customer_code": "", "name": "Asha", "points:number": "12"},
        {"line": 3, "msisdn": "", "customer_code": "C-1", "name": "", "points:number": "1.5"},
        {"line": 4, "msisdn": RAVI, "customer_code": "", "name": "Ravi", "points:number": "many"},
        {"line": 5, "msisdn": "", "customer_code": "C-9", "name": "", "points:number": ""},
        {"line": 6, "msisdn": "", "customer_code": "", "name": "", "points:number": ""},
        {"line": 7, "msisdn": RAVI, "customer_code": "", "name": "see go.example/x", "points:number": ""},
        {"line": 8, "msisdn": "12ab", "customer_code": "", "name": "", "points:number": ""},
    ]
    answer = desk.call("import", rows=rows)
    assert (answer["applied"], answer["unchanged"], answer["members"]) == (2, 0, 2)
    reasons = {each["line"]: each["reason"] for each in answer["rejected"]}
    assert list(reasons) == [4, 5, 6, 7, 8]
    assert reasons[4] == "points is no number such as 12.50"
    assert "cannot stand in a text" in reasons[7]
    assert desk.said == {1: '{"name": "Asha", "points": 12}', LINKED: '{"points": 1.5}'}
    assert desk.call("show")["columns"] == {"name": "text", "points": "number"}
    assert desk.call("import", rows=[rows[0]])["applied"] == 1  # anew, in the place of what was there
    assert desk.call("import", rows=[{"line": 2, "msisdn": ASHA}])["unchanged"] == 1
