"""Versions: which one is in force at a moment, and what two of them say differently."""

from collections.abc import Iterable, Iterator

import msgspec

from operator_push.domain.rating.document import TariffDocument
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso


def version_at(documents: Iterable[TariffDocument], at_us: int) -> TariffDocument:
    """The highest version that is valid at a moment.

    Raises:
        OperatorError: the documents are of several tariffs, two have one version, or none is valid then.
    """
    given = list(documents)
    names = sorted({each.tariff for each in given})
    if len(names) > 1:
        raise OperatorError(f"these are versions of several tariffs: {', '.join(names)}; give one tariff's")
    versions = [each.version for each in given]
    twice = sorted({version for version in versions if versions.count(version) > 1})
    if twice:
        raise OperatorError(f"version {twice[0]} of {names[0]} is given twice")
    valid = [each for each in given if each.is_valid_at(at_us)]
    if not valid:
        raise OperatorError(f"no version of {names[0] if names else 'any tariff'} is valid at {iso(at_us)}")
    return max(valid, key=lambda each: each.version)


class Difference(msgspec.Struct, frozen=True):
    """One key that differs; `before` or `after` None: it is not there."""

    key: str
    before: object | None
    after: object | None


def differences(before: TariffDocument, after: TariffDocument) -> list[Difference]:
    """What two versions say differently, by key; rules are the same rule where kind and name are."""
    old, new = dict(leaves(before)), dict(leaves(after))
    keys = [*old, *(key for key in new if key not in old)]
    return [Difference(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]


def leaves(document: TariffDocument) -> list[tuple[str, object]]:
    """All that a document says, by key; a rule's key has its kind and name: price[india].per_segment."""
    return list(_walk(msgspec.to_builtins(document, enc_hook=_plain), ""))


def _walk(value: object, key: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _walk(each, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list | tuple) and value and isinstance(value[0], dict):
        for number, each in enumerate(value, start=1):
            name = each.get("name", number)
            yield from _walk({k: v for k, v in each.items() if k != "name"}, f"{key}[{name}]")
    elif value is not None and value not in ([], ()):
        yield key, value


def _plain(value: object) -> object:
    if isinstance(value, int):
        return int(value)
    raise TypeError(f"{type(value).__name__} is not part of a tariff document")
