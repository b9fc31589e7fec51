"""Programs of other houses that tests talk to (Kannel, tshark, net-snmp, Chromium), looked up in one place.

A test that lacks its peer says which Debian package brings it: skipped on a developer's machine, failed under
CI=true, where .ci/run has installed them, so that a green run never hides an untested peer.
"""

import importlib.util
import os
import shutil
from typing import NoReturn

import pytest

SYSTEM_FOLDERS = ("/usr/sbin", "/sbin")  # Debian keeps daemons there, and a user's PATH often does not.


def require_program(name: str, package: str) -> str:
    """The path of a program, for example require_program("bearerbox", package="kannel").

    Ends the calling test where the program is missing: a failure under CI=true, elsewhere a skip whose reason
    is the install line.
    """
    path = shutil.which(name) or shutil.which(name, path=os.pathsep.join(SYSTEM_FOLDERS))
    if path is None:
        end_without(f"{name} is missing; install it: apt-get install {package}")
    return path


def require_module(name: str, install: str) -> None:
    """As `require_program` for a Python package, for example require_module("pyspark", "pip install …")."""
    if importlib.util.find_spec(name) is None:
        end_without(f"{name} is missing; install it: {install}")


def end_without(missing: str) -> NoReturn:
    """End the calling test, which lacks something: see `require_program`."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{missing} (a peer may not be missing under CI)")
    pytest.skip(missing)
