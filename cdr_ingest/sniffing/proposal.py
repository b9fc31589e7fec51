"""The proposal: what was seen of a file as a mapping, with the reason and the confidence of every guess."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cdr_ingest.formats.layouts import LAYOUTS, RowKind
from cdr_ingest.mapping.reading import required_columns
from cdr_ingest.sniffing.kind_words import kind_of
from cdr_ingest.sniffing.meaning import Meaning, find_kind, find_meanings
from cdr_ingest.sniffing.sample import Guess, Sample
from cdr_ingest.sniffing.shape import Shape, find_shape
from cdr_ingest.sniffing.values import ColumnLook, Look, look_at

_UNSURE = 0.75
"""A guess below this is pointed out in the mapping."""


@dataclass(slots=True)
class Proposal:
    """`mapping` is TOML; `missing` names required fields that no column gave."""

    kind: RowKind
    kind_reason: str
    shape: Shape
    encoding: Guess
    meanings: list[Meaning]
    looks: dict[str, ColumnLook]
    zone: Guess
    mapping: str = ""
    missing: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The proposal as JSON values."""
        guesses = {"encoding": self.encoding, "form": self.shape.form, "zone": self.zone}
        if self.shape.delimiter is not None:
            guesses["delimiter"] = self.shape.delimiter
        if self.shape.header is not None:
            guesses["header"] = self.shape.header
        return {
            "kind": self.kind.value,
            "kind_reason": self.kind_reason,
            "guesses": {
                name: {"value": one.value, "reason": one.reason, "confidence": round(one.confidence, 2)}
                for name, one in guesses.items()
            },
            "columns": [self._column(name) for name in self.shape.names],
            "missing": self.missing,
            "mapping": self.mapping,
        }

    def _column(self, name: str) -> dict[str, Any]:
        look = self.looks[name]
        meaning = next((one for one in self.meanings if one.column == name), None)
        return {
            "column": name,
            "holds": look.look.value,
            "form": look.form,
            "field": meaning.field if meaning else None,
            "reason": meaning.reason if meaning else "nothing that a field is told by",
            "confidence": meaning.confidence if meaning else 0.0,
        }


def propose(sample: Sample, file: Path, country_code: str) -> Proposal:
    """A mapping for a text; `country_code` "" where nobody has told it."""
    shape = find_shape(sample.lines)
    looks = {name: look_at(shape.column(name)) for name in shape.names}
    named = shape.form.value == "jsonl" or (shape.header is not None and shape.header.value == "true")
    kind, why = find_kind(shape.names if named else [], looks)
    meanings = find_meanings(kind, shape.names, looks, named)
    zone = _zone(shape, looks, meanings)
    proposal = Proposal(kind, why, shape, sample.encoding, meanings, looks, zone)
    have = {one.field for one in meanings}
    proposal.missing = [
        name for name in required_columns(LAYOUTS[kind]) if name not in have | {"record_id", "kind", "city"}
    ]
    proposal.mapping = _toml(proposal, file, country_code)
    return proposal


def _zone(shape: Shape, looks: dict[str, ColumnLook], meanings: list[Meaning]) -> Guess:
    moments = [one.column for one in meanings if one.field in ("started_at", "topped_up_at")]
    if moments and all(looks[name].has_zone for name in moments):
        return Guess("", "the moments say their own", 1.0)
    # A clock of twelve hours says less; it is not looked at.
    of_day = [name for name in moments if "%I" not in looks[name].form]
    hours = [hour for name in of_day for hour in _hours(shape.column(name))]
    if len(hours) >= 200:
        counts = [hours.count(hour) for hour in range(24)]
        quiet = min(range(24), key=lambda at: sum(counts[(at + step) % 24] for step in range(-1, 3)))
        if quiet not in range(7):
            reason = f"fewest records are at {quiet:02d} o'clock, so the times are hardly local"
            return Guess("UTC", reason, 0.4)
        reason = (
            f"a guess: fewest records are at {quiet:02d} o'clock, so the times are local ones; of which zone "
        )
        return Guess("", reason + "no record says, without one the run's counts", 0.5)
    return Guess("", "no zone stands in the file, the run's counts", 0.3)


