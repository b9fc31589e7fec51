"""Databases: the four ways in which a client comes to people whom it may write to.

Existing customers came by a list of the client's own, future ones opted in at a touchpoint, a rule finds
people among all profiles, and a channel is subscribed to. The client holds numbers of none but the first.
"""

from enum import Enum

from pyroaring import BitMap

from operator_push.domain.consent import CATEGORY_MAX, EVERY, Purpose
from operator_push.domain.permission import PermissionBook


class DatabaseKind(Enum):
    """Where the people come from; the value is what is shown."""

    EXISTING = "existing"  # imported, semi-opt-in
    OPT_IN = "opt-in"  # by an act of their own
    DYNAMIC = "dynamic"  # a saved rule
    MEDIA = "media"  # subscribers of a channel


def people_of_brand(book: PermissionBook, brand_no: int) -> tuple[BitMap, BitMap]:
    """(those whom only a list or a soft opt-in brought, those who opted in themselves) among the people who
    permit marketing by just this brand, in some category, now."""
    own, listed = BitMap(), BitMap()
    for category in (EVERY, *range(1, CATEGORY_MAX + 1)):
        permitted = book.permitting(Purpose.MARKETING, brand_no, category)
        for record in book.asked(brand_no, category, Purpose.MARKETING):
            if record.scope.brand_no == brand_no:
                own |= permitted & (record.granted - record.imported)
                listed |= permitted & (record.imported | record.others)
    return listed - own, own
