"""The page: a story, its PDUs, its documents and the SMSC's own records, by the template beside this file.

It needs nothing but itself. Law: no whole number of a person and no text stands on it.
"""

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from operator_push._version import __version__
from operator_push.cli.message_story import story_json
from operator_push.cli.story_page.rebuilt_pdus import rebuilt_pdus
from operator_push.cli.story_page.shown_pdus import shown_pdus
from operator_push.kernel.instants import iso
from operator_push.kernel.money import format_micros
from operator_push.kernel.numbering import mask_number
from operator_push.services.smsc_cdr import SmscRecord
from operator_push.store.stories import Story
from operator_push.store.story_octets import KeptPdu

_HERE = Path(__file__).parent
_VERDICTS = {
    "ADMIT": "It was admitted at once.",
    "DEFER": "It was admitted, to be sent later.",
    "REFUSE": "It was refused, and nothing was charged.",
}


def story_page(
    story: Story,
    pdus: Sequence[KeptPdu],
    documents: list[str],
    records: Iterable[SmscRecord] | None,
    made_at_us: int,
) -> str:
    """The whole page. `records`: the SMSC's rows about this message; None where no file was given."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["money"] = format_micros
    template = environment.from_string((_HERE / "page.html.j2").read_text(encoding="utf-8"))
    told = story_json(story)
    return template.render(
        css=(_HERE / "page.css").read_text(encoding="utf-8"),
        told=told,
        headline=_headline(told),
        decided=_VERDICTS[told["verdict"]],
        pdus=_in_order(story, pdus),
        documents=documents,
        records=None if records is None else [_record(each) for each in records],
        events=sorted(_events(told), key=itemgetter(0)),
        made_at=iso(made_at_us),
        version=__version__,
    )


def records_of(story: Story, records: Iterable[SmscRecord]) -> list[SmscRecord]:
    """The SMSC's rows about a message: by its ids, or by our reference, recipient and sender together."""
    ids = {each["smsc_message_id"] for each in _segments(story)} - {None, ""}
    ids |= {attempt.smsc_message_id for attempt in story.stored.attempts} - {""}
    references = {attempt.user_message_reference for attempt in story.stored.attempts} - {-1}
    row = story.stored.row
    return [
        each
        for each in records
        if each.smsc_message_id in ids
        or (
            each.user_message_reference in references
            and (each.destination, each.source) == (row.destination, row.source)
        )
    ]


def _in_order(story: Story, kept: Sequence[KeptPdu]) -> list[dict[str, Any]]:
    """The submit_sm that came, then all others by their moments."""
    came = [each for each in kept if not each.delivery_id]
    others = [*rebuilt_pdus(story, came[0].octets if came else b"")]
    others += shown_pdus(each for each in kept if each.delivery_id)
    return [*shown_pdus(came), *sorted(others, key=lambda each: each["at"] or "")]


def _segments(story: Story) -> list[dict[str, Any]]:
    return list(story_json(story)["segments"])


def _headline(told: dict[str, Any]) -> str:
    end = told["end"]
    if told["verdict"] == "REFUSE":
        return f"Refused: {(told['reason'] or '').replace('_', ' ').lower()}"
    if end is None:
        return "On its way"
    count = f"{end['segments_delivered']} of {told['segment_count']} segments delivered"
    return f"{end['state'].capitalize()}: {count}, {format_micros(end['settled_micros'])} charged"


def _events(told: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(moment, whose, what), for one line of time."""
    yield told["accepted_at"], "us", "decided"
    for segment in told["segments"]:
        name = "all segments" if told["is_whole"] else f"segment {segment['segment_no']}"
        for attempt in segment["attempts"]:
            yield attempt["at"], "us", f"{name}: submit_sm over {attempt['link']}"
            if attempt["answered_at"]:
                yield attempt["answered_at"], "SMSC", f"{name}: {attempt['answer']}"
        if segment["at"]:
            yield segment["at"], "SMSC", f"{name}: {segment['state']}, told by {segment['told_by']}"
        if told["is_whole"]:
            break
    for each in told["transfers"]:
        amount = f"{format_micros(each['amount_micros'])} {each['currency']}"
        words = each["kind"].lower().replace("_", " ")
        yield each["at"], "ledger", f"{words} {amount}"
    for each in told["receipts_aside"]:
        yield each["at"], "SMSC", f"receipt {each['state']}, put aside: {each['outcome'].lower()}"
    for each in told["deliveries"]:
        if each["at"]:
            yield each["at"], "client", f"{each['kind']} {each['outcome']}"
    for each in told["corrections"]:
        words = each["kind"].lower().replace("_", " ")
        yield (
            each["at"],
            "ledger",
            f"{words} {format_micros(each['amount_micros'] + each['tax_micros'])} by hand",
        )
    for each in told["cases"]:
        yield each["at"], "us", f"case: {each['detail']}"
    for each in told["disputes"]:
        yield each["at"], each["by"].replace("operator", "us"), f"dispute {each['dispute']}: opened"
        for step in each["steps"]:
            yield step["at"], "us", f"dispute {each['dispute']}: {step['state'].replace('_', ' ')}"


def _record(each: SmscRecord) -> dict[str, str]:
    return {
        "smsc_message_id": each.smsc_message_id,
        "system_id": each.system_id,
        "recipient": mask_number(each.destination),
        "state": each.state.name,
        "submitted": iso(each.submit_us) if each.submit_us else "",
        "final": iso(each.final_us) if each.final_us else "",
        "error_code": each.error_code,
    }
