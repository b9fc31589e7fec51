"""Numbers of generated people: unique and sequential with holes, so that a number is arithmetic.

Four number series of the generated operator; the n-th subscriber's number is a function of n alone, which
lets any batch name a correspondent in any other batch without a table.
"""

# The first number of each series.
_SERIES = (917_000_100_000, 918_120_100_000, 919_845_100_000, 916_300_100_000)
# Off-net correspondents live elsewhere, so that they are never subscribers of ours.
_OFF_NET_FIRST = 919_100_000_003
_OFF_NET_COUNT = 4_000_000
# Distance of two numbers of a series, before their holes. No number ends with a zero, so that none is part
# of a moment in microseconds: a search for numbers then finds only numbers.
_STEP = 10
_IMSI_FIRST = 404_980_000_000_000  # MCC 404; the MNC is made up for the generated operator


def subscriber_msisdn(index: int) -> int:
    """The number of subscriber `index` (from 0): twelve digits, 91 and ten digits that start with 6 to 9."""
    place, series = divmod(index, len(_SERIES))
    # The hole before a number varies with a multiplicative hash of its place, and stays below the step.
    return _SERIES[series] + place * _STEP + 1 + (place * 2_654_435_761 >> 7) % (_STEP - 1)


def subscriber_imsi(index: int) -> int:
    """The fifteen-digit IMSI of subscriber `index`; its order differs from that of the numbers."""
    # The modulus is the largest prime below 10**10, so that no two indexes meet.
    return _IMSI_FIRST + ((index + 1) * 7_368_787) % 9_999_999_967


def off_net_msisdn(uniform: float) -> int:
    """A number of another operator for a uniform draw in [0, 1)."""
    return _OFF_NET_FIRST + int(uniform * _OFF_NET_COUNT) * _STEP
