"""The digest of a paper: of every column and of its table, whatever their order."""

from operator_push.domain.ledger_papers import DIGEST, paper_digest, with_digest

ROW = {"account_no": 1, "reason": "agreed"}


def test_a_digest_is_of_every_column_but_itself() -> None:
    stored = with_digest("correction", dict(ROW))
    assert stored == {**ROW, DIGEST: paper_digest("correction", dict(reversed(stored.items())))}
    assert paper_digest("top_up", stored) != stored[DIGEST]
    for name, value in (("account_no", 2), ("reason", "agreeD"), ("more", 0)):
        assert paper_digest("correction", {**ROW, name: value}) != stored[DIGEST]
