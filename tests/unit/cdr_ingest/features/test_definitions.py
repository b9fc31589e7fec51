"""The table of definitions and the catalogue hold together."""

from cdr_ingest.features.definitions import DEFINITIONS
from cdr_ingest.features.sources import Source
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature_catalogue import DERIVED, FEATURES_BY_NAME

# What a source is made from, in purposes: a feature must ask for all of it.
NEEDED = {
    Source.CONTRACT: DataPurpose.SUBSCRIBER_RECORD,
    Source.ACTIVITY: DataPurpose.CALL_DATA,
    Source.HOURS: DataPurpose.CALL_DATA,
    Source.CONTACTS: DataPurpose.CALL_DATA,
    Source.PLACES: DataPurpose.CALL_DATA | DataPurpose.LOCATION,
    Source.STAYS: DataPurpose.CALL_DATA | DataPurpose.LOCATION,
    Source.WEEKS: DataPurpose.CALL_DATA | DataPurpose.LOCATION,
    Source.COUNTRIES: DataPurpose.CALL_DATA | DataPurpose.LOCATION,
    Source.GAPS: DataPurpose.CALL_DATA,
    Source.CONVERSATIONS: DataPurpose.CALL_DATA,
    Source.TOP_UPS: DataPurpose.TOP_UP,
    Source.EACH_TOP_UP: DataPurpose.TOP_UP,
    Source.RESPONSES: DataPurpose.CALL_DATA,
}


def test_every_feature_of_the_catalogue_is_defined_once_and_nothing_else() -> None:
    assert set(DEFINITIONS) == {feature.name for feature in DERIVED}


def test_a_feature_needs_the_purpose_of_what_it_is_made_from() -> None:
    assert {name: FEATURES_BY_NAME[name].purpose for name in DEFINITIONS} == {
        name: NEEDED[definition.view.source] for name, definition in DEFINITIONS.items()
    }


def test_a_view_is_as_long_as_what_its_feature_may_be_made_from() -> None:
    for name, definition in DEFINITIONS.items():
        if definition.view.source.is_windowed:
            assert definition.view.days == FEATURES_BY_NAME[name].retention_days, name
        else:
            assert not definition.view.days, name
