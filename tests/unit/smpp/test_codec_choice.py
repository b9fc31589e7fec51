"""Which codec runs: the compiled one only where it is that of the source beside it, and nobody said no."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from operator_push.smpp import codec_choice


def compiled_with(monkeypatch: pytest.MonkeyPatch, digest: str) -> object:
    module = SimpleNamespace(SOURCE_DIGEST=digest)
    monkeypatch.delenv(codec_choice.VARIABLE, raising=False)
    monkeypatch.setattr(codec_choice, "import_module", lambda name: module)
    return module


def test_a_module_of_this_source_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    module = compiled_with(monkeypatch, codec_choice.source_digest())
    assert codec_choice.compiled_codec() is module


def test_a_module_of_another_source_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled_with(monkeypatch, "0" * codec_choice.DIGEST_DIGITS)
    assert codec_choice.compiled_codec() is None


def test_a_module_that_cannot_be_loaded_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise ImportError(name)

    monkeypatch.delenv(codec_choice.VARIABLE, raising=False)
    monkeypatch.setattr(codec_choice, "import_module", fail)
    assert codec_choice.compiled_codec() is None


def test_the_environment_switches_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled_with(monkeypatch, codec_choice.source_digest())
    monkeypatch.setenv(codec_choice.VARIABLE, "python")
    assert codec_choice.compiled_codec() is None


def test_a_program_without_it_reads_and_writes_the_same() -> None:
    """The whole way through a fresh interpreter, since the choice is made at import."""
    code = (
        "from operator_push.smpp import codec, codec_choice as choice\n"
        "from operator_push.smpp.pdu import SubmitSm\n"
        "octets = codec.encode_pdu(SubmitSm(7, short_message=b'x'))\n"
        "print(choice.CODEC, octets.hex(), codec.decode_pdu(octets) == SubmitSm(7, short_message=b'x'))"
    )
    environment = {codec_choice.VARIABLE: "python"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    body = "00" * 16 + "01" + "78"
    assert done.stdout.split() == ["python", f"0000002200000004{'00' * 4}00000007{body}", "True"]
