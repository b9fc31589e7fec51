"""Address rules: how a number that is written in one country's way becomes an international one.

A link or an account has rules of its own; without any only international forms are numbers, because the
digits of a national number without its country would be somebody else's (kernel.numbering).
"""

import msgspec

from operator_push.kernel.numbering import is_msisdn

# Type of number, SMPP v3.4 section 5.2.5; this room does not know the wire.
TON_UNKNOWN, TON_INTERNATIONAL, TON_NATIONAL = 0, 1, 2
_MARKS = str.maketrans("", "", " -().")


class AddressRules(msgspec.Struct, frozen=True):
    """`country_code` "91", `national_prefix` "0" (what is dialled before a national number),
    `international_prefix` "00"; an empty one does not apply."""

    country_code: str
    national_prefix: str = "0"
    international_prefix: str = "00"

    def msisdn_of(self, ton: int, address: str) -> str | None:
        """The international number that an address means, None where it means none.

        TON 1 is international as it stands; TON 2 national, with its prefix or without; TON 0 what its
        beginning says, and international where it says nothing.
        """
        digits = address.strip().translate(_MARKS)
        if digits.startswith("+"):
            digits = digits[1:]
        elif ton in (TON_UNKNOWN, TON_INTERNATIONAL) and self._begins(digits, self.international_prefix):
            digits = digits[len(self.international_prefix) :]
        elif ton == TON_NATIONAL or (ton == TON_UNKNOWN and self._begins(digits, self.national_prefix)):
            if self._begins(digits, self.national_prefix):
                digits = digits[len(self.national_prefix) :]
            digits = self.country_code + digits
        elif ton not in (TON_UNKNOWN, TON_INTERNATIONAL):
            return None
        return digits if is_msisdn(digits) else None

    @staticmethod
    def _begins(digits: str, prefix: str) -> bool:
        return bool(prefix) and digits.startswith(prefix)
