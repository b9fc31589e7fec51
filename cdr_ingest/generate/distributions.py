"""Distributions: every number that shapes the generated country, with the sentence that documents it.

A change here changes the generated octets; the sample in `docs/sample-input` is then written anew.
"""

from dataclasses import dataclass

# Activity: calls, SMS, sessions and top-ups per subscriber are a log-normal with this deviation of the
# logarithm and the mean that the settings name. At 1.0 the busiest tenth makes about a third of all records.
ACTIVITY_SIGMA = 1.0
ACTIVITY_FACTOR_MAX = 40.0
# Of all records so many are top-ups; postpaid subscribers make none.
TOP_UP_SHARE = 0.07

# Kinds of CDR in percent; they add up to 100.
KIND_PERCENT = {"MO_CALL": 22, "MT_CALL": 22, "MO_SMS": 8, "MT_SMS": 14, "DATA_SESSION": 34}

# Relative weight of a day, Monday first.
WEEKDAY_WEIGHTS = (1.0, 1.0, 1.0, 1.02, 1.08, 0.9, 0.75)
# Relative weight of an hour, 0 to 23 local time: two daily peaks, later and flatter at the weekend.
HOUR_WEIGHTS_WORKDAY = (2, 1, 1, 1, 1, 2, 4, 7, 11, 15, 18, 19, 17, 14, 13, 13, 14, 16, 19, 22, 23, 18, 11, 5)
HOUR_WEIGHTS_WEEKEND = (4, 2, 1, 1, 1, 1, 2, 4, 7, 11, 14, 16, 17, 15, 13, 12, 13, 14, 16, 18, 19, 18, 13, 8)

# Where: between HOME_FROM and HOME_UNTIL (over midnight) mostly the home cell, in office hours mostly work.
HOME_FROM_HOUR = 20
HOME_UNTIL_HOUR = 8
HOME_SHARE = 0.86
WORK_SHARE = 0.72
TRAVEL_SHARE = 0.02  # a cell of another city
NO_CELL_SHARE = 0.04  # the record names no cell

# How long and how much: log-normals by (median, deviation of the logarithm).
CALL_SECONDS = (70.0, 1.1)
MISSED_CALL_SHARE = 0.10  # incoming calls of 0 seconds
SESSION_OCTETS = (6_000_000.0, 1.4)
SESSION_SECONDS = (420.0, 1.0)
UPLINK_SHARE = 0.12

# With whom: contacts per subscriber, and how strongly the first of them are preferred (power of a uniform).
CONTACTS_MIN = 3
CONTACTS_SIGMA = 0.7
CONTACTS_MEDIAN = 8.0
CONTACTS_MAX = 80
CONTACT_PREFERENCE = 2.2
ON_NET_SHARE = 0.55
SHORT_CODE_SHARE = 0.25  # of incoming SMS: brands and services, by alphanumeric sender
SERVICE_SENDERS = ("NAGARBK", "CHAIPT", "ZINGMUS", "OPERATOR", "121", "57070")

TOP_UP_RUPEES = ("10.00", "19.00", "49.00", "99.00", "149.00", "199.00", "299.00", "666.00")
TOP_UP_WEIGHTS = (14, 16, 18, 15, 12, 14, 8, 3)
TOP_UP_CHANNELS = ("app", "shop", "voucher", "bank")
TOP_UP_CHANNEL_WEIGHTS = (46, 28, 14, 12)

# Faults: shares of the rows of a file; each kind of fault is equally likely.
DIRTY_SHARE = 0.025
REPEATED_SAME_FILE_SHARE = 0.006
REPEATED_NEXT_FILE_SHARE = 0.004
DIRTY_SUBSCRIBER_SHARE = 0.01  # added rows: every subscriber also has a clean row

PLANS = (
    ("Everyday 199", True, 40),
    ("Data Max 299", True, 26),
    ("Talk 99", True, 22),
    ("Postpaid 499", False, 12),
)
DEVICE_WEIGHTS_YOUNG = (("android", 84), ("ios", 13), ("feature", 3))
DEVICE_WEIGHTS_OLD = (("android", 62), ("ios", 6), ("feature", 32))
YOUNG_BORN_FROM = 1986
TENURE_MEAN_DAYS = 1_100  # from activation to the first record; exponential
AGE_MEDIAN_YEARS = 33.0
AGE_SIGMA = 0.36
AGE_MIN_YEARS = 16
AGE_MAX_YEARS = 90


@dataclass(frozen=True, slots=True)
class City:
    """A city: its share of subscribers, where it lies, and the languages of its contracts by weight."""

    name: str
    code: str
    weight: int
    latitude: float
    longitude: float
    languages: tuple[tuple[str, int], ...]


CELLS_PER_WEIGHT = 2  # cells of a city = weight times this
CITIES = (
    City("Mumbai", "BOM", 18, 19.0760, 72.8777, (("mr", 45), ("hi", 35), ("en", 20))),
    City("Delhi", "DEL", 17, 28.6139, 77.2090, (("hi", 72), ("en", 28))),
    City("Bengaluru", "BLR", 13, 12.9716, 77.5946, (("kn", 50), ("en", 35), ("hi", 15))),
    City("Hyderabad", "HYD", 10, 17.3850, 78.4867, (("te", 62), ("hi", 20), ("en", 18))),
    City("Chennai", "MAA", 10, 13.0827, 80.2707, (("ta", 75), ("en", 25))),
    City("Kolkata", "CCU", 9, 22.5726, 88.3639, (("bn", 74), ("hi", 14), ("en", 12))),
    City("Pune", "PNQ", 7, 18.5204, 73.8567, (("mr", 66), ("hi", 18), ("en", 16))),
    City("Ahmedabad", "AMD", 6, 23.0225, 72.5714, (("gu", 70), ("hi", 22), ("en", 8))),
    City("Jaipur", "JAI", 5, 26.9124, 75.7873, (("hi", 90), ("en", 10))),
    City("Kochi", "COK", 5, 9.9312, 76.2673, (("ml", 78), ("en", 22))),
)


@dataclass(frozen=True, slots=True)
class ConsentOffer:
    """One thing that a subscriber may permit: `share` permit it at the end, withdrawals counted."""

    brand: str
    category: str
    purpose: str
    keyword: str
    share: float


# The use of one's location goes mostly with the use of call data: see LOCATION_SHARES.
CONSENT_OFFERS = (
    ConsentOffer("*", "*", "use_subscriber_record", "RECORD", 0.70),
    ConsentOffer("*", "*", "use_call_data", "CALLS", 0.60),
    ConsentOffer("*", "*", "use_location", "PLACE", 0.55),
    ConsentOffer("*", "*", "use_top_up", "TOPUP", 0.50),
    ConsentOffer("Chai Point", "8", "marketing", "CHAI", 0.55),
    ConsentOffer("Zing Music", "6", "marketing", "ZING", 0.45),
    ConsentOffer("Nagar Bank", "1", "marketing", "BANK", 0.50),
)
LOCATION_SHARES = (0.85, 0.10)  # with, without the use of call data: 0.6 × 0.85 + 0.4 × 0.10 = 0.55
WITHDRAWN_SHARE = 0.04  # of acts: granted and later withdrawn; they come on top of the shares above
CONSENT_METHODS = (("sms", 52), ("web", 24), ("shop", 16), ("ivr", 8))
CONSENT_SHORT_CODE = "56070"
NOTICE_VERSIONS = ("2025-2", "2026-1")