def _hours(values: list[str]) -> list[int]:
    found = (re.search(r"(?:^|[ T])(\d\d):\d\d", value) for value in values)
    return [int(match[1]) for match in found if match is not None and int(match[1]) < 24]


def _toml(proposal: Proposal, file: Path, country_code: str) -> str:
    shape = proposal.shape
    stem = re.sub(r"[^a-z0-9_-]+", "-", file.name.partition(".")[0].lower()).strip("-_")
    name = stem if stem[:1].isalpha() else f"file-{stem}".rstrip("-")
    lines = [
        f"# Proposed by cdr-ingest sniff: {proposal.kind.value} because {proposal.kind_reason}.",
        "# Guesses that are not sure say so; look at them, then: cdr-ingest mapping check THIS FILE",
        f"name = {_text(name)}",
        f"kind = {_text(proposal.kind.value)}",
        "",
        "[text]",
        *_text_lines(proposal),
        "",
        "[fields]",
    ]
    lines += _field_lines(proposal, country_code)
    if shape.positions:
        at = lines.index("[fields]")
        positions = [f"{name} = [{first}, {width}]" for name, (first, width) in shape.positions.items()]
        lines[at - 1 : at - 1] = ["", "[text.positions]", *positions]
    return "\n".join(lines) + "\n"


def _text_lines(proposal: Proposal) -> list[str]:
    shape = proposal.shape
    lines = [f"form = {_text(shape.form.value)}{_note(shape.form)}"]
    lines.append(f"encoding = {_text(proposal.encoding.value)}{_note(proposal.encoding)}")
    if shape.delimiter is not None:
        lines += [f"delimiter = {_text(shape.delimiter.value)}", f"quote = {_text(shape.quote)}"]
    if shape.header is not None:
        lines.append(f"header = {shape.header.value}{_note(shape.header)}")
        if shape.header.value == "false":
            lines.append(f"columns = [{', '.join(_text(name) for name in shape.names)}]")
    elif shape.positions:
        lines.append("header = false")
    if shape.skip_lines:
        lines.append(f"skip_lines = {shape.skip_lines}")
    if any(proposal.looks[one.column].decimal == "," for one in proposal.meanings):
        lines.append('decimal = ","')
    zone = proposal.zone
    if zone.value:
        lines.append(f"zone = {_text(zone.value)}{_note(zone)}")
    else:
        lines.append(f"# zone: {'' if zone.confidence == 1 else 'a guess, '}{zone.reason}")
    return lines


def _field_lines(proposal: Proposal, country_code: str) -> list[str]:
    by_field: dict[str, list[Meaning]] = {}
    for meaning in proposal.meanings:
        by_field.setdefault(meaning.field, []).append(meaning)
    lines = []
    for name in LAYOUTS[proposal.kind].own_columns:
        meanings = by_field.get(name, [])
        if meanings:
            source = _source(proposal, name, meanings, country_code)
            sure = min(one.confidence for one in meanings)
            why = meanings[0].reason
            if any(proposal.looks[one.column].is_ambiguous for one in meanings):
                why, sure = "days and months could change places", 0.5
            lines.append(f"{name} = {source}{_note(Guess('', why, sure))}")
            continue
        default = _default(proposal, name)
        if default:
            lines.append(f"{name} = {default}")
    return lines


def _default(proposal: Proposal, name: str) -> str:
    have = {one.field for one in proposal.meanings}
    if name == "record_id":
        return '{ from = "@row" }  # no column is an id: equal rows are the same record'
    if name == "kind":
        is_data = "octets_down" in have and "correspondent" not in have
        kind = "DATA_SESSION" if is_data else "MO_CALL" if "duration_s" in have else "MO_SMS"
        return f'{{ value = "{kind}" }}  # a guess: no column tells the kind'
    if name == "city":
        cell = next((one.column for one in proposal.meanings if one.field == "cell_id"), "@line")
        return f"{{ from = {_text(cell)} }}  # no column is a city"
    if name in proposal.missing:
        return '{ value = "" }  # MISSING: no column looks like it; without it every row is rejected'
    return ""


