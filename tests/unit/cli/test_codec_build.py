"""Compiling the codec: it works where the tools are, and says what to install where they are not."""

import importlib.util
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from operator_push.cli import codec_build, main
from operator_push.kernel.errors import OperatorError
from operator_push.smpp.codec_choice import SOURCE, source_digest

has_tools = importlib.util.find_spec("Cython") is not None
needs_tools = pytest.mark.skipif(not has_tools, reason="no Cython: run make install for it")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    copy = tmp_path / SOURCE.name
    copy.write_bytes(SOURCE.read_bytes())
    return copy


@needs_tools
def test_the_module_carries_the_digest_of_its_source(source: Path) -> None:
    module = codec_build.build_codec(source)
    name = "operator_push.smpp.compiled_codec"
    spec = importlib.util.spec_from_file_location(name, module)
    assert spec is not None
    assert spec.loader is not None
    built = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(built)
    assert source_digest(source) == built.SOURCE_DIGEST  # type: ignore[attr-defined]
    assert sorted(path.name for path in source.parent.iterdir()) == sorted((SOURCE.name, module.name))


@needs_tools
def test_a_source_that_does_not_compile_is_told_and_leaves_nothing(source: Path) -> None:
    source.write_text("cdef int")
    with pytest.raises(OperatorError, match="failed"):
        codec_build.build_codec(source)
    assert [path.name for path in source.parent.iterdir()] == [SOURCE.name]


def test_a_missing_cython_is_told_with_its_install_line(
    monkeypatch: pytest.MonkeyPatch, source: Path
) -> None:
    monkeypatch.setattr(codec_build.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(OperatorError, match="pip install cython"):
        codec_build.build_codec(source)


@needs_tools
def test_a_missing_compiler_is_told_with_its_install_line(
    monkeypatch: pytest.MonkeyPatch, source: Path
) -> None:
    source.write_text("x = 1\n")  # however little there is to compile
    monkeypatch.setattr(codec_build, "_compiler", lambda: ["no-such-compiler"])
    with pytest.raises(OperatorError, match="apt-get install gcc"):
        codec_build.build_codec(source)


def test_the_command_goes_on_only_where_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Path:
        raise OperatorError("Cython is missing")

    monkeypatch.setattr(codec_build, "build_codec", fail)
    assert sys.modules["operator_push.cli.codec_build"] is codec_build
    allowed = CliRunner().invoke(main.main, ["smpp", "compile", "--if-possible"])
    assert (allowed.exit_code, allowed.stdout) == (0, "The codec stays in Python: Cython is missing\n")
    refused = CliRunner().invoke(main.main, ["smpp", "compile"])
    assert refused.exit_code == 2
    assert "Cython is missing" in refused.stderr
