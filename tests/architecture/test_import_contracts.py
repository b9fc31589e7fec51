"""Who may import whom: the contracts of pyproject.toml hold, and know every room."""

import subprocess
import sys
import tomllib
from pathlib import Path

HOUSE = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((HOUSE / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def test_the_contracts_are_kept() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(program), "--no-cache", "--config", "pyproject.toml"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in done.stdout


def test_every_room_that_a_contract_could_name_is_named() -> None:
    """The contracts list rooms; a new room must join the lists that name its neighbours."""
    rooms = {
        path.stem
        for path in (HOUSE / "operator_push").iterdir()
        if (path.is_dir() or path.suffix == ".py") and not path.name.startswith("_")
    }
    for contract in CONTRACTS:
        outside = contract.get("source_modules") in (["smsc_sim"], ["cdr_ingest"])
        if not outside:
            continue
        forbidden = {module.partition(".")[2] for module in contract["forbidden_modules"] if "." in module}
        shared = {"kernel", "text", "cdr", "smpp", "smpp_twisted"}
        assert rooms - shared <= forbidden, f"{contract['name']}: {sorted(rooms - shared - forbidden)}"
