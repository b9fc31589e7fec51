"""What campaign commands print: a campaign without the exact size of its audience, its terms in words."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from operator_push.cli.printing import print_fields, print_json
from operator_push.cli.quote_command import at_most_micros
from operator_push.domain.audience.counting import COUNT_STEP, Disclosed
from operator_push.domain.pacing import SECOND_US, Pace
from operator_push.kernel.instants import iso
from operator_push.kernel.money import format_micros

Campaign = dict[str, Any]


def campaign_json(found: Campaign) -> Campaign:
    """A campaign without the exact size of its audience, moments as text."""
    told = people_told(found)
    hidden = {"audience", "quoted_micros", "account_no", "brand_no", "campaign_no", "checkpoint", "progress"}
    return {
        **{
            (key.removesuffix("_us") if key.endswith("_us") else key): (
                iso(value) if key.endswith("_us") else value
            )
            for key, value in found.items()
            if key not in hidden
        },
        "people": told.count,
        "at_most_micros": at_most_micros(told, found["segments"], found["price_micros"]),
        "terms": terms_json(found.get("terms", {})),
        "client_approved_by": found.get("progress", {}).get("client_approved_by", ""),
        "also_approved_by": found.get("progress", {}).get("also_approved_by", ""),
    }


def people_told(found: Campaign) -> Disclosed:
    """How many people a campaign was ordered for: as many as the client was told, whatever the floor is."""
    return Disclosed(found["audience"] - found["audience"] % COUNT_STEP)


def at_most_words(found: Campaign) -> str:
    return format_micros(at_most_micros(people_told(found), found["segments"], found["price_micros"]))


def print_campaign(found: Campaign, as_json: bool) -> None:
    if as_json:
        print_json(campaign_json(found))
        return
    print_fields(
        [
            ("campaign", found["name"]),
            ("state", found["state"].replace("_", " ")),
            ("account", f"{found['account']} for {found['brand']}, category {found['category']}"),
            ("rule", found["rule"]),
            ("people", people_told(found)),
            ("sender", found["source"]),
            *_text(found),
            ("segments", f"{found['segments']} each, {format_micros(found['price_micros'])} a segment"),
            ("at most", at_most_words(found)),
            ("ordered by", found["ordered_by"]),
            ("approved by", _approvers(found)),
            *(
                (name.replace("_", " "), _term_words(value))
                for name, value in terms_json(found.get("terms", {})).items()
            ),
        ]
    )


def told_counts(counts: Counter[str]) -> str:
    words = [f"{count:,} {name.lower().replace('_', ' ')}" for name, count in counts.most_common() if count]
    return ", ".join(words) or "none"


def terms_json(terms: dict[str, Any]) -> dict[str, Any]:
    """The terms of a campaign by name, moments as text."""
    return {
        (name.removesuffix("_us") if name.endswith("_us") else name): (
            iso(value) if name.endswith("_us") else value
        )
        for name, value in terms.items()
    }


def _term_words(value: Any) -> str:
    """A term as people read it."""
    match value:
        case True:
            return "yes"
        case list():
            return "; ".join(f"{each['name']}: {' / '.join(_texts_of(each))}" for each in value)
        case dict():
            return "; ".join(f"{_named(str(name))} {_term_words(said)}" for name, said in value.items())
    return str(value)


def _texts_of(variant: dict[str, Any]) -> list[str]:
    """Its text, and those by language."""
    return [
        variant["text"],
        *(f"{language}: {text}" for language, text in variant.get("texts", {}).items()),
    ]


def _text(found: Campaign) -> list[tuple[str, str]]:
    """What it says, in one line; of a test its variants say it."""
    if found.get("terms", {}).get("variants"):
        return []
    return [("text", found["text"].replace("\n", " ⏎ "))]


def _named(name: str) -> str:
    """An hour of the day, or what else a value stands under."""
    return f"{name}:00" if name.isdecimal() else f"{name}:"


def _approvers(found: Campaign) -> str:
    """Who has said yes, by side."""
    said = [
        (name, side)
        for name, side in (
            (found.get("progress", {}).get("client_approved_by", ""), "client"),
            (found["approved_by"], "operator"),
            (found.get("progress", {}).get("also_approved_by", ""), "operator, too"),
        )
        if name
    ]
    return ", ".join(f"{name} for the {side}" for name, side in said) or "nobody yet"


def forecast_of(
    found: Campaign, left: Mapping[str, Any], handed_in: int, waits_until_us: int, now_us: int
) -> dict[str, Any] | None:
    """{"people", "left", "per_second", "ends", "last_leaves"} of a campaign that is not over.

    `left`: what the server tells of its rest. `ends` is when the last are handed in by its pace, its rate, or
    how they came lately; null while it is paused or nobody hands anybody in, and then 0 a second.
    `last_leaves` is when what was handed in and waits for a later hour has left (`waits_until_us`); null
    where nothing waits.
    """
    people, waits = int(left.get("people", 0)), waits_until_us > now_us
    goes_on = found["state"] in ("running", "paused") and people > 0
    if not goes_on and not waits:
        return None
    rest = max(0, people - handed_in) if goes_on else 0
    ends_us = left.get("ends_us") if rest else None
    return {
        "people": people or handed_in,
        "left": rest,
        "per_second": rest * SECOND_US // max(SECOND_US, ends_us - now_us) if ends_us else 0,
        "ends": iso(ends_us) if ends_us else None,
        "last_leaves": iso(waits_until_us) if waits else None,
    }


def _why_not_known(found: Campaign) -> str:
    """Why nobody can tell when the last of its people are handed in."""
    terms = found.get("terms", {})
    if found["state"] == "paused":
        return "it is paused"
    if terms.get("test_percent") and not found.get("progress", {}).get("winner"):
        return "most of them wait until a text has won"
    if terms.get("pace") == Pace.OWN.value:
        return "each comes in the own hour, or in the last one before its end"
    return "nobody hands them in: launch it again"


def forecast_words(forecast: dict[str, Any] | None, found: Campaign) -> list[tuple[str, str]]:
    """The forecast of a campaign as lines for people."""
    if forecast is None:
        return []
    lines = []
    left = f"{forecast['left']:,} left"
    if forecast["ends"]:
        lines.append(("ends about", f"{forecast['ends']}: {left}, {forecast['per_second']:,} a second"))
    elif forecast["left"]:
        lines.append(("ends about", f"not known: {left}, {_why_not_known(found)}"))
    if forecast["last_leaves"]:
        lines.append(("last leaves", f"{forecast['last_leaves']}, which is when the hours allow it"))
    return lines
