"""Rules: text made into a checked rule with all its outputs; the door of this room."""

from collections.abc import Mapping
from dataclasses import dataclass

from operator_push.domain.audience.parser import parse
from operator_push.domain.audience.to_python import RuleFunction, to_python
from operator_push.domain.audience.to_sql import SqlDialect, to_sql
from operator_push.domain.audience.tree import Node, Value, attribute_names, reads_clock, set_keys
from operator_push.domain.audience.types import check_rule
from operator_push.domain.audience.vocabulary import STANDARD, Vocabulary
from operator_push.domain.audience.words import in_words
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature_catalogue import Feature


@dataclass(frozen=True, slots=True)
class Rule:
    """A checked rule. `attributes`: the features that it reads, in the order of their first use."""

    text: str
    root: Node
    attributes: tuple[Feature, ...]
    features: Mapping[str, Feature]

    @property
    def purposes(self) -> DataPurpose:
        """Everything that a person must permit before every attribute of this rule is known of them."""
        needed = DataPurpose.NONE
        for feature in self.attributes:
            needed |= feature.purpose
        return needed

    @property
    def sets(self) -> tuple[str, ...]:
        """Keys of the sets that it asks for, such as `list:vip`, in the order of their first use."""
        return set_keys(self.root)

    @property
    def reads_clock(self) -> bool:
        """Whether its answer depends on when it is asked."""
        return reads_clock(self.root)

    def sql(
        self,
        dialect: SqlDialect = SqlDialect.DUCKDB,
        first_parameter: int = 1,
        now_us: int | None = None,
    ) -> tuple[str, list[Value]]:
        """(condition, parameters): see to_sql."""
        return to_sql(self.root, dialect, first_parameter, now_us)

    def function(self) -> RuleFunction:
        """A compiled function over one profile: see to_python."""
        return to_python(self.root)

    def words(self, language: str = "en") -> str:
        """The rule as a sentence of a language (ISO 639-1; phrasebook.LANGUAGES)."""
        return in_words(self.root, self.features, language)


def compile_rule(text: str, vocabulary: Vocabulary | Mapping[str, Feature] = STANDARD) -> Rule:
    """Parse and check a rule over a vocabulary, or over a catalogue alone.

    Raises:
        RuleError: with the column, what is wrong there, and a suggestion where there is one.
    """
    if not isinstance(vocabulary, Vocabulary):
        vocabulary = Vocabulary(vocabulary)
    root = check_rule(parse(text), vocabulary)
    attributes = tuple(vocabulary.features[name] for name in attribute_names(root))
    return Rule(text, root, attributes, vocabulary.features)
