"""Needs: what a choice of features is made from, read out of the definitions themselves.

Of a partial only the columns and the days are computed that a chosen feature sees.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import ibis
import ibis.expr.operations as ops
import msgspec

from cdr_ingest.features.definitions import DEFINITIONS
from cdr_ingest.features.partials import Partial
from cdr_ingest.features.sources import SOURCES, View
from operator_push.kernel.contracts import FeaturesManifest
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import DERIVED, FEATURES_BY_NAME, Feature

# Each set of purposes has its table, whatever is chosen.
PURPOSES = tuple(dict.fromkeys(int(feature.purpose) for feature in DERIVED))


@dataclass(slots=True)
class PartialNeed:
    """The sums of a partial, and of how many days until the last; None: of all."""

    columns: set[str] = field(default_factory=set)
    days: int | None = 0

    def covers(self, day: int, last_day: int) -> bool:
        """Whether a local day, since 1970, is one of them."""
        return day <= last_day and (self.days is None or day > last_day - self.days)


@dataclass(frozen=True, slots=True)
class Needs:
    """What the features `chosen`, in the catalogue's order, are made from; `is_all`: none was left out."""

    chosen: tuple[Feature, ...]
    is_all: bool
    partials: Mapping[Partial, PartialNeed]
    columns: Mapping[View, frozenset[str]]


def chosen_before(out: Path) -> tuple[str, ...]:
    """The choice by which the features of an out folder were computed; empty: all, or nothing is there."""
    try:
        said = msgspec.json.decode((out / "features.json").read_bytes(), type=FeaturesManifest)
    except (OSError, msgspec.DecodeError):
        return ()
    # What this version does not know any more is not computed any more.
    return tuple(name for name in said.features if name in DEFINITIONS)


def check_names(names: Iterable[str]) -> tuple[str, ...]:
    """The names, each once, in the catalogue's order.

    Raises:
        OperatorError: there is no such feature, or people tell it themselves.
    """
    wanted = set(names)
    known = {feature.name for feature in DERIVED}
    if unknown := sorted(wanted - known):
        declared = [name for name in unknown if name in FEATURES_BY_NAME]
        said = "is declared, not computed" if declared else "is no feature"
        raise OperatorError(
            f"{(declared or unknown)[0]} {said}; `cdr-ingest features list` names them", key="--features"
        )
    return tuple(feature.name for feature in DERIVED if feature.name in wanted)


def needs_of(names: Iterable[str] = ()) -> Needs:
    """What these features need; without any, all of them.

    Raises:
        OperatorError: as `check_names`.
    """
    wanted = check_names(names) or tuple(feature.name for feature in DERIVED)
    chosen = tuple(FEATURES_BY_NAME[name] for name in wanted)
    partials: dict[Partial, PartialNeed] = {}
    columns: dict[View, frozenset[str]] = {}
    for feature in chosen:
        view = DEFINITIONS[feature.name].view
        used = used_columns(feature.name)
        columns[view] = columns.get(view, frozenset()) | used
        form = SOURCES[view.source]
        if form.partial is not None:
            need = partials.setdefault(form.partial, PartialNeed())
            need.columns |= {behind for name in used for behind in form.columns[name].made_from}
            if need.days is not None:
                # How old what it is made from may be is the window that it looks back.
                need.days = max(need.days, feature.retention_days) if feature.retention_days else None
    return Needs(chosen, len(chosen) == len(DERIVED), partials, columns)


@cache  # definitions do not change while a program runs
def used_columns(name: str) -> frozenset[str]:
    """The columns of its source that a feature's definition reads."""
    definition = DEFINITIONS[name]
    source = definition.view.source
    columns = {column: each.type for column, each in SOURCES[source].columns.items()}
    value = definition.value(ibis.table(columns, name=source.value), 0)
    fields = value.op().find(ops.Field)
    return frozenset(each.name for each in fields if isinstance(each.rel, ops.UnboundTable))
