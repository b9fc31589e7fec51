"""operator-push smpp: looks at octets and texts as the product does; needs no configuration and no server.

Laws: plain text in, plain text out, one line for one thing, so that it can stand in a pipe. A stream that is
broken is data, not a failure: decode says what is wrong with it and how it would be answered.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

import click

from operator_push.cli.printing import json_option
from operator_push.cli.subject_group import SubjectGroup
from operator_push.kernel.errors import OperatorError
from operator_push.smpp.codec import PduDecodeError, decode_pdu, encode_pdu
from operator_push.smpp.constants import HEADER_OCTETS, PDU_OCTETS_MAX, CommandStatus, command_name
from operator_push.smpp.flat_form import from_flat, to_flat
from operator_push.smpp.framer import Framer
from operator_push.text.data_coding import Encoding
from operator_push.text.segmentation import LongMessages, SegmentCount, SegmentOptions, count_segments
from operator_push.text.shift_tables import LANGUAGE_CODES, NationalLanguage, language_of_code

_UNITS = {
    Encoding.GSM7: "septets",
    Encoding.IA5: "septets",
    Encoding.UCS2: "16-bit units",
    Encoding.LATIN1: "octets",
}
_FORCED = (Encoding.GSM7, Encoding.UCS2, Encoding.LATIN1, Encoding.IA5)


@click.group(cls=SubjectGroup)
def smpp() -> None:
    """Decode and encode SMPP; count segments."""


@smpp.command()
@click.argument("streams", nargs=-1, metavar="[HEX]...")
def decode(streams: tuple[str, ...]) -> None:
    """Print one JSON object per PDU.

    Each argument, or each line of standard input where there are none, is the hex of one stream of PDUs;
    spaces in it do not matter. Fields have the names of the SMPP specification. What cannot be read becomes
    {"error": ..., "answer": "ESME_..."}: the answer is the command_status that the peer would get, null
    where it would get none (responses, streams that only end too early).

    \b
    $ operator-push smpp decode 00000010000000150000000000000001
    """
    for stream in streams or _lines():
        for entry in decode_stream(stream):
            click.echo(json.dumps(entry))


@smpp.command()
@click.argument("objects", nargs=-1, metavar="[JSON]...")
def encode(objects: tuple[str, ...]) -> None:
    """Print the hex of one PDU per JSON object: the inverse of decode.

    Objects come as arguments, or one a line on standard input. `command` may stand for `command_id`, fields
    that are left out are 0 or empty, and lengths and counts are worked out. A line that is no PDU is named
    on standard error; the exit status is then 1.

    \b
    $ operator-push smpp encode '{"command": "enquire_link", "sequence_number": 1}'
    """
    failed = False
    for number, text in enumerate(objects or _lines(), 1):
        try:
            click.echo(encode_object(text))
        except ValueError as fault:
            click.echo(f"operator-push: object {number}: {fault}", err=True)
            failed = True
    if failed:
        raise click.exceptions.Exit(1)


@smpp.command("compile")
@click.option("--if-possible", is_flag=True, help="Exit with 0 where it cannot be built; the Python goes on.")
def compile_codec(if_possible: bool) -> None:
    """Compile the hot half of the codec.

    It costs a tenth of the Python that it stands for and gives the same. Needs Cython, a C compiler and
    Python.h; programs use it from their next start. OPERATOR_PUSH_CODEC=python switches it off.
    """
    from operator_push.cli.codec_build import build_codec

    try:
        module = build_codec()
    except OperatorError as error:
        if not if_possible:
            raise
        click.echo(f"The codec stays in Python: {error}")
    else:
        click.echo(f"Compiled codec: {module.name}")


class _Languages(click.ParamType[tuple[NationalLanguage, ...]]):
    """ISO 639-1 codes with commas between them."""

    name = "languages"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[NationalLanguage, ...]:
        if isinstance(value, tuple):
            return value
        try:
            return tuple(language_of_code(code.strip()) for code in value.split(",") if code.strip())
        except ValueError as fault:
            self.fail(str(fault), param, ctx)


@smpp.command()
@click.argument("text", required=False)
@click.option(
    "--file",
    "files",
    type=click.File(encoding="utf-8"),
    multiple=True,
    help="Count the text of a file in UTF-8 instead; repeat it for more.",
)
@click.option(
    "--encoding",
    type=click.Choice([each.name for each in _FORCED], case_sensitive=False),
    help="The alphabet, instead of the cheapest that holds the text.",
)
@click.option(
    "--shift-tables",
    type=_Languages(),
    default=(),
    metavar="CODES",
    help=f"National tables that may be used, in order: {','.join(LANGUAGE_CODES)}.",
)
@click.option(
    "--reference-bits",
    type=click.Choice(["8", "16"]),
    default="8",
    show_default=True,
    help="Width of the concatenation reference; 16 leaves a part 152 septets or 66 units.",
)
@click.option(
    "--method",
    type=click.Choice([each.value for each in LongMessages]),
    default=LongMessages.UDH.value,
    show_default=True,
    help="How long messages go to the SMSC; they are billed alike.",
)
@json_option
def segments(
    text: str | None,
    files: tuple[TextIO, ...],
    encoding: str | None,
    shift_tables: tuple[NationalLanguage, ...],
    reference_bits: str,
    method: str,
    as_json: bool,
) -> None:
    """Say how many segments a text is billed as, and in which alphabet it goes.

    The text is the argument, the files, or standard input, these without their last line end.

    \b
    $ operator-push smpp segments --json "Hello €"
    {"encoding": "GSM7", "segments": 1, "units": 8, "units_per_segment": [8]}
    """
    if text is not None and files:
        raise click.UsageError("give a text or --file, not both")
    try:
        options = SegmentOptions(
            reference_bits=int(reference_bits),
            shift_tables=shift_tables,
            method=LongMessages(method),
            encoding=Encoding[encoding.upper()] if encoding else None,
        )
        texts = [text] if text is not None else [_text_of(file) for file in files or (sys.stdin,)]
        for each in texts:
            count = count_segments(each, options)
            click.echo(json.dumps(_count_json(count)) if as_json else _count_words(count))
    except UnicodeEncodeError as fault:
        raise click.UsageError(f"this text cannot be sent: {_lacking(fault, encoding)}") from fault
    except ValueError as fault:
        raise click.UsageError(f"this text cannot be sent: {fault}") from fault


def _text_of(file: TextIO) -> str:
    return file.read().removesuffix("\n")


def _lacking(fault: UnicodeEncodeError, encoding: str | None) -> str:
    letter = fault.object[fault.start]
    place = f"character {fault.start + 1}, U+{ord(letter):04X}"
    if 0xD800 <= ord(letter) <= 0xDFFF:
        return f"{place} is a lone surrogate, half a character"
    return f"{(encoding or 'the alphabet').upper()} lacks {place}; leave out --encoding or choose UCS2"


def _count_json(count: SegmentCount) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "encoding": count.encoding.name,
        "segments": count.segments,
        "units": count.units,
        "units_per_segment": list(count.units_per_segment),
    }
    if count.locking or count.single:
        answer["shift_tables"] = {
            name: NationalLanguage(language).code if language else None
            for name, language in (("locking", count.locking), ("single", count.single))
        }
    return answer


def _count_words(count: SegmentCount) -> str:
    plural = "" if count.segments == 1 else "s"
    tables = [
        f"{NationalLanguage(language).name.title()} {name} shift"
        for name, language in (("locking", count.locking), ("single", count.single))
        if language
    ]
    return (
        f"{count.segments} segment{plural} in {count.encoding.name}"
        f"{' with ' + ' and '.join(tables) if tables else ''}: {count.units} {_UNITS[count.encoding]}"
        f" ({' + '.join(map(str, count.units_per_segment))})"
    )


def decode_stream(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of one stream of PDUs in hex."""
    try:
        octets = bytes.fromhex(text)
    except ValueError as fault:
        yield _error(f"not hex: {fault}", None)
        return
    framer = Framer()
    for pdu_octets in framer.feed(octets):
        try:
            yield to_flat(decode_pdu(pdu_octets))
        except PduDecodeError as fault:
            what = command_name(fault.command_id) or f"0x{fault.command_id:08x}"
            yield _error(f"{what} with sequence_number {fault.sequence_number}: {fault}", fault.answer)
    if framer.lost_length is not None:
        limits = f"{HEADER_OCTETS}..{PDU_OCTETS_MAX}"
        detail = f"command_length: {framer.lost_length} is not in {limits}; framing is lost for good"
        yield _error(detail, CommandStatus.ESME_RINVCMDLEN)
    elif framer.waiting_octets:
        yield _error(f"incomplete: {_octets(framer.waiting_octets)} of a PDU, then the stream ends", None)


def encode_object(text: str) -> str:
    """The hex of one PDU given as JSON.

    Raises:
        ValueError: no JSON object, or no PDU; it names the key.
    """
    flat = json.loads(text)
    if not isinstance(flat, dict):
        raise ValueError("not a JSON object")
    if "error" in flat:
        raise ValueError("this is an error that decode printed, not a PDU")
    return encode_pdu(from_flat(flat)).hex()


def _error(detail: str, answer: CommandStatus | None) -> dict[str, Any]:
    return {"error": detail, "answer": answer.name if answer is not None else None}


def _octets(count: int) -> str:
    return "1 octet" if count == 1 else f"{count} octets"


def _lines() -> Iterable[str]:
    return (line for line in sys.stdin if line.strip())
