"""The door: who gets in, what is too long, and what a failed call answers. Requests without a socket."""

import json

import pytest
from twisted.internet.testing import StringTransport

from smsc_sim.control.answers import Answer, CallError, json_answer
from smsc_sim.control.http_door import BODY_OCTETS_MAX, Pieces, site_for
from smsc_sim.control.routes import Route


class Asked(list):
    def handler(self, call):
        self.append(call)
        return json_answer({"body": len(call.body)})


def failing(call):
    raise RuntimeError("out of order")


def refusing(call):
    raise CallError(409, "not now")


def a_file(call):
    return Answer(b"one", "text/plain", file_name="x.txt")


@pytest.fixture
def asked():
    return Asked()


@pytest.fixture
def door(asked):
    def ask(head, body=b"", host="127.0.0.1", token=None):
        routes = [
            Route("GET", "/api", asked.handler),
            Route("POST", "/api", asked.handler),
            Route("GET", "/page", asked.handler, open_to_all=True),
            Route("GET", "/fails", failing),
            Route("GET", "/refuses", refusing),
            Route("GET", "/file", a_file),
        ]
        site = site_for(routes, host, token)
        channel = site.buildProtocol(None)
        transport = StringTransport()
        channel.makeConnection(transport)
        lines = head.splitlines()
        if body:
            lines.append(f"Content-Length: {len(body)}")
        channel.dataReceived("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        answer = transport.value()
        top, _, content = answer.partition(b"\r\n\r\n")
        return int(top.split(b" ")[1]), top.decode(), content

    return ask


def test_whoever_is_on_this_machine_may_ask_where_there_is_no_token(door, asked):
    for host in ("127.0.0.1:2780", "localhost:2780", "[::1]:2780"):
        assert door(f"GET /api HTTP/1.1\nHost: {host}")[0] == 200
    assert len(asked) == 3


def test_a_name_that_somebody_pointed_here_is_not_this_machine(door, asked):
    status, _, content = door("GET /api HTTP/1.1\nHost: evil.example:2780")
    assert (status, "not a name of this machine" in json.loads(content)["error"]) == (403, True)
    assert asked == []


def test_a_page_of_another_origin_changes_nothing(door, asked):
    status, _, _ = door("POST /api HTTP/1.1\nHost: 127.0.0.1:2780\nOrigin: http://evil.example", b"{}")
    assert (status, asked) == (403, [])
    own = "POST /api HTTP/1.1\nHost: 127.0.0.1:2780\nOrigin: http://127.0.0.1:2780"
    assert door(own, b"{}")[0] == 200


def test_a_token_is_asked_of_all_but_the_page(door, asked):
    status, top, content = door("GET /api HTTP/1.1\nHost: sim.example", token="a-long-secret")
    assert (status, "token" in json.loads(content)["error"]) == (401, True)
    assert "WWW-Authenticate: Bearer" in top
    sent = "GET /api HTTP/1.1\nHost: sim.example\nAuthorization: "
    assert door(f"{sent}Bearer wrong", token="a-long-secret")[0] == 401
    assert door(f"{sent}Basic a-long-secret", token="a-long-secret")[0] == 401
    assert asked == []
    assert door(f"{sent}Bearer a-long-secret", token="a-long-secret")[0] == 200
    assert door("GET /page HTTP/1.1\nHost: sim.example", token="a-long-secret")[0] == 200


def test_a_body_has_a_bound(door, asked):
    head = "POST /api HTTP/1.1\nHost: localhost"
    assert door(head, b"x" * BODY_OCTETS_MAX)[0] == 200
    status, _, content = door(head, b"x" * (BODY_OCTETS_MAX + 1))
    assert (status, str(BODY_OCTETS_MAX) in json.loads(content)["error"]) == (413, True)
    assert [len(call.body) for call in asked] == [BODY_OCTETS_MAX]


def test_what_is_not_there_and_what_is_refused_have_a_sentence(door):
    status, _, content = door("GET /nowhere HTTP/1.1\nHost: localhost")
    assert (status, "nothing here" in json.loads(content)["error"]) == (404, True)
    assert door("DELETE /api HTTP/1.1\nHost: localhost")[0] == 405
    status, _, content = door("GET /refuses HTTP/1.1\nHost: localhost")
    assert (status, json.loads(content)) == (409, {"error": "not now"})


def test_a_call_that_fails_does_not_tell_why_to_everybody(door, caplog):
    status, _, content = door("GET /fails HTTP/1.1\nHost: localhost")
    assert (status, b"out of order" in content) == (500, False)
    assert "out of order" in caplog.text


class Reader:
    """A request as a pull producer sees it."""

    def __init__(self):
        self.written = []
        self.finished = False

    def registerProducer(self, producer, streaming):  # noqa: N802
        assert streaming is False
        self.producer = producer

    def unregisterProducer(self):  # noqa: N802
        self.producer = None

    def write(self, octets):
        self.written.append(octets)

    def finish(self):
        self.finished = True


def test_a_piece_is_made_when_the_one_before_has_left():
    made = []

    def pieces():
        for piece in (b"one", b"two"):
            made.append(piece)
            yield piece

    reader = Reader()
    Pieces(reader, pieces()).begin()
    assert made == []
    reader.producer.resumeProducing()
    assert (made, reader.written) == ([b"one"], [b"one"])
    reader.producer.resumeProducing()
    reader.producer.resumeProducing()
    assert (reader.written, reader.finished, reader.producer) == ([b"one", b"two"], True, None)


def test_a_download_has_a_file_name(door):
    status, top, content = door("GET /file HTTP/1.1\nHost: localhost")
    assert (status, content) == (200, b"one")
    assert 'attachment; filename="x.txt"' in top


def test_every_answer_forbids_what_the_page_does_not_need(door):
    _, top, _ = door("GET /page HTTP/1.1\nHost: localhost")
    for header in ("Content-Security-Policy: default-src 'none'", "X-Content-Type-Options: nosniff"):
        assert header in top
    assert "Cache-Control: no-store" in top


def test_head_is_get_without_content(door, asked):
    status, _, content = door("HEAD /api HTTP/1.1\nHost: localhost")
    assert (status, content, len(asked)) == (200, b"", 1)
