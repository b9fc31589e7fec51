"""Evidence by its names, purposes by ours and by DPV's."""

import pytest

from operator_push.domain.consent import Purpose
from operator_push.domain.consent_record import DPV, more_of, more_text, purpose_of


def test_every_purpose_has_a_term_of_its_own() -> None:
    assert set(DPV) == set(Purpose)
    assert len(set(DPV.values())) == len(Purpose)
    assert all(term.startswith("dpv:") for term, _ in DPV.values())


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ("marketing", Purpose.MARKETING),
        ("dpv:DirectMarketing", Purpose.MARKETING),
        ("dpv:ServiceProvision", Purpose.SERVICE),
        ("dpv:PersonalisedAdvertising+pd:Location", Purpose.USE_LOCATION),
    ],
)
def test_a_purpose_by_either_name(text: str, purpose: Purpose) -> None:
    assert purpose_of(text) is purpose


def test_a_term_that_could_mean_several_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(ValueError, match=r"is not one of marketing, .*dpv:DirectMarketing"):
        purpose_of("dpv:PersonalisedAdvertising")


def test_more_keeps_known_names_that_say_something() -> None:
    text = more_text({"short_code": "56070", "ip": "", "colour": "red", "raw_text": "YES\0"})
    assert more_of(text) == {"raw_text": "YES", "short_code": "56070"}
    assert more_text({"msisdn": "919812345678"}) == ""
    assert more_of("") == {}
