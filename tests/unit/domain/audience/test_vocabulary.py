"""Vocabulary: what stands before the name of a set."""

from operator_push.domain.audience.vocabulary import STANDARD, SetKind
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME


def test_keys_of_sets() -> None:
    assert [kind.key_word for kind in SetKind] == ["list", "received", "clicked", "replied", "bought"]


def test_the_standard_vocabulary_is_the_catalogue() -> None:
    assert STANDARD.features is FEATURES_BY_NAME
    assert not STANDARD.barred
