"""Collection from S3, against moto's server, a program that speaks the protocol."""

import io
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from minio import Minio
from peers import require_program

from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push_adapters.collection_s3 import S3Source


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server of our own; boto3, which it brings along, is not used here."""
    program = require_program("moto_server", "python3-pip; pip install 'moto[server]'")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [program, "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as trying:
                if trying.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def access(tmp_path: Path) -> Path:
    path = tmp_path / "access"
    path.write_text("key\nsecret\n")
    return path


def test_objects_are_listed_and_fetched(endpoint: str, access: Path) -> None:
    client = Minio(endpoint, access_key="key", secret_key="secret", secure=False, region="us-east-1")
    client.make_bucket("cdrs")
    for name, octets in (("in/a b.csv", b"1"), ("in/deep/c.csv", b"2" * 3_000_000), ("in/d.txt", b"3")):
        client.put_object("cdrs", name, io.BytesIO(octets), len(octets))
    client.put_object("cdrs", "out/e.csv", io.BytesIO(b"4"), 1)
    options = {"endpoint": endpoint, "bucket": "cdrs", "access_file": str(access), "secure": False}
    source = S3Source({**options, "region": "us-east-1", "prefix": "in/", "suffix": ".csv"})
    arrivals = list(source.arrivals("", 0))
    assert sorted(one.name for one in arrivals) == ["in/a b.csv", "in/deep/c.csv"]
    fetched = {}
    for one in arrivals:
        target = io.BytesIO()
        source.fetch(one, target)
        fetched[one.name] = len(target.getvalue())
    assert fetched == {"in/a b.csv": 1, "in/deep/c.csv": 3_000_000}
    client.put_object("cdrs", "in/a b.csv", io.BytesIO(b"9"), 1)
    again = {one.name: one.version for one in source.arrivals("", 0)}
    before = {one.name: one.version for one in arrivals}
    assert [name for name in again if again[name] != before[name]] == ["in/a b.csv"]
    with pytest.raises(ResourceError, match="NoSuchBucket"):
        S3Source({**options, "bucket": "none-such", "region": "us-east-1"}).arrivals("", 0)
    source.close()


def test_a_server_that_is_not_there_is_a_matter_of_the_next_round(access: Path) -> None:
    source = S3Source(
        {"endpoint": "127.0.0.1:9", "bucket": "cdrs", "access_file": str(access), "secure": False}
    )
    with pytest.raises(ResourceError, match=r"s3 127\.0\.0\.1:9/cdrs"):
        source.arrivals("", 0)


def test_options_that_cannot_be_are_refused(tmp_path: Path, access: Path) -> None:
    with pytest.raises(OperatorError, match="access key"):
        S3Source({"endpoint": "h", "bucket": "cdrs", "access_file": str(tmp_path / "none")})
    with pytest.raises(OperatorError):
        S3Source({"endpoint": "http://h/path", "bucket": "cdrs", "access_file": str(access)})
