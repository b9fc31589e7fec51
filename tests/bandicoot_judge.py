"""bandicoot 0.6.0 as a judge of our indicators, where it is installed.

Its released version does not import on Python 3.11: two functions of `inspect` are gone, which it uses to
give its own functions their signatures. They stand here again while it is imported.
"""

import inspect
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from peers import end_without

PATHS = ("antennas_path", "attributes_path", "recharges_path")


def require_bandicoot() -> ModuleType:
    """The module; ends the calling test where it is missing: a failure under CI=true, elsewhere a skip."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setattr(inspect, "getargspec", _getargspec, raising=False)
        patch.setattr(inspect, "formatargspec", _formatargspec, raising=False)
        try:
            import bandicoot
        except ImportError:
            end_without("bandicoot is missing; install it: .venv/bin/pip install --no-deps bandicoot==0.6.0")
    return bandicoot  # type: ignore[no-any-return]


def judged(bandicoot: ModuleType, folder: Path, network: bool = False, **asked: Any) -> dict[str, Any]:
    """What bandicoot says of a folder: user name → its nested indicators."""
    out = {}
    for file in sorted((folder / "records").glob("*.csv")):
        recharges = folder / "recharges" / file.name
        user = bandicoot.read_csv(
            file.stem,
            str(folder / "records"),
            str(folder / "antennas.csv"),
            recharges_path=str(folder / "recharges") if recharges.exists() else None,
            attributes_path=str(folder / "attributes") if (folder / "attributes").exists() else None,
            network=network,
            describe=False,
            warnings=False,
        )
        out[file.stem] = bandicoot.utils.all(user, network=network, **asked)
    return out


def differences(theirs: Any, ours: Any, path: tuple[str, ...] = ()) -> list[str]:
    """Where two nested results differ: another shape, or a number by more than 1e-9 of its size."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        found = [f"{'/'.join(path)}: only one has {name}" for name in theirs.keys() ^ ours.keys()]
        for name in theirs.keys() & ours.keys():
            found += differences(theirs[name], ours[name], (*path, name))
        return found
    if path[-1] in PATHS or path[-1] == "code_signature":  # of the machine, and of its own source
        return []
    if _is_number(theirs) and _is_number(ours):
        same = abs(theirs - ours) <= 1e-9 * max(1.0, abs(theirs))
    else:
        same = theirs == ours
    return [] if same else [f"{'/'.join(path)}: {theirs} there, {ours} here"]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _getargspec(function: Callable[..., Any]) -> tuple[Any, ...]:
    spec = inspect.getfullargspec(function)
    return spec.args, spec.varargs, spec.varkw, spec.defaults


def _formatargspec(
    args: list[str], varargs: Any, varkw: Any, defaults: Any, formatvalue: Callable[[Any], str] | None = None
) -> str:
    shown = formatvalue or (lambda value: f"={value!r}")
    first = len(args) - len(defaults or ())
    parts = [
        name + (shown(defaults[place - first]) if defaults and place >= first else "")
        for place, name in enumerate(args)
    ]
    return f"({', '.join(parts)})"
