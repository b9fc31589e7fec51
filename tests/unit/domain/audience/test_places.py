"""Places: on the map, and with the names that people write."""

from operator_push.domain.audience.places import PLACES


def test_places_are_on_the_map() -> None:
    assert len(PLACES) > 60
    assert all(-90 < place.latitude < 90 and -180 < place.longitude <= 180 for place in PLACES.values())
    assert PLACES["New York"].longitude < 0 < PLACES["Pune"].longitude
    assert not any("_" in name for name in PLACES)
