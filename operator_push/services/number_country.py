"""The country of a number, by the numbering plans of libphonenumber."""

from functools import cache, lru_cache

import phonenumbers

from operator_push.services.plan_digits import deciding_digits_of, national_prefix

_ANY_DIGIT = "5"
NO_COUNTRY = "001"  # libphonenumber: satellite and other numbers of no country
_LENGTHS = range(7, 16)  # ITU-T E.164; what is shorter or longer is left to the library's own judgement
_CODE_DIGITS_MAX = 3
_AREA_DIGITS = 3
_NANP = 1  # its national prefix is one digit
_PREFIX_DIGITS_MAX = 5  # of the national prefixes of shared plans (183[12] in Australia)


def country_of(msisdn: str) -> str | None:
    """The ISO 3166 code of the country a number belongs to, None where it belongs to none.

    A look-up where one country alone has the calling code; the plans of +1, +7, +44 … are asked otherwise.
    """
    if len(msisdn) not in _LENGTHS:
        return _asked(msisdn)
    digits, regions = _code_of(msisdn)
    if len(regions) == 1:
        return _country(regions[0])
    head = _shared_head(msisdn, digits) if regions else 0
    return _asked(msisdn[:head].ljust(len(msisdn), _ANY_DIGIT) if head else msisdn)


def country_of_head(head: str) -> str | None:
    """The country of every number that begins with these three digits, None where they do not tell it."""
    _, regions = _code_of(head)
    return _country(regions[0]) if len(regions) == 1 else None


def deciding_head(msisdn: str) -> int:
    """How many digits decide the country of every number that begins with them and is as long as this one; 0
    where there is no telling."""
    if len(msisdn) not in _LENGTHS:
        return 0
    digits, regions = _code_of(msisdn)
    if len(regions) < 2:
        return digits
    return _shared_head(msisdn, digits)


def _code_of(msisdn: str) -> tuple[int, tuple[str, ...]]:
    """(digits of the calling code, the regions that have it); (0, ()) where it begins with none."""
    for digits in range(1, _CODE_DIGITS_MAX + 1):
        regions = _regions_of_code(msisdn[:digits])
        if regions:
            return digits, regions
    return 0, ()


@cache
def _regions_of_code(digits: str) -> tuple[str, ...]:
    return tuple(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits), ())) if digits.isdigit() else ()


def _shared_head(msisdn: str, code_digits: int) -> int:
    """As `deciding_head`, of a number whose calling code countries share; 0 where the library may take it for
    one with a national prefix."""
    code, national = int(msisdn[:code_digits]), msisdn[code_digits:]
    prefix = national_prefix(code)
    if prefix is not None and prefix.match(national):
        return 0
    deciding = deciding_digits_of(code, national[:_AREA_DIGITS], len(national))
    return code_digits + max(deciding, _PREFIX_DIGITS_MAX if prefix is not None and code != _NANP else 0)


@lru_cache(maxsize=65_536)
def _asked(msisdn: str) -> str | None:
    try:
        number = phonenumbers.parse(f"+{msisdn}")
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    if region is None and number.country_code:  # not in its country's plan: the calling code's main country
        region = phonenumbers.region_code_for_country_code(number.country_code)
    return _country(region)


def _country(region: str | None) -> str | None:
    return str(region) if region not in (None, NO_COUNTRY, "ZZ") else None
