"""Charges become lines: what is alike is one line, and units times price is its amount."""

from operator_push.domain.invoicing.charges import OTHER, SEGMENTS, Charge, lines_of


def test_alike_charges_are_one_line_and_what_goes_beyond_is_another() -> None:
    alike = {"what": SEGMENTS, "unit_price_micros": 10, "traffic_class": "service", "country": "IN"}
    charges = [
        Charge(amount_micros=20, segments=2, messages=1, **alike),
        Charge(amount_micros=33, segments=3, messages=2, **alike),
        Charge(what="fee", amount_micros=7),
        Charge(what="fee", amount_micros=1),
    ]
    lines = [
        (line.what, line.messages, line.units, line.unit_price_micros, line.amount_micros)
        for line in lines_of(charges, ())
    ]
    assert lines == [(SEGMENTS, 3, 5, 10, 50), (OTHER, 0, 1, 3, 3), ("fee", 0, 1, 8, 8)]


def test_nothing_is_no_line() -> None:
    assert lines_of([Charge(what=SEGMENTS, amount_micros=0, messages=3)], ()) == []


def test_lines_come_in_the_same_order_whatever_the_order_of_charges() -> None:
    charges = [
        Charge(what=SEGMENTS, amount_micros=price, segments=1, messages=1, unit_price_micros=price)
        for price in (9, 100, 20)
    ]
    prices = [line.unit_price_micros for line in lines_of(charges, ())]
    assert prices == [9, 20, 100]
    assert lines_of(charges[::-1], ()) == lines_of(charges, ())
