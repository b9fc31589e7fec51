"""The link click: whoever topped up has a text of their own with a link of their own, and follows it.

`operator-push short-link serve` is started beside the product as an operator would, asked for the address
that stands in the delivered message, and tells the product of the visit. What the report shows is read from
the rows of the product.
"""

import http.client
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection, select

from operator_push.cli.child_programs import ChildProgram, program
from operator_push.cli.demo.pair import Pair
from operator_push.cli.demo.workspace import Installation
from operator_push.domain.link_visits import TOO_SOON_AFTER_SENT_US, VisitKind
from operator_push.domain.message import MessageState
from operator_push.gateway.message_cutting import payload_of
from operator_push.smpp.codec import decode_pdu
from operator_push.smpp.pdu import SubmitSm
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.short_link_rows import people_of_visits
from operator_push.text.link_text import DefaultAlphabet, read_user_data

HOST = "go.chaipoint.example"
TARGET = "https://chaipoint.example/free-chai?c={token}"
BROWSER = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
COUNTED_S = 30.0
_Read = TypeVar("_Read")


class Click(NamedTuple):
    """The one message of a campaign as its recipient read it, where its link led, and how many followed it
    by the product's rows."""

    text: str
    led_to: str
    clicked: int


def follow_link(pair: Pair, main: Installation, logs: Path, campaign: str) -> Click | None:
    """Follow the link of the campaign's message, once it is delivered; None where nobody has got it.

    Raises:
        ResourceError: the program of the links did not start, or nothing was counted in time.
    """
    text = _delivered_text(main.database, campaign)
    found = re.search(rf"{re.escape(HOST)}(/\w+)", text or "")
    if text is None or found is None:
        return None
    ready = main.product / "short-links.ready.json"
    words = ["short-link", "serve", "--config", str(main.product_config), "--ready-file", str(ready)]
    face = ChildProgram([*program("operator-push"), *words], logs / "short-links.log")
    try:
        port = int(face.wait_ready(ready)["port"])
        time.sleep(TOO_SOON_AFTER_SENT_US / 1_000_000)  # nobody reads and touches sooner
        led_to = _follow(port, found.group(1))
        pair.wait_until(lambda: _clicked(main.database, campaign) > 0, COUNTED_S, "told of the click")
    finally:
        face.stop()
    return Click(text, led_to, _clicked(main.database, campaign))


def _follow(port: int, path: str) -> str:
    """Where a browser is led."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": HOST, "User-Agent": BROWSER})
        return connection.getresponse().getheader("Location") or ""
    finally:
        connection.close()


def _delivered_text(database: Path, campaign: str) -> str | None:
    message, final, named = schema.message, schema.message_final, schema.campaign.c
    statement = select(message.c.body).where(
        named.name == campaign,
        message.c.campaign_no == named.campaign_no,
        final.c.message_id == message.c.message_id,
        final.c.state == int(MessageState.DELIVERED),
    )
    body = _read(database, lambda rows: rows.execute(statement).scalar())
    pdu = decode_pdu(bytes(body)) if body else None
    if not isinstance(pdu, SubmitSm):
        return None
    return read_user_data(payload_of(pdu), pdu.data_coding, False, DefaultAlphabet.GSM7)


def _clicked(database: Path, campaign: str) -> int:
    number = select(schema.campaign.c.campaign_no).where(schema.campaign.c.name == campaign)
    return _read(
        database,
        lambda rows: len(people_of_visits(rows, rows.execute(number).scalar_one(), VisitKind.CLICK)),
    )


def _read(database_file: Path, work: Callable[[Connection], _Read]) -> _Read:
    database = Database.open(f"sqlite:///{database_file}")
    try:
        return database.read(work)
    finally:
        database.close()
