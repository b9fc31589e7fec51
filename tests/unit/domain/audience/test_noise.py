"""Noise: the same for the same, different for others, and spread as its law says."""

import hashlib
import math

import pytest

from operator_push.domain.audience.noise import noise_of

KEY = b"k" * 32


def drawn(count: int, epsilon: float) -> list[int]:
    return [
        noise_of(KEY, "chai", hashlib.sha256(b"%d" % number).digest(), epsilon) for number in range(count)
    ]


def test_asking_again_averages_nothing_away() -> None:
    assert drawn(50, 0.1) == drawn(50, 0.1)
    digest = hashlib.sha256(b"1").digest()
    assert {noise_of(KEY, brand, digest, 0.01) for brand in ("chai", "tea", "milk")} != {
        noise_of(KEY, "chai", digest, 0.01)
    }


@pytest.mark.parametrize("epsilon", [0.1, 0.5, 2.0])
def test_it_is_even_about_zero_and_as_wide_as_it_should_be(epsilon: float) -> None:
    noises = drawn(4000, epsilon)
    coin = math.exp(-epsilon)
    deviation = math.sqrt(2 * coin) / (1 - coin)
    assert abs(sum(noises) / len(noises)) < 5 * deviation / math.sqrt(len(noises))
    measured = math.sqrt(sum(noise * noise for noise in noises) / len(noises))
    assert 0.85 * deviation < measured < 1.15 * deviation
    none = sum(noise == 0 for noise in noises) / len(noises)
    assert abs(none - (1 - coin) / (1 + coin)) < 0.05


def test_an_epsilon_that_protects_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="epsilon"):
        noise_of(KEY, "chai", b"", 50.0)
