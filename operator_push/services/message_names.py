"""Message names: what an id is called on the wire, and which id a name means.

Our ids are 64-bit numbers and are told as decimal text. An SMPP 3.3 peer has room for eight characters, so
there a message gets a short name: 32 bits as hexadecimal, nine of them from the day of its id, 23 counted by
account and day. A short name is a row beside the message (store.schema.message_alias), so that the receipt,
a query and a person's question find it after a restart. It belongs to the message, not to the bind: the
receipt bears the name that the submit_sm_resp told.
Laws: a name is one account's own and is given once; it comes again after 512 days (170 where an account goes
over 8 million messages a day). In memory are those of the last days, the oldest forgotten first; a name that
memory does not know is read from the rows.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable

from operator_push.kernel.ids import id_day
from operator_push.services.changes import Changes

NAME_CHARACTERS = 8  # SMPP v3.3: message_id is a C-Octet String of at most 9 octets
NAMES_MAX = 500_000  # Ours: some 150 MB at the very most; the rows know the others
_COUNTER_BITS = 23
_COUNTER_MASK = (1 << _COUNTER_BITS) - 1
_DAYS = 1 << 32 - _COUNTER_BITS
_SPILL_DAYS = 171  # where a day's counter overflows, another third of the days' numbers goes on
_SPILLS = 3


class MessageNames:
    """The short names of one shard."""

    def __init__(self, shard: int, known: Iterable[tuple[int, int, int]] = (), names_max: int = NAMES_MAX):
        """`known`: (account_no, alias, shown id) of the last days, in the order in which they were given."""
        self._shard = shard
        self._names_max = names_max
        self._given: dict[tuple[int, int], int] = {}  # (account_no, day) → how many
        self._ids: OrderedDict[tuple[int, int], int] = OrderedDict()
        self._aliases: dict[int, int] = {}
        self.any: Collection[int] = self._aliases  # true where there is one; asked for every receipt
        for account_no, alias, shown_id in known:
            self._enter(account_no, alias, shown_id)
            key = (account_no, id_day(shown_id))
            self._given[key] = max(self._given.get(key, 0), _count_of(alias, key[1]) + 1)

    def __len__(self) -> int:
        return len(self._ids)

    def give(self, account_no: int, shown_id: int, changes: Changes) -> str:
        """The short name of a message, made now where it has none yet."""
        alias = self._aliases.get(shown_id)
        if alias is None:
            day = id_day(shown_id)
            count = self._given.get((account_no, day), 0)
            if not count:
                self._forget_counters_before(day)
            self._given[account_no, day] = count + 1
            alias = _alias(day, count)
            self._enter(account_no, alias, shown_id)
            changes.message_alias.append((self._shard, day, account_no, alias, shown_id))
        return short_name(alias)

    def name_of(self, shown_id: int) -> bytes:
        """What its ESME was told as the id of a message."""
        alias = self._aliases.get(shown_id) if self._aliases else None
        return b"%d" % shown_id if alias is None else b"%08x" % alias

    def find(self, account_no: int, text: str) -> int | None:
        """The id that an account means by a short name; None where it is none, or not in memory."""
        alias = alias_of(text)
        return None if alias is None else self._ids.get((account_no, alias))

    def _enter(self, account_no: int, alias: int, shown_id: int) -> None:
        self._ids[account_no, alias] = shown_id
        self._aliases[shown_id] = alias
        if len(self._ids) > self._names_max:
            _, forgotten = self._ids.popitem(last=False)
            self._aliases.pop(forgotten, None)

    def _forget_counters_before(self, day: int) -> None:
        for key in [key for key in self._given if key[1] < day - 1]:
            del self._given[key]


def short_name(alias: int) -> str:
    """Eight hexadecimal characters."""
    return f"{alias:08x}"


def alias_of(text: str) -> int | None:
    """The number in a short name, whatever the case of its letters; None for anything else."""
    if len(text) != NAME_CHARACTERS or not all(each in "0123456789abcdefABCDEF" for each in text):
        return None
    return int(text, 16)


def days_of_alias(alias: int, today: int) -> tuple[int, ...]:
    """The days (since 1970, at most `today`) on which an alias can have been given last, newest first."""
    prefix = alias >> _COUNTER_BITS
    back = sorted((today - prefix + spill * _SPILL_DAYS) % _DAYS for spill in range(_SPILLS))
    return tuple(today - days for days in back)


def _alias(day: int, count: int) -> int:
    spill = count >> _COUNTER_BITS
    return (day + spill * _SPILL_DAYS) % _DAYS << _COUNTER_BITS | count & _COUNTER_MASK


def _count_of(alias: int, day: int) -> int:
    for spill in range(_SPILLS):
        if (day + spill * _SPILL_DAYS) % _DAYS == alias >> _COUNTER_BITS:
            return spill << _COUNTER_BITS | alias & _COUNTER_MASK
    return alias & _COUNTER_MASK
