"""The orders of an ESME: what Nagar Bank sends to whom, as a file that the bank's program reads.

One order is one short message of a person's; by UDH it becomes two or three submit_sm, because that is how
many ESMEs do it. Some orders are wrong on purpose, each in one way (`kind`).
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random

import msgspec

GSM7 = "gsm7"
UCS2 = "ucs2"
UDH_2 = "udh_2_parts"
UDH_3 = "udh_3_parts"
PAYLOAD = "message_payload"
NO_PERMISSION = "no_permission"
BAD_ADDRESS = "bad_address"
BAD_SOURCE = "bad_source"
NO_CREDIT = "credit_runs_out"

# submit_sm that an order of a kind becomes; every other kind is one.
PARTS = {UDH_2: 2, UDH_3: 3}
_GOOD_KINDS = (GSM7, UCS2, UDH_2, UDH_3, PAYLOAD)
_GOOD_WEIGHTS = (58, 20, 8, 4, 10)
_WRONG_SHARES = ((NO_PERMISSION, 0.03), (BAD_ADDRESS, 0.012), (BAD_SOURCE, 0.012))
_WRONG_MIN = 3
WRONG_SOURCE = "NAGARX"  # not a sender of this account
# None of them is the digits of an international number.
_BAD_ADDRESSES = ("12345", "00000000000", "0220123456", "91-CALL-ME", "customer")


class Order(msgspec.Struct, frozen=True):
    """One message that the ESME shall send. `number` counts from 1."""

    number: int
    kind: str
    source: str
    destination: str
    text: str


def bank_orders(
    submits: int, permitted: Sequence[str], not_permitted: Sequence[str], source: str, seed: int
) -> list[Order]:
    """Orders that become exactly `submits` submit_sm, good and wrong ones mixed.

    `permitted` are the bank's customers who agreed to its messages; each is written to in turn.
    """
    chance = Random(f"{seed}:bank orders")
    orders: list[tuple[str, str, str]] = []
    left = submits
    for kind, share in _WRONG_SHARES:
        for number in range(min(left, max(_WRONG_MIN, int(submits * share)))):
            destination = _wrong_destination(kind, number, permitted, not_permitted)
            if destination:
                orders.append((kind, WRONG_SOURCE if kind == BAD_SOURCE else source, destination))
                left -= 1
    customers = list(permitted)
    chance.shuffle(customers)
    number = 0
    while left > 0 and customers:
        kind = chance.choices(_GOOD_KINDS, _GOOD_WEIGHTS)[0]
        if PARTS.get(kind, 1) > left:
            kind = GSM7
        orders.append((kind, source, customers[number % len(customers)]))
        left -= PARTS.get(kind, 1)
        number += 1
    chance.shuffle(orders)
    return _numbered(orders, chance)


def plain_orders(destinations: Iterable[str], kind: str, source: str, seed: int) -> list[Order]:
    """One GSM 7-bit order per destination, under the name of `kind`."""
    return _numbered([(kind, source, destination) for destination in destinations], Random(f"{seed}:{kind}"))


def write_orders(path: Path, orders: Iterable[Order]) -> None:
    """JSON lines."""
    path.write_bytes(b"".join(msgspec.json.encode(order) + b"\n" for order in orders))


def read_orders(path: Path) -> Iterator[Order]:
    """The orders of `write_orders`."""
    decoder = msgspec.json.Decoder(Order)
    with path.open("rb") as lines:
        for line in lines:
            yield decoder.decode(line)


def submits_of(orders: Iterable[Order]) -> int:
    """How many submit_sm these orders become."""
    return sum(PARTS.get(order.kind, 1) for order in orders)


def _wrong_destination(
    kind: str, number: int, permitted: Sequence[str], not_permitted: Sequence[str]
) -> str | None:
    if kind == BAD_ADDRESS:
        return _BAD_ADDRESSES[number % len(_BAD_ADDRESSES)]
    numbers = not_permitted if kind == NO_PERMISSION else permitted
    return numbers[number % len(numbers)] if numbers else None


def _numbered(orders: Sequence[tuple[str, str, str]], chance: Random) -> list[Order]:
    return [
        Order(number, kind, source, destination, _text(kind, chance))
        for number, (kind, source, destination) in enumerate(orders, 1)
    ]


def _text(kind: str, chance: Random) -> str:
    amount, account = f"{chance.randrange(100, 99_999):,}", chance.randrange(1000, 9999)
    code = chance.randrange(100_000, 999_999)
    if kind == UCS2:
        return f"नगर बैंक: खाता …{account} में ₹{amount} जमा हुए। धन्यवाद!"
    notice = (
        f"Nagar Bank: INR {amount} was paid from your account [{account}] at 18:42 by card. If this was not"
        f" you, call us at once. Reference {code}."
    )
    if kind == UDH_2:
        return notice + (
            " Your balance and the last ten payments are in the app under {Accounts}. We never ask for your"
            " PIN, password or card number by SMS or telephone."
        )
    if kind == UDH_3:
        return notice + (
            " Your balance and the last ten payments are in the app under {Accounts}. We never ask for your"
            " PIN, password or card number by SMS or telephone. From Monday on our branches open at 09:30 and"
            " close at 16:30, on Saturdays at 13:00; the cash machines stay open day and night. Thank you for"
            " banking with us, and stay safe."
        )
    if kind == PAYLOAD:
        return notice + (
            " This message is long and goes out in one piece: the gateway cuts it, and each of its segments"
            " is paid for once it has arrived."
        )
    return notice
