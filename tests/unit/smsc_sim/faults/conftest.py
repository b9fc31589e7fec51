"""What the tests of faults share: a world with one or more faults, and the octets that an ESME would read."""

import pytest

from operator_push.smpp.codec import decode_pdu
from operator_push.smpp.framer import Framer

AT_ONCE = '[[population.handsets]]\nstate = "on"\nshare = 1.0\ndelay_ms = 0\n'


@pytest.fixture
def faulty(world):
    """A function from fault tables (dictionaries) to a world in which handsets answer at once."""

    def make(*faults, extra="", seed=7):
        tables = "".join(f"[[fault]]\n{_toml(table)}" for table in faults)
        return world(extra + AT_ONCE + tables, seed)

    return make


@pytest.fixture
def octets_of():
    """A function: what an ESME would read from its socket, as octets; it is taken."""

    def take(esme):
        octets = b"".join(esme.arrivals)
        esme.arrivals.clear()
        return octets

    return take


@pytest.fixture
def pdus_of(octets_of):
    """A function: what an ESME would read, as PDUs."""

    def take(esme):
        return [decode_pdu(octets) for octets in Framer().feed(octets_of(esme))]

    return take


def _toml(table):
    return "".join(f"{name} = {_value(value)}\n" for name, value in table.items())


def _value(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{name}" = {_value(one)}' for name, one in value.items()) + "}"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return str(value)
