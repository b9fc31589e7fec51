"""Rule set book: gives the rules in force their number, and a new one where they have changed.

A rule set that has been in force before has its old number again. The row is written with the first commit
after the change, with which the first decision by it is written too.
"""

from collections.abc import Callable, Iterable

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.rule_sets import Content, content_text, marks_of
from operator_push.services.changes import Changes

Described = Callable[[], Content]


class RuleSetBook:
    """The rule sets of one shard: (number, content) as stored."""

    def __init__(
        self, shard: int, facts: PolicyFacts, describe: Described, stored: Iterable[tuple[int, str]] = ()
    ) -> None:
        self._shard = shard
        self._facts = facts
        self._describe = describe
        self._numbers = {content: number for number, content in stored}
        self.current = 0

    def bring_up_to_date(self, now_us: int, changes: Changes) -> int:
        """Number what is in force now, and mark decisions with it from here on; returns the number."""
        content = content_text(self._describe())
        number = self._numbers.get(content)
        if number is None:
            number = self._numbers[content] = max(self._numbers.values(), default=0) + 1
            row: dict[str, object] = {
                "shard": self._shard,
                "rule_set_no": number,
                "content": content,
                "first_used_us": now_us,
            }
            changes.upserts.append(("rule_set", row))
        self.current = number
        self._facts.rule_set = marks_of(number)
        return number
