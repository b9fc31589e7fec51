"""A restart of the pages resets no limit of codes to a number, and the file tells no number."""

from pathlib import Path

from operator_push.cli.selfcare.code_journal import DAY_US, CodeJournal, kept_key
from operator_push.services.enter_selfcare import EnterSelfcare, Limits

NOW, NUMBER = 1_800_000_000_000_000, "919812345678"
LIMITS = Limits(codes_per_number=((3, 900),))


def started(path: Path, now_us: int) -> tuple[CodeJournal, EnterSelfcare]:
    journal = CodeJournal(path, b"key", now_us)
    return journal, EnterSelfcare(LIMITS, lambda octets: bytes(octets), journal, now_us)


def test_codes_are_counted_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "codes.log"
    journal, entry = started(path, NOW)
    for _ in range(3):
        assert entry.may_ask(NUMBER, "198.51.100.7", NOW) is None
    journal.close()
    assert NUMBER not in path.read_text()
    journal, entry = started(path, NOW + 1_000_000)
    refused = entry.may_ask(NUMBER, "203.0.113.9", NOW + 1_000_000)
    assert refused is not None
    assert refused.wait_s == 899
    assert entry.may_ask("919800000000", "203.0.113.9", NOW + 1_000_000) is None
    journal.close()
    journal, entry = started(path, NOW + 900_000_000)
    assert entry.may_ask(NUMBER, "203.0.113.9", NOW + 900_000_000) is None
    journal.close()


def test_old_lines_and_broken_ones_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "codes.log"
    journal = CodeJournal(path, b"key", NOW)
    name = journal.name_of(NUMBER)
    journal.note(name, NOW)
    journal.note(name, NOW + DAY_US)
    journal.close()
    with path.open("a") as file:
        file.write(f"{name} 18\n{name[:-1]} {NOW + DAY_US}\n{name}")
    later = CodeJournal(path, b"key", NOW + DAY_US + 1)
    assert list(later.lately(NOW + DAY_US + 1)) == [(name, NOW + DAY_US)]
    assert path.read_text() == f"{name} {NOW + DAY_US}\n"
    assert path.stat().st_mode & 0o077 == 0
    later.close()


def test_the_key_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "selfcare.key"
    key = kept_key(path)
    assert len(key) == 64
    assert kept_key(path) == key
    assert path.stat().st_mode & 0o077 == 0
