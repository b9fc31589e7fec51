"""Event rules: conditions on something that happened, in the language of audiences.

They may ask the attributes of the event (`event.amount`) beside everything that is known of the person. Sets
belong to the rule by which the people of a campaign are counted, and are not known here.
"""

from collections.abc import Mapping

from operator_push.domain.audience.rule import Rule, compile_rule
from operator_push.domain.audience.vocabulary import Vocabulary
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME, Feature
from operator_push.kernel.trigger_catalogue import TRIGGERS_BY_NAME

NOTHING_BARRED: Mapping[str, str] = {}


def event_rule(
    trigger: str, text: str, *, barred: Mapping[str, str] = NOTHING_BARRED, zone: str = "UTC"
) -> Rule:
    """The condition of a campaign on the events of a trigger; `barred` and `zone` as of a Vocabulary.

    Raises:
        OperatorError: no trigger of the catalogue has this name, or the rule is wrong (then a RuleError, with
            its column).
    """
    return compile_rule(text, Vocabulary(event_features(trigger), barred=barred, sets=(), zone=zone))


def event_features(trigger: str) -> Mapping[str, Feature]:
    """What a condition on a trigger may ask: the catalogue, and what its events tell.

    Raises:
        OperatorError: no trigger of the catalogue has this name.
    """
    found = TRIGGERS_BY_NAME.get(trigger)
    if found is None:
        raise OperatorError(
            f"nothing is known of the event {trigger!r} that a condition could ask; the triggers are "
            + ", ".join(TRIGGERS_BY_NAME)
        )
    return {**FEATURES_BY_NAME, **{each.name: each for each in found.attributes}}
