"""Archives: every form gives its octets, a cut one what stands before the cut, a bomb a bounded part."""

import gzip
import io
import random
import zipfile
from pathlib import Path

import pytest
import zstandard

from cdr_ingest.archives import members as members_module
from cdr_ingest.archives.members import opened
from cdr_ingest.archives.stream_fault import StreamFaultError, StreamFaultKind

CONTENT = b"".join(b"%d,%d\n" % (number, number * number % 9973) for number in range(60_000))


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, stream: bool = False) -> bytes:
    out = io.BytesIO()
    target = Unseekable(out) if stream else out
    with zipfile.ZipFile(target, "w", method) as file:  # type: ignore[call-overload]
        for name, octets in members:
            file.writestr(name, octets)
    return out.getvalue()


class Unseekable:
    """A target that zip writes to as to a pipe: sizes and checksum come behind each member."""

    def __init__(self, out: io.BytesIO) -> None:
        self.write, self.flush = out.write, out.flush


def read_all(path: Path, octets: int = 100_000) -> tuple[dict[str, bytes], StreamFaultError | None]:
    """The octets of each member, and why reading ended early."""
    out: dict[str, bytes] = {}
    with opened(path) as found:
        try:
            for member in found:
                out[member.name] = b""
                while piece := member.read(octets):
                    assert len(piece) <= octets
                    out[member.name] += piece
        except StreamFaultError as fault:
            return out, fault
    return out, None


WHOLE = {
    "plain": (CONTENT, {"": CONTENT}),
    "empty": (b"", {"": b""}),
    "gzip": (gzip.compress(CONTENT), {"": CONTENT}),
    "gzip of two": (gzip.compress(CONTENT) + gzip.compress(b"x") + bytes(512), {"": CONTENT + b"x"}),
    "zstd": (zstandard.compress(CONTENT), {"": CONTENT}),
    "zstd of two": (zstandard.compress(CONTENT) + zstandard.compress(b"x"), {"": CONTENT + b"x"}),
    "zip": (zipped(("a/", b""), ("a/b.csv", CONTENT), ("c", b"x")), {"a/b.csv": CONTENT, "c": b"x"}),
    "zip stored": (zipped(("a", CONTENT), method=zipfile.ZIP_STORED), {"a": CONTENT}),
    "zip from a pipe": (zipped(("a", CONTENT), ("b", b"x"), stream=True), {"a": CONTENT, "b": b"x"}),
    "zip of nothing": (zipped(), {}),
    "gzip in zip": (zipped(("a.gz", gzip.compress(CONTENT))), {"a.gz": CONTENT}),
    "beside the files": (zipped(("__MACOSX/._a", b"x"), ("a", b"y")), {"a": b"y"}),
}


@pytest.mark.parametrize("name", WHOLE)
def test_every_member_is_read(tmp_path: Path, name: str) -> None:
    octets, expected = WHOLE[name]
    (tmp_path / "x").write_bytes(octets)
    assert read_all(tmp_path / "x") == (expected, None)
    assert read_all(tmp_path / "x", 7777)[0] == expected


@pytest.mark.parametrize("name", ["gzip", "zstd", "zip", "zip stored", "zip from a pipe"])
def test_a_cut_archive_gives_what_stands_before_the_cut(tmp_path: Path, name: str) -> None:
    octets, _ = WHOLE[name]
    for share in (0.3, 0.9):
        cut = int(len(octets) * share)
        (tmp_path / "x").write_bytes(octets[:cut])
        found, fault = read_all(tmp_path / "x")
        assert fault is not None
        assert (fault.kind, fault.offset) == (StreamFaultKind.BROKEN, cut)
        [read] = found.values()
        assert CONTENT.startswith(read)
        # Packers work in blocks: half of what the cut leaves is read at the least.
        assert len(read) > (len(CONTENT) * share / 2 if name != "zstd" or share > 0.5 else -1)


def test_damage_never_ends_in_anything_but_a_fault(tmp_path: Path) -> None:
    chance = random.Random(7)
    for name in ("gzip", "zstd", "zip", "zip from a pipe"):
        for _ in range(40):
            octets = bytearray(WHOLE[name][0])
            for _ in range(3):
                octets[chance.randrange(4, len(octets))] = chance.randrange(256)
            (tmp_path / "x").write_bytes(octets)
            read_all(tmp_path / "x")


def test_members_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(zipped(("a", CONTENT), method=zipfile.ZIP_BZIP2))
    fault = read_all(tmp_path / "x")[1]
    assert fault is not None
    assert fault.what == "member a is packed by method 12; 0 and 8 (deflate) can be read"
    octets = bytearray(zipped(("a", b"secret")))
    octets[6] |= 1
    (tmp_path / "x").write_bytes(octets)
    fault = read_all(tmp_path / "x")[1]
    assert fault is not None
    assert fault.what == "member a is encrypted"


@pytest.mark.parametrize("name", ["gzip", "zstd", "zip"])
def test_a_bomb_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(members_module, "UNPACKED_OCTETS_FREE", 1 << 20)
    zeros = bytes(32 << 20)
    packed = {"gzip": gzip.compress, "zstd": zstandard.compress, "zip": lambda o: zipped(("a", o))}[name](
        zeros
    )
    (tmp_path / "x").write_bytes(packed)
    found, fault = read_all(tmp_path / "x")
    assert fault is not None
    assert fault.kind is StreamFaultKind.TOO_LARGE
    assert len(found.popitem()[1]) < (20 << 20) + 250 * len(packed)


def test_a_frame_that_asks_for_too_large_a_window_is_refused(tmp_path: Path) -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=28, compression_level=1, write_content_size=0)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    (tmp_path / "x").write_bytes(packer.compress(CONTENT) + packer.flush())
    fault = read_all(tmp_path / "x")[1]
    assert fault is not None
    assert "damaged" in fault.what
