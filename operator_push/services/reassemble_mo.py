"""Reassemble MO: the parts of a subscriber's long message wait for each other, for a stated time.

Each part is a row before it is acknowledged, so a restart reads the waiting ones back. A message that is not
whole in time goes on as the parts that came. One that went on whole is remembered as long, because an SMSC
that misses an acknowledgement sends the part again.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import msgspec

from operator_push.services.hear_subscribers import Inbound

GROUPS_MAX = 20_000  # Ours: long messages under way; beyond it the oldest goes on as it is.

MoPart = tuple[int, Inbound]  # mo_id and what came


class _Group(msgspec.Struct, gc=False):
    started_us: int
    parts: dict[int, MoPart]


_Key = tuple[str, str, int, int]


class ReassembleMo:
    """The long messages that are under way, by sender, short code, reference and number of parts."""

    def __init__(self, wait_us: int) -> None:
        self._wait_us = wait_us
        self._groups: OrderedDict[_Key, _Group] = OrderedDict()
        self._whole: OrderedDict[_Key, tuple[int, dict[int, str]]] = (
            OrderedDict()
        )  # moment, texts of the parts

    def __len__(self) -> int:
        return len(self._groups)

    def add(self, mo_id: int, inbound: Inbound, now_us: int) -> list[MoPart] | None:
        """Take a part in; all parts in their order where it was the last that was missing, else None.

        A part that comes again (its acknowledgement was lost) takes its own place. [] where its message went
        on whole already: the same text as the same part. Another text is a new message by an old reference.
        """
        part = inbound.part
        if part is None:
            return [(mo_id, inbound)]
        key = (inbound.source, inbound.destination, part.reference, part.total)
        if self._went_on(key, part.part, inbound.text, now_us):
            return []
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(now_us, {})
        group.parts[part.part] = (mo_id, inbound)
        if len(group.parts) < part.total:
            return None
        del self._groups[key]
        self._whole[key] = (now_us, {number: part.text for number, (_, part) in group.parts.items()})
        self._whole.move_to_end(key)
        if len(self._whole) > GROUPS_MAX:
            self._whole.popitem(last=False)
        return [group.parts[number] for number in sorted(group.parts)]

    def _went_on(self, key: _Key, number: int, text: str, now_us: int) -> bool:
        at_us, texts = self._whole.get(key, (0, {}))
        return key not in self._groups and now_us - at_us < self._wait_us and texts.get(number) == text

    def overdue(self, now_us: int) -> list[list[MoPart]]:
        """The messages that are not whole in time, each as the parts that came, in their order."""
        found = []
        while self._whole and now_us - next(iter(self._whole.values()))[0] >= self._wait_us:
            self._whole.popitem(last=False)
        while self._groups:
            oldest = next(iter(self._groups.values()))
            if now_us - oldest.started_us < self._wait_us and len(self._groups) <= GROUPS_MAX:
                break
            self._groups.popitem(last=False)
            found.append([oldest.parts[number] for number in sorted(oldest.parts)])
        return found

    def restore(self, parts: Iterable[tuple[int, Inbound, int]]) -> None:
        """After a restart: (mo_id, inbound, moment) of the stored parts in their order.

        What is whole has gone on in the transaction that stored its last part.
        """
        for mo_id, inbound, at_us in parts:
            self.add(mo_id, inbound, at_us)

    def waiting_ids(self) -> Sequence[int]:
        """The mo_ids of every part that waits."""
        return [mo_id for group in self._groups.values() for mo_id, _ in group.parts.values()]

    def drop(self, mo_ids: Iterable[int]) -> None:
        """Forget the messages of which one of these parts has gone on already."""
        gone = set(mo_ids)
        for key, group in list(self._groups.items()):
            if not gone.isdisjoint(mo_id for mo_id, _ in group.parts.values()):
                del self._groups[key]
