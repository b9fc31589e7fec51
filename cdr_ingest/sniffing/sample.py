"""A sample: the first octets of a file as lines of text, with the encoding that they seem to have."""

from dataclasses import dataclass
from pathlib import Path

from cdr_ingest.archives.members import opened
from cdr_ingest.archives.stream_fault import StreamFaultError
from operator_push.kernel.errors import OperatorError

SAMPLE_OCTETS = 256 * 1024
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_C1 = frozenset(range(0x80, 0xA0))


@dataclass(frozen=True, slots=True)
class Guess:
    """A guess: its value, the reason, and how sure it is (0 to 1)."""

    value: str
    reason: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Sample:
    """The first octets of a file's first stream, and their whole lines; empty ones are left out."""

    octets: bytes
    encoding: Guess
    lines: list[str]
    member: str


def take_sample(file: Path) -> Sample:
    """The begin of a file, unpacked where it is packed.

    Raises:
        OperatorError: the file is empty, or the archive holds nothing that can be read.
        OSError: the file cannot be read.
    """
    with opened(file) as members:
        try:
            member = next(iter(members), None)
            octets = member.read(SAMPLE_OCTETS) if member is not None else b""
        except StreamFaultError as fault:
            raise OperatorError(f"octet {fault.offset}: {fault.what}", file=str(file)) from None
    if member is None or not octets:
        raise OperatorError("the file is empty; there is nothing to see", file=str(file))
    encoding = _encoding(octets)
    text = octets.decode(encoding.value, "replace").removeprefix("\ufeff")
    lines = text.splitlines() if len(octets) < SAMPLE_OCTETS else text.splitlines()[:-1] or [text]
    return Sample(octets, encoding, [line for line in lines if line.strip()], member.name)


def _encoding(octets: bytes) -> Guess:
    for mark, name in _MARKS:
        if octets.startswith(mark):
            return Guess(name, "the file begins with its byte order mark", 1.0)
    half = octets[: len(octets) // 2 * 2]
    for name, zeros in (("utf-16-le", half[1::2]), ("utf-16-be", half[::2])):
        if zeros and zeros.count(0) * 2 > len(zeros):
            return Guess(name, "every second octet is zero", 0.9)
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(octets) - 4 or len(octets) < SAMPLE_OCTETS:
            return _single_octet(octets)
    if octets.isascii():
        return Guess("utf-8", "all octets seen are ASCII, which is UTF-8 too", 0.9)
    return Guess("utf-8", "octets above 127 stand as UTF-8 has them", 1.0)


def _single_octet(octets: bytes) -> Guess:
    if _C1 & set(octets):
        return Guess("cp1252", "octets that are not UTF-8, some of 128 to 159, as Windows writes them", 0.7)
    return Guess("latin-1", "octets that are not UTF-8, none of 128 to 159", 0.6)
