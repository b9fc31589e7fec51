"""The page of the feature catalogue, docs/features.md: made from the catalogue, never by hand."""

from operator_push.kernel.contracts import purpose_name
from operator_push.kernel.feature_catalogue import FEATURES, Feature

_HEAD = """# Features

Made by `cdr-ingest features list --page` from `operator_push/kernel/feature_catalogue.py`, as a test
sees to. How each is computed stands in `cdr_ingest/features/definitions.py`.

- A window ends with the last local day of the computation, included; the last day is that day alone.
- *Needs* is what a person must let us use: without it the feature is not computed, and not known.
- *Days* is how old what a feature is made from may be; a dash is as long as the contract, or until recalled.
- Who permits it and has no such record has 0 where that is counted; otherwise a feature is not known.
- What people declare they tell themselves, which needs no other consent. They may also declare `age`,
  `language`, `home.city` and `device.os`: then the person's own word counts, whatever was learnt.

| feature | type | unit | needs | days | sensitivity | version | meaning |
|---|---|---|---|---|---|---|---|
"""


def page() -> str:
    """The whole page, in Markdown."""
    return _HEAD + "".join(f"| {' | '.join(_cells(feature))} |\n" for feature in FEATURES)


def as_json(feature: Feature) -> dict[str, object]:
    """One row of the catalogue for machines."""
    return {
        "name": feature.name,
        "type": feature.type.value,
        "unit": feature.unit,
        "needs": [] if feature.is_declared else purpose_name(int(feature.purpose)).split("-"),
        "is_declared": feature.is_declared,
        "retention_days": feature.retention_days,
        "sensitivity": feature.sensitivity.value,
        "version": feature.version,
        "event": feature.event,
        "window_days": feature.window_days,
        "meaning": feature.meaning,
    }


def needs(feature: Feature) -> str:
    """What a person must let us use, in words."""
    if feature.is_declared:
        return "declared"
    return purpose_name(int(feature.purpose)).replace("-", " and ").replace("_", " ")


def _cells(feature: Feature) -> list[str]:
    return [
        f"`{feature.name}`",
        feature.type.value,
        feature.unit or "–",
        needs(feature),
        str(feature.retention_days or "–"),
        feature.sensitivity.value,
        str(feature.version),
        feature.meaning,
    ]
