"""Match by time: rows of an SMSC that does not echo our key, by sender, recipient, time and part.

Law: a row belongs to a segment only where neither fits anything else; all others that fit are ambiguous.
"""

from collections.abc import Sequence

from operator_push.domain.message import is_final
from operator_push.kernel.instants import MICROS_PER_SECOND
from operator_push.services.reconciliation import OurSegment
from operator_push.services.reconciliation_rules import SegmentCase
from operator_push.services.smsc_cdr import SmscRecord
from operator_push.services.smsc_side import SmscSide

# Ours: how far the SMSC's clock may be from ours, and how long octets may wait in a full stream.
TIME_TOLERANCE_US = 60 * MICROS_PER_SECOND


def share_out_by_time(side: SmscSide, cases: Sequence[SegmentCase]) -> None:
    """Give rows without a key to the segments without a row that they fit, and claim them."""
    places_of: list[list[int]] = []
    cases_of: dict[int, list[int]] = {}
    for number, case in enumerate(cases):
        segment = case.segment
        rows = side.without_key(segment.source, segment.destination)
        fitting = [place for place in rows if fits(segment, side.record(place))]
        places_of.append(fitting)
        for place in fitting:
            cases_of.setdefault(place, []).append(number)
    for number, case in enumerate(cases):
        fitting = places_of[number]
        if len(fitting) == 1 and cases_of[fitting[0]] == [number]:
            case.rows.append(fitting[0])
            side.claim(fitting)
        elif fitting and not is_final(case.segment.state):
            case.is_ambiguous = True


def fits(segment: OurSegment, record: SmscRecord) -> bool:
    """True where the SMSC may have got this segment as that row: in time, and as the same part."""
    earliest = segment.first_attempt_us - TIME_TOLERANCE_US
    if not earliest <= record.submit_us <= segment.last_attempt_us + TIME_TOLERANCE_US:
        return False
    # An ESME may have cut a message itself; then each part is a message of one segment here.
    return segment.parts == 1 or record.part == segment.segment_no
