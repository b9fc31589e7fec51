"""E.164: the number of a subscriber record as its country writes it, by Google's library of numbering plans.

Only subscriber records are read so: there are few of them, and each person's number stands in one. The
numbers of call records, a thousand times as many, come by a mapping's own rules.
"""

import re
from collections.abc import Callable

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import normalise_msisdn

_WRITTEN = re.compile(r"\+?[0-9 ()./-]+")  # the library would also read letters, as a telephone's keys


def e164_reader(region: str = "") -> Callable[[str], str | None]:
    """A function from what a record says to an msisdn, None where it is none.

    A number without + or 00 is first one of `region` (ISO 3166, such as IN), then an international one;
    without a region the latter only. A number is one where its country exists and has numbers of this length:
    which ranges are given out already, operators know before the library does.

    Raises:
        OperatorError: the library knows no such region.
    """
    import phonenumbers

    if region and region not in phonenumbers.SUPPORTED_REGIONS:
        raise OperatorError(
            f"{region!r} is no region; it is two capital letters of ISO 3166, such as IN", key="--region"
        )

    kinds = phonenumbers.PhoneNumberType
    mobile = (kinds.MOBILE, kinds.FIXED_LINE_OR_MOBILE)

    def possible(text: str, home: str | None, sure: bool = True) -> str | None:
        try:
            found = phonenumbers.parse(text, home)
        except phonenumbers.NumberParseException:
            return None
        # Not enough for a call from abroad is not enough for a subscriber.
        if phonenumbers.is_possible_number_with_reason(found) != phonenumbers.ValidationResult.IS_POSSIBLE:
            return None
        if not sure and phonenumbers.number_type(found) not in mobile:
            return None
        return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)[1:]

    def read(text: str) -> str | None:
        if not _WRITTEN.fullmatch(text):
            return None
        if region and not text.startswith(("+", "00")) and (found := possible(text, region)):
            return found
        digits = normalise_msisdn(text)
        # Whether digits that are none of the region's begin with a country must be more than a guess.
        sure = not region or text.startswith(("+", "00"))
        return None if digits is None else possible(f"+{digits}", None, sure)

    return read
