"""The DLT register of India (TCCCPR): entities, headers, content templates, and whether a message fits them.

An entity is the registered client behind a brand. A header is a sender that belongs to one entity, for kinds
of messages (P promotional, S service, T transactional, G government); operators write it with a prefix of
their circle and a suffix of its kind (VM-CHAIIN-P). Templates are `domain.dlt_template`.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from operator_push.domain.dlt_template import Template, spaced
from operator_push.domain.message import TrafficClass
from operator_push.kernel.errors import OperatorError

DLT_RULE_NUMBER = 10  # in stored trails; asked at the door, where the text is (services.scrub_content)
DLT_RULE_NAME = "registered content"
KINDS = {"P": TrafficClass.PROMOTIONAL, "S": TrafficClass.SERVICE, "T": TrafficClass.TRANSACTIONAL}
GOVERNMENT = "G"
_HEADER = re.compile(r"(?:[A-Z]{2}-)?([A-Z0-9]{3,11})(?:-([PSTG]))?")


class Header(NamedTuple):
    """A sender of an entity and the suffixes of the kinds that it may send."""

    entity: str
    kinds: frozenset[str]


class DltRegister:
    """Everything that is registered; `changes` counts."""

    def __init__(self) -> None:
        self._entity_of_brand: dict[str, str] = {}
        self._headers: dict[str, Header] = {}
        self._templates: dict[str, Template] = {}
        self._by_entity: dict[tuple[str, str], dict[str, Template]] = {}
        self.changes = 0
        self.version_us = 0  # the moment of its newest row

    def put_entity(self, entity: str, brand: str) -> None:
        """The brand's client is registered under this id."""
        self._entity_of_brand[brand] = entity
        self.changes += 1

    def put_header(self, header: str, entity: str, kinds: frozenset[str]) -> None:
        """A sender (without prefix and suffix) of an entity."""
        self._headers[header.upper()] = Header(entity, kinds)
        self.changes += 1

    def put_template(self, template_id: str, template: Template) -> None:
        """A text, in the place of what had this id."""
        old = self._templates.get(template_id)
        if old is not None:
            del self._by_entity[(old.entity, old.first_word)][template_id]
        self._templates[template_id] = template
        self._by_entity.setdefault((template.entity, template.first_word), {})[template_id] = template
        self.changes += 1

    def entity_of(self, brand: str) -> str | None:
        """The entity of a brand, None where it has none."""
        return self._entity_of_brand.get(brand)

    def header_fits(self, source: str, entity: str, kind: TrafficClass) -> bool:
        """Is this sender a header of the entity for this kind of message? A suffix must say the same kind."""
        match = _HEADER.fullmatch(source.upper())
        header = self._headers.get(match[1]) if match else None
        if match is None or header is None or header.entity != entity:
            return False
        return any(suffix in header.kinds and match[2] in (None, suffix) for suffix in suffixes_of(kind))

    def template_of(
        self,
        text: str,
        entity: str,
        kind: TrafficClass,
        template_id: str = "",
        part: tuple[int, int] = (1, 1),
    ) -> str | None:
        """The id of the entity's template for this kind that a text fits, None where none does.

        `template_id`: the one that the client states, and no other is tried; `part`: (number, of how many).
        """
        first_word = spaced(text).partition(" ")[0]
        number, total = part
        for found, template in self._candidates(entity, first_word, template_id, any_word=total > 1):
            if template.entity != entity or not template.kinds.intersection(suffixes_of(kind)):
                continue
            if (
                template.fits(text)
                if total == 1
                else template.fits_piece(text, first=number == 1, last=number == total)
            ):
                return found
        return None

    def _candidates(
        self, entity: str, first_word: str, template_id: str, *, any_word: bool
    ) -> Iterator[tuple[str, Template]]:
        if template_id:
            stated = self._templates.get(template_id)
            if stated is not None:
                yield template_id, stated
        elif any_word:
            yield from ((each, known) for each, known in self._templates.items() if known.entity == entity)
        else:
            yield from self._by_entity.get((entity, first_word), {}).items()
            if first_word:
                yield from self._by_entity.get((entity, ""), {}).items()


def suffixes_of(kind: TrafficClass) -> tuple[str, ...]:
    """The suffixes under which a kind of message may be sent; governments send all but promotions."""
    suffix = next(suffix for suffix, each in KINDS.items() if each == kind)
    if kind == TrafficClass.PROMOTIONAL:
        return (suffix,)
    return (suffix, GOVERNMENT) if kind == TrafficClass.SERVICE else (suffix, "S", GOVERNMENT)


def parse_kinds(text: str) -> frozenset[str]:
    """The suffixes of a row: "P", or "S;T".

    Raises:
        OperatorError: none, or another letter.
    """
    kinds = frozenset(part.strip().upper().lstrip("-") for part in text.split(";") if part.strip())
    if not kinds or not kinds <= {*KINDS, GOVERNMENT}:
        raise OperatorError(f"kinds {text!r}: one or more of P, S, T and G, such as S;T")
    return kinds


def take_row(
    register: DltRegister,
    kind: str,
    code: str,
    entity: str = "",
    brand: str = "",
    kinds: str = "",
    text: str = "",
    at_us: int = 0,
) -> None:
    """Put a row of a file into the register; see `operator-push dlt import --help` for what it says.

    Raises:
        OperatorError: names what is missing or is none.
    """
    if not code:
        raise OperatorError("code is missing: the id, or the sender")
    register.version_us = max(register.version_us, at_us)
    if kind == "entity":
        if not brand:
            raise OperatorError("brand is missing: whose client the entity is")
        register.put_entity(code, brand)
        return
    if kind not in ("header", "template"):
        raise OperatorError(f"kind {kind!r} is not entity, header or template")
    if not entity:
        raise OperatorError(f"entity is missing: whose {kind} this is")
    if kind == "header":
        if not _HEADER.fullmatch(code.upper()):
            raise OperatorError(f"{code!r} is no header: 3 to 11 letters and digits")
        register.put_header(code, entity, parse_kinds(kinds))
    else:
        register.put_template(code, Template(entity, parse_kinds(kinds), text))
