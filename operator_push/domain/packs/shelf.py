"""The shelf: which pack, in which version, speaks for a country on a day."""

from collections.abc import Iterable
from datetime import date
from functools import cache

from operator_push.domain.packs.pack import Pack
from operator_push.domain.packs.reading import pack_files, read_pack
from operator_push.kernel.errors import OperatorError

DEFAULT_PACK = "default"


class PackShelf:
    """Packs by name and by country; of several versions the latest that has begun counts.

    Raises:
        OperatorError: no default pack, a version twice, or a country in packs of two names.
    """

    def __init__(self, packs: Iterable[Pack]) -> None:
        self._versions: dict[str, list[Pack]] = {}
        self._by_country: dict[str, str] = {}
        for pack in packs:
            versions = self._versions.setdefault(pack.pack, [])
            if any(pack.valid_from == other.valid_from for other in versions):
                raise OperatorError(f"pack {pack.pack} has two versions from {pack.valid_from}")
            versions.append(pack)
            versions.sort(key=lambda each: each.valid_from)
            for country in pack.countries:
                other_name = self._by_country.setdefault(country, pack.pack)
                if other_name != pack.pack:
                    raise OperatorError(f"{country} stands in the packs {other_name} and {pack.pack}")
        if DEFAULT_PACK not in self._versions:
            raise OperatorError("there is no pack default, which speaks for every other country")

    def names(self) -> list[str]:
        """The names of all packs."""
        return sorted(self._versions)

    def versions(self, name: str) -> list[Pack]:
        """All versions of a pack, oldest first.

        Raises:
            OperatorError: no pack of that name.
        """
        if name not in self._versions:
            raise OperatorError(f"there is no pack {name!r}; there are {', '.join(self.names())}")
        return list(self._versions[name])

    def pack(self, name: str, at: date) -> Pack:
        """The version of a pack that counts on a day; before its first one, the first.

        A law that is older than our record of it was no void, so the first version speaks for earlier days.

        Raises:
            OperatorError: no pack of that name.
        """
        versions = self.versions(name)
        begun = [pack for pack in versions if pack.valid_from <= at]
        return begun[-1] if begun else versions[0]

    def pack_for(self, country: str, at: date) -> Pack:
        """The pack that speaks for a country (ISO 3166-1 alpha-2): its own, else `default`."""
        return self.pack(self._by_country.get(country, DEFAULT_PACK), at)


@cache
def shipped_packs() -> PackShelf:
    """The packs of this installation; read once."""
    return PackShelf(read_pack(text, name) for name, text in pack_files().items())
