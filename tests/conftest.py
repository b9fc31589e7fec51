"""Fixtures that several kinds of tests share: a real PostgreSQL, started when the first test asks for it."""

import atexit
import itertools
import os
import signal
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from postgresql_server import NoPostgresqlError, PostgresqlServer

from operator_push.smpp import codec, codec_choice, framer, receipt_text, session, window

# How long an example takes says nothing on a machine that is shared: no test fails by it.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")

_DATABASE_NUMBERS = itertools.count(1)

# A shell's background job ignores SIGINT, and so would the programs that tests end with Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@atexit.register
def _let_pytest_have_the_last_line() -> None:
    """DuckDB lists its own types as leaked once the interpreter is gone; that is no result of ours."""
    if "duckdb" in sys.modules:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _started_server() -> PostgresqlServer:
    """A server; where none can run, a failure under CI=true and a skip elsewhere."""
    server = PostgresqlServer()
    try:
        server.start()
    except NoPostgresqlError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"PostgreSQL is missing: {error}")
        pytest.skip(f"PostgreSQL is missing: {error}")  # the text has the install line
    return server


@pytest.fixture(scope="module", params=["python", "compiled"])
def both_codecs(request: pytest.FixtureRequest) -> Iterator[str]:
    """Runs a module's tests over the codec in Python and over the compiled one."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "compiled":
            if codec_choice.compiled is None:
                pytest.skip("the codec is not compiled here: run make install or operator-push smpp compile")
        else:
            patch.setattr(codec, "_quick_decode", None)
            patch.setattr(codec, "_quick_encode", None)
            patch.setattr(framer, "_quick_cut", None)
            patch.setattr(session, "_quick_events", None)
            patch.setattr(window, "_quick_issue", None)
            patch.setattr(receipt_text, "_quick_facts", None)
        yield request.param


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """The session's server."""
    server = _started_server()
    yield server
    server.stop()


@pytest.fixture
def mortal_postgresql() -> Iterator[PostgresqlServer]:
    """A server of the test's own, to be stopped and started under the product."""
    server = _started_server()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def postgresql_url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """The URL of an empty database of the module's own."""
    name = f"module_{next(_DATABASE_NUMBERS)}"
    yield postgresql_server.create_database(name)
    postgresql_server.drop_database(name)


@pytest.fixture
def empty_postgresql_url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """The URL of an empty database of the test's own, where the module's would not do."""
    name = f"test_{next(_DATABASE_NUMBERS)}"
    yield postgresql_server.create_database(name)
    postgresql_server.drop_database(name)
