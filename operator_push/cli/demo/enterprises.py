"""The enterprises of the demo: who they are, what they want to tell whom, and at which price.

The brands are those that the generated subscribers gave their permission to (`cdr-ingest generate`).
"""

from dataclasses import dataclass

CURRENCY = "INR"
PROMOTIONAL_PRICE = "0.12"
SERVICE_PRICE = "0.10"
SHORT_CODES = ("56070", "56071")
OPERATOR_APPROVER = "operator.desk"


@dataclass(frozen=True, slots=True)
class Enterprise:
    """A buyer of one campaign. `account` is its name in the product, `category` TRAI's number."""

    account: str
    brand: str
    category: int
    source: str
    campaign: str
    rule: str
    text: str
    buyer: str
    checker: str


CHAI_POINT = Enterprise(
    account="chaipoint",
    brand="Chai Point",
    category=8,
    source=SHORT_CODES[0],
    campaign="Chai Point: morning chai",
    rule=(
        'home.city in ["Mumbai", "Delhi", "Bengaluru", "Hyderabad", "Chennai", "Kolkata", "Pune"]'
        " && age >= 18 && active_days_30d >= 3"
    ),
    text=(
        "Chai Point: good morning! Show this SMS before 11:00 and your masala chai costs half today."
        " No more of these? Answer STOP."
    ),
    buyer="asha@chaipoint",
    checker="ravi@chaipoint",
)
# Long on purpose: two segments, so that every part is billed and proved on its own.
ZING_MUSIC = Enterprise(
    account="zingmusic",
    brand="Zing Music",
    category=6,
    source=SHORT_CODES[1],
    campaign="Zing Music: weekend pass",
    rule='device.os != "feature" && data_mb_30d >= 50.0 && (age < 45 || spend_30d >= 200.0)',
    text=(
        "Zing Music: this weekend every song is yours, without a single advertisement, at home and on the"
        " road. Open the app until Sunday midnight and choose Weekend Pass; it ends by itself and costs"
        " nothing. No more of these? Answer STOP."
    ),
    buyer="kabir@zingmusic",
    checker="meena@zingmusic",
)
CAMPAIGN_BUYERS = (CHAI_POINT, ZING_MUSIC)


@dataclass(frozen=True, slots=True)
class EsmeAccount:
    """A customer with a bind of its own."""

    account: str
    password: str
    brand: str
    category: int
    source: str


NAGAR_BANK = EsmeAccount("nagarbank", "bank1234", "Nagar Bank", 1, "NAGARB")
NAGAR_LOW = EsmeAccount("nagarlow", "low12345", "Nagar Bank", 1, "NAGARB")
