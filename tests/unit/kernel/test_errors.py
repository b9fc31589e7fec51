"""Errors say where before what, and whose fault it is by type."""

import pytest

from operator_push.kernel.errors import (
    MoneyInvariantError,
    OperatorError,
    OperatorPushError,
    PeerError,
    ResourceError,
)


@pytest.mark.parametrize(
    ("file", "key", "text"),
    [
        (None, None, "must be 1"),
        ("a.toml", None, "a.toml: must be 1"),
        (None, "port", "port: must be 1"),
        ("a.toml", "port", "a.toml: port: must be 1"),
    ],
)
def test_an_operator_error_begins_with_its_place(file: str | None, key: str | None, text: str) -> None:
    error = OperatorError("must be 1", file=file, key=key)
    assert str(error) == text
    assert (error.file, error.key) == (file, key)


def test_a_line_is_told_beside_its_file() -> None:
    assert str(OperatorError("must be 1", file="a.toml", line=3, key="port")) == "a.toml:3: port: must be 1"
    assert str(OperatorError("must be 1", line=3)) == "must be 1"


def test_every_error_of_ours_has_one_root_and_faults_do_not_mix() -> None:
    kinds = {PeerError, OperatorError, ResourceError, MoneyInvariantError}
    assert all(issubclass(kind, OperatorPushError) for kind in kinds)
    assert not any(issubclass(kind, tuple(kinds - {kind})) for kind in kinds)