def _source(proposal: Proposal, name: str, meanings: list[Meaning], country_code: str) -> str:
    columns = [one.column for one in meanings]
    look = proposal.looks[columns[0]]
    parts = [f"from = {_text(columns[0])}"]
    if len(columns) > 1:
        parts = [f"from = [{', '.join(map(_text, columns))}]", 'join = " "']
    if name == "kind":
        lookup = _kinds(proposal.shape, columns)
        parts.append(
            f"lookup = {{ {', '.join(f'{_text(key)} = {_text(to)}' for key, to in lookup.items())} }}"
        )
    elif name in ("started_at", "topped_up_at", "activated_on", "plan_ends_on", "changed_at", "ends_on"):
        forms = [proposal.looks[column].form for column in columns]
        parts.append(f"date = {_text(' '.join(forms))}")
    elif name in ("msisdn", "correspondent"):
        parts.append(f"number = {_plan(proposal.shape, columns[0], country_code)}")
    elif name == "duration_s":
        parts.append(f"unit = {_text(_duration_unit(look, columns[0]))}")
    elif name in ("octets_up", "octets_down"):
        parts.append(f"unit = {_text(_volume_unit(columns[0]))}")
    elif name in ("amount_rupees", "price"):
        minor = re.search(r"(?i)paise|paisa|cents?\b|minor|centime|kopek", columns[0])
        parts.append(f'unit = "{"minor" if minor else "major"}"')
    elif name == "prepaid":
        yes = [
            word for word in look.words if re.search(r"(?i)^(pre|pré|true|yes|y$|oui|s[ií]$|ja$|1$|p$)", word)
        ]
        lookup = {word: "true" if word in yes else "false" for word in look.words}
        parts.append(
            f"lookup = {{ {', '.join(f'{_text(key)} = {_text(to)}' for key, to in lookup.items())} }}"
        )
    return f"{{ {', '.join(parts)} }}"


def _lookup(lookup: dict[str, str]) -> str:
    return f"lookup = {{ {', '.join(f'{_text(key)} = {_text(to)}' for key, to in lookup.items())} }}"


def _kinds(shape: Shape, columns: list[str]) -> dict[str, str]:
    values = zip(*(shape.column(name) for name in columns), strict=True)
    joined = dict.fromkeys(" ".join(one for one in row if one) for row in values)
    return {words: kind_of(words)[0] for words in sorted(joined) if words}


def _plan(shape: Shape, column: str, country_code: str) -> str:
    if not country_code:
        return "{}"
    digits = [re.sub(r"[ ().\-/]", "", value) for value in shape.column(column) if value.strip()]
    parts = [f"country_code = {_text(country_code)}"]
    if any(one.startswith("0") and not one.startswith("00") for one in digits):
        parts.append('national_prefix = "0"')
    bare = [one for one in digits if one.isdigit() and not one.startswith(("0", country_code))]
    if bare:
        lengths = [len(one) for one in bare]
        parts.append(f"national_digits = {max(set(lengths), key=lengths.count)}")
    return f"{{ {', '.join(parts)} }}" if len(parts) > 1 else "{}"


def _duration_unit(look: ColumnLook, column: str) -> str:
    name = column.lower()
    if look.look in (Look.CLOCK, Look.TIME):
        return "hh:mm:ss"
    if re.search(r"(^|_)ms$|milli|usec", name) or re.search(r"[a-z]Ms$", column):
        return "ms"
    return "min" if re.search(r"min", name) else "s"


def _volume_unit(column: str) -> str:
    for unit in ("KiB", "MiB", "GiB", "kB", "MB", "GB"):
        if re.search(rf"(^|[_ (]){unit}([_ )]|$)", column, re.IGNORECASE):
            return unit
    return "octets"


def _note(guess: Guess) -> str:
    return f"  # a guess ({guess.confidence:.0%}): {guess.reason}" if guess.confidence < _UNSURE else ""


def _text(value: str) -> str:
    if '"' not in value and "\\" not in value and value.isprintable():
        return f'"{value}"'
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return '"' + "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in escaped) + '"'
