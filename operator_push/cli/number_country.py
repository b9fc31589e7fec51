"""The country of a number, by the numbering plans of libphonenumber."""

import phonenumbers

NO_COUNTRY = "001"  # libphonenumber: satellite and other numbers of no country


def country_of(msisdn: str) -> str | None:
    """The ISO 3166 code of the country a number belongs to, None where it belongs to none."""
    try:
        number = phonenumbers.parse(f"+{msisdn}")
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    if region is None and number.country_code:  # not in its country's plan: the calling code's main country
        region = phonenumbers.region_code_for_country_code(number.country_code)
    return str(region) if region not in (None, NO_COUNTRY, "ZZ") else None
