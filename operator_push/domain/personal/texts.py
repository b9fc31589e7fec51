"""Texts: which text of a campaign somebody gets: by variant, by the person's language, with places filled.

The one piece of code by which texts are quoted, previewed and sent, so that the three agree.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple

from operator_push.domain.personal.own_columns import PREFIX, OwnColumns
from operator_push.domain.personal.template import PersonalText, is_personal, personal_text
from operator_push.domain.personal.values import NOTHING
from operator_push.domain.profile import FeatureValue
from operator_push.domain.short_links import checked_target
from operator_push.domain.variants import Variant, place_of
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME

LANGUAGE: Final = "language"  # the attribute by which a language is chosen
LANGUAGES_MAX: Final = 30  # Ours: India has 22 scheduled languages


class CampaignTexts(NamedTuple):
    """What a campaign says. `by_language`: ISO 639-1 → text, in the place of `text`; `variants` stand in the
    place of both, each with its own languages; `fallbacks`: attribute → what stands where it is not known;
    `target`: where the link of everybody's own leads, "" where no text has one; `own`: the client's list
    whose columns stand in the texts, None where none may."""

    text: str
    by_language: Mapping[str, str] = {}
    variants: Sequence[Variant] = ()
    fallbacks: Mapping[str, str] = {}
    target: str = ""
    own: OwnColumns | None = None

    def all_texts(self) -> list[str]:
        """Every text that somebody may get, its places unfilled."""
        if self.variants:
            return [text for each in self.variants for text in each.all_texts()]
        return [self.text, *self.by_language.values()]

    @property
    def languages(self) -> list[str]:
        """The languages for which there is a text of its own, each once."""
        return list(dict.fromkeys(chain(self.by_language, *(each.texts for each in self.variants))))

    @property
    def is_one_for_all(self) -> bool:
        """True where nothing is asked of anybody."""
        return not self.languages and not any(map(is_personal, self.all_texts()))

    def names(self) -> tuple[str, ...]:
        """The attributes of the catalogue that decide what somebody gets.

        Raises:
            OperatorError: a text is no template.
        """
        used = [name for name in self._used() if not name.startswith(PREFIX)]
        return tuple(dict.fromkeys([LANGUAGE, *used] if self.languages else used))

    def own_names(self) -> tuple[str, ...]:
        """The own columns in the texts, as own.NAME; errors as `names`."""
        return tuple(name for name in self._used() if name.startswith(PREFIX))

    def check(self) -> None:
        """
        Raises:
            OperatorError: a text is no template, or languages and fallbacks are not what they should be.
        """
        if self.by_language and self.variants:
            raise OperatorError(
                "a text by language stands beside variants, which would never be sent; give each variant its "
                "own: --text-in VARIANT:LANGUAGE=TEXT"
            )
        for language in self.languages:
            if len(language) != 2 or not language.isascii() or not language.islower():
                raise OperatorError(f"{language!r} is no language by two letters (ISO 639-1), such as hi")
        if self.target:
            checked_target(self.target)
        if bool(self.target) != any(map(self._has_link, self.all_texts())):
            raise OperatorError(
                "a link and {{ link }} in the text belong together: where it leads, where it stands"
            )
        names, own = self.names(), self.own_names()
        if names and own:
            raise OperatorError(
                f"a text has own columns ({', '.join(own)}) or attributes ({', '.join(names)}), not both: "
                "its length would tell an attribute of one of your customers. A language can be a column, too"
            )
        used = (*names, *own)
        for name in self.fallbacks:
            if name not in FEATURES_BY_NAME and not name.startswith(PREFIX):
                raise OperatorError(f"fallback {name!r} is for no attribute of the catalogue")
            if name not in used:
                raise OperatorError(f"fallback {name!r} is for nothing that the text uses: {', '.join(used)}")

    def chosen(
        self, campaign_no: int, subscriber_no: int, winner: str, values: Mapping[str, FeatureValue]
    ) -> str:
        """The text for somebody, its places unfilled; `winner`: the variant that everybody gets by now."""
        possible = self.possible(values)
        if len(possible) == 1:
            return possible[0]
        if winner:
            return possible[[each.name for each in self.variants].index(winner)]
        return possible[place_of(campaign_no, subscriber_no, len(possible))]

    def possible(self, values: Mapping[str, FeatureValue]) -> list[str]:
        """What somebody of whom these values are known may get, unfilled: the one text, or that of each
        variant in their order."""
        language = str(values.get(LANGUAGE, ""))
        if self.variants:
            return [each.texts.get(language, each.text) for each in self.variants]
        return [self.by_language.get(language, self.text)]

    def filled(self, text: str, values: Mapping[str, FeatureValue] = NOTHING) -> str:
        """One of the texts for somebody of whom these values are known; LINK_MARK where a link belongs."""
        return self._template(text).render(values) if is_personal(text) else text

    def _has_link(self, text: str) -> bool:
        return is_personal(text) and self._template(text).has_link

    def _used(self) -> list[str]:
        """Every name in the texts, each once."""
        found = [self._template(text).names for text in self.all_texts() if is_personal(text)]
        return list(dict.fromkeys(chain(*found)))

    def _template(self, text: str) -> PersonalText:
        return personal_text(text, self.fallbacks, self.own.columns if self.own is not None else None)
