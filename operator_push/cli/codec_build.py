"""Codec build: compiles the codec's C half beside its source, for this Python on this machine.

Needs Cython, a C compiler and Python's header files. The module goes into place in one step, so that a
program that starts meanwhile finds the old one, the new one or none.
Not here: who uses it (smpp.codec_choice).
"""

import importlib.util
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from operator_push.kernel.errors import OperatorError
from operator_push.smpp.codec_choice import SOURCE, source_digest

DIRECTIVES = "language_level=3,boundscheck=False,wraparound=False"  # its own checks stand before every access
BUILD_TIMEOUT_S = 300


def build_codec(source: Path = SOURCE) -> Path:
    """Compile `source`; returns the module, which lies beside it.

    Raises:
        OperatorError: Cython, a compiler or Python.h is missing, the folder cannot be written, or the
            compiler fails; the message says what to install.
    """
    if importlib.util.find_spec("Cython") is None:
        raise OperatorError("Cython is missing; install it: pip install cython")
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        raise OperatorError("Python.h is missing; on Debian: apt-get install python3-dev")
    target = source.with_name(source.stem + str(sysconfig.get_config_var("EXT_SUFFIX")))
    try:
        # In the same folder, because only within a file system a rename is one step.
        with tempfile.TemporaryDirectory(prefix=".build-", dir=source.parent) as folder:
            c_file, module = Path(folder, "codec.c"), Path(folder, "codec.so")
            directives = ["-X", DIRECTIVES, "--module-name", f"operator_push.smpp.{source.stem}"]
            _run([sys.executable, "-m", "cython", *directives, str(source), "-o", str(c_file)])
            _run([*_compiler(), f'-DSOURCE_DIGEST="{source_digest(source)}"', str(c_file), "-o", str(module)])
            module.rename(target)
    except OSError as error:
        raise OperatorError(f"cannot write {target}: {error.strerror}") from error
    return target


def _compiler() -> list[str]:
    """The compiler that Python itself was built with, and its flags for a shared library."""
    linker = shlex.split(str(sysconfig.get_config_var("LDSHARED") or "cc -shared"))
    flags = shlex.split(str(sysconfig.get_config_var("CCSHARED") or "-fPIC"))
    return [*linker, *flags, "-O2", f"-I{sysconfig.get_path('include')}"]


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_TIMEOUT_S, check=False)
    except FileNotFoundError as error:
        raise OperatorError(f"{command[0]} is missing; on Debian: apt-get install gcc") from error
    except subprocess.TimeoutExpired as error:
        raise OperatorError(f"{command[0]} did not end within {BUILD_TIMEOUT_S} s") from error
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise OperatorError(f"{command[0]} failed: {lines[-1] if lines else 'it does not say why'}")
