"""Look-up keys as files that only their owner reads."""

import stat
from pathlib import Path

import pytest

from operator_push.bootstrap.lookup_key_files import key_file, read_lookup_keys, remove_key, write_next_key
from operator_push.kernel.errors import OperatorError

FIRST = b"1" * 32


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    keys = read_lookup_keys(tmp_path, FIRST)
    assert (keys.current, keys.by_version) == (0, {0: FIRST})
    second = write_next_key(tmp_path, keys)
    third = write_next_key(tmp_path, second)
    assert stat.S_IMODE(key_file(tmp_path, 1).stat().st_mode) == 0o600
    assert read_lookup_keys(tmp_path, FIRST) == third
    remove_key(tmp_path, 1)
    assert set(read_lookup_keys(tmp_path, FIRST).by_version) == {0, 2}


@pytest.mark.parametrize("text", ["", "zz", "ab" * 31])
def test_a_file_that_holds_no_key_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "secrets").mkdir()
    key_file(tmp_path, 1).write_text(text)
    with pytest.raises(OperatorError, match=r"vault-lookup-1\.key"):
        read_lookup_keys(tmp_path, FIRST)
