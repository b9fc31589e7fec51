"""Golden words: texts as people write them, and what they must be taken for."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from operator_push.domain.words import reader_for

FOLDER = Path(__file__).parent / "words"
DAY = date(2027, 1, 15)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_text_is_taken_for_what_its_writer_meant(path: Path) -> None:
    corpus = tomllib.loads(path.read_text(encoding="utf-8"))
    reader = reader_for(corpus.pop("pack"), DAY)
    wrong = [
        f"{text!r}: {found.action.name.lower()} (by {found.matched!r}) instead of {wanted}"
        for wanted, texts in corpus.items()
        for text in texts
        if (found := reader.read(text)).action.name.lower() != wanted
    ]
    assert sum(map(len, corpus.values())) >= 40
    assert not wrong, "\n" + "\n".join(wrong)
