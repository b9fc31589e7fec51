"""Look-up keys: the versions of the key by which the vault's look-up values are made.

Version 0 is the pseudonym key; a rotation makes the next one, which is used from then on. An older one is
needed as long as somebody who was erased is known by it alone: their number is not kept, so that no value of
it can be made by another key.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from operator_push.kernel.pseudonym import key_id, lookup_value

FIRST_VERSION = 0
_KIND = "msisdn"


@dataclass(frozen=True, slots=True)
class LookupKeys:
    """The keys by version; the highest is the current one."""

    by_version: Mapping[int, bytes]

    @property
    def current(self) -> int:
        """The version that new look-up values are made with."""
        return max(self.by_version)

    def value(self, msisdn: str, version: int | None = None) -> bytes:
        """The look-up value of a number, by the current key or another.

        Raises:
            KeyError: there is no key of this version any more.
        """
        return lookup_value(self.by_version[self.current if version is None else version], _KIND, msisdn)

    def key_id(self, version: int) -> str:
        """The name of a key, which does not tell it; empty where it is gone."""
        return key_id(self.by_version[version]) if version in self.by_version else ""

    def with_key(self, key: bytes) -> "LookupKeys":
        """These and the next one."""
        return LookupKeys({**self.by_version, self.current + 1: key})

    def without(self, version: int) -> "LookupKeys":
        """These but one."""
        return LookupKeys({each: key for each, key in self.by_version.items() if each != version})
