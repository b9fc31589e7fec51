"""The library: scenarios that come with the simulator, in the folder `scenarios`.

Each has a page in docs/scenarios. A file's first line is a comment that says what the scenario shows.
"""

from difflib import get_close_matches
from pathlib import Path

from operator_push.kernel.errors import OperatorError

FOLDER = Path(__file__).with_name("scenarios")


def scenario_names() -> list[str]:
    """All of them, in the order of the alphabet."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def scenario_path(name: str) -> Path:
    """Where the file of this scenario is.

    Raises:
        OperatorError: the library has none of this name.
    """
    names = scenario_names()
    if name not in names:
        near = get_close_matches(name, names, n=1)
        advice = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names)}"
        raise OperatorError(f"the library has no scenario {name!r}; {advice}", key="scenario")
    return FOLDER / f"{name}.toml"


def headline(name: str) -> str:
    """What a scenario shows, in one line."""
    with scenario_path(name).open(encoding="utf-8") as file:
        return file.readline().lstrip("# ").strip()
