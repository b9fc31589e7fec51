"""operator-push cdr: looks at files of charging records; needs no configuration and no server."""

import json
from pathlib import Path

import click

from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.file_32297 import looks_like_32297, read_file_header
from operator_push.cdr.reading import read_records
from operator_push.cdr.tap import batch_as_json, is_tap
from operator_push.cli.subject_group import SubjectGroup
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import mask_number

# Fields that name a person, and what masks them.
_NUMBERS = frozenset(
    {
        *("originatorIMSI", "recipientIMSI", "servedIMSI", "servedIMEI", "digits", "sMAddressData"),
        *("imsi", "msisdn", "min", "mdn", "imei", "esn", "calledNumber", "callingNumber", "dialledDigits"),
        *("thirdPartyNumber", "nonChargedPartyNumber", "sMSDestinationNumber", "sMSOriginator"),
        *("destinationNumber", "nonChargedNumber", "camelDestinationNumber", "chargedPartyIdentifier"),
    }
)


@click.group(cls=SubjectGroup)
def cdr() -> None:
    """Decode charging records of 3GPP TS 32.298, and TAP 3.12 files."""


@cdr.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--numbers", is_flag=True, help="Show numbers of people whole instead of masked.")
def decode(file: Path, numbers: bool) -> None:
    """Print one JSON object per record, after one for the header of a TS 32.297 file.

    Reads TS 32.297 files, bare BER records back to back, and TAP 3.12: of a transfer batch the header, every
    event with its charges by the batch's own decimal places and exchange rates, and whether its audit agrees.
    Fields have the names of the standard; octet strings are hexadecimal, and what is not known stands under
    "unknown". A file that cannot be read is an error that names the octet; the records before it are printed.

    \b
    $ operator-push cdr decode smsc_20261101_1.cdr
    """
    data = file.read_bytes()
    try:
        if is_tap(data):
            for shown in batch_as_json(data):
                click.echo(json.dumps(shown if numbers else _masked(shown)))
            return
        if looks_like_32297(data, len(data)):
            click.echo(json.dumps({"header": read_file_header(data).as_json()}))
        for record in read_records(data):
            shown = record.as_json()
            click.echo(json.dumps(shown if numbers else _masked(shown)))
    except CdrError as error:
        raise error.in_file(str(file)) from error
    except OSError as error:
        raise OperatorError(f"cannot be read: {error}", file=str(file)) from error


def _masked(value: object, name: str = "") -> object:
    """The same with the numbers of people masked; what is unknown is not shown, for it may hold one."""
    match value:
        case dict():
            return {key: _masked(inner, key) for key, inner in value.items()}
        case list() if name == "unknown":
            return [{"tag": each["tag"]} for each in value]
        case list():
            return [_masked(inner, name) for inner in value]
        case str() if name in _NUMBERS and value.isdecimal():
            return mask_number(value)
    return value
