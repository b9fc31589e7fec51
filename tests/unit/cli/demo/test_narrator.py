"""Plain lines where there is no terminal."""

import io

from rich.console import Console

from operator_push.cli.demo.narrator import Narrator


def told(terminal: bool) -> str:
    out = io.StringIO()
    narrator = Narrator(Console(file=out, force_terminal=terminal, width=200, soft_wrap=True), steps=2)
    with narrator.step("Input"):
        narrator.doing("generating")
        narrator.fact("20 rows [in 3 files]")
    narrator.row(False, "Money: it balances", "imbalance 5 micros")
    return out.getvalue()


def test_without_a_terminal_nothing_moves_and_nothing_is_coloured() -> None:
    text = told(terminal=False)
    assert text.startswith("1/2 Input\n    20 rows [in 3 files]\n")
    assert "✗ Money: it balances  imbalance 5 micros" in text
    assert "\x1b" not in text
    assert "generating" not in text


def test_on_a_terminal_facts_stay() -> None:
    assert "20 rows [in 3 files]" in told(terminal=True)


def test_an_error_leaves_the_step(tmp_path: object) -> None:
    narrator = Narrator(Console(file=io.StringIO(), force_terminal=True), steps=1)
    try:
        with narrator.step("Input"):
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        narrator.doing("must not raise")
    assert narrator.elapsed_s >= 0
