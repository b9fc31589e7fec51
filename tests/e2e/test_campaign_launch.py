"""A campaign with the real programs: everybody's own text and link, kills at any point, and its end."""

import http.client
import os
import re
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from click.testing import CliRunner
from feature_files import write_features
from operator_desk import PRICE_MICROS, asked, ended
from product import Programs, running, until

from operator_push.cli.child_programs import ChildProgram, program
from operator_push.cli.main import main
from operator_push.gateway.clock import now_us
from operator_push.kernel.instants import iso

PEOPLE = 300
HOST = "go.chai.example"
MORE = """
[policy.quiet_hours]
packs = false
[policy.caps]
per_handset_per_day = 100
per_handset_per_brand_per_day = 100
[profiles]
features_file = "out/features.json"
[short_links]
port = 0
"""
SALE = ("--rule", "age >= 18", "--account", "chai", "--category", "8", "--source", "56070")


def number(person: int) -> str:
    return f"9198100{person:05}"


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    folder = tmp_path_factory.mktemp("launch")
    people = {each: {"age": 30, "plan": "Gold" if each % 2 else "Blue"} for each in range(1, PEOPLE + 1)}
    (folder / "out").mkdir()
    write_features(folder / "out" / "features.json", people)
    with running(folder, more=MORE) as both:
        both.add_account(
            "chai",
            kind="enterprise",
            brand="Chai",
            category=8,
            senders=["56070"],
            prepaid_micros=10**9,
            link_host=HOST,
            url_hosts=["chai.example"],
        )
        rows = [[each, number(each)] for each in range(1, PEOPLE + 1)]
        both.call("subscriber.import", columns=["line", "msisdn"], rows=rows)
        for purpose in ("marketing", "use_subscriber_record"):
            said = {"brand": "*", "category": "*", "purpose": purpose, "channel": "*", "action": "grant"}
            said |= {"at": "2026-01-01T00:00:00Z", "method": "web", "evidence": "x"}
            acts = [{"line": each, "msisdn": number(each), **said} for each in range(1, PEOPLE + 1)]
            assert both.call("consent.import", rows=acts)["rejected"] == []
        yield both


def approved(programs: Programs, name: str, *options: str) -> None:
    asked(programs, "campaign", "create", name, *SALE, *options, "--by", "asha")
    asked(programs, "campaign", "approve", name, "--as", "client", "--by", "ravi")
    asked(programs, "campaign", "approve", name, "--by", "desk")


def bodies(programs: Programs, name: str) -> dict[str, list[bytes]]:
    """Number → the bodies of its messages of a campaign, as the store has them."""
    with closing(sqlite3.connect(programs.folder / "operator-push.db")) as store:
        rows = store.execute(
            "SELECT destination, body FROM message JOIN campaign USING (campaign_no) WHERE name = ?", [name]
        ).fetchall()
    found: dict[str, list[bytes]] = {}
    for destination, body in rows:
        found.setdefault(destination, []).append(body)
    return found


def sent(programs: Programs) -> Counter[str]:
    """Number → how many submit_sm the SMSC has taken for it."""
    return Counter(
        row["destination"]
        for row in programs.witness()
        if row["command"] == "submit_sm" and row["decision"] == "accepted"
    )


def report(programs: Programs, name: str) -> Any:
    return asked(programs, "campaign", "report", name, "--for-operator")


def test_everybody_gets_a_text_and_a_link_of_their_own_and_who_follows_it_is_counted(
    programs: Programs,
) -> None:
    text = "{{ plan | default('Your') }} chai: {{ link }}"
    link = ("--link", "https://chai.example/offer?c={token}")
    shown = asked(programs, "campaign", "preview", *SALE, "--text", text, *link)
    assert {each["percent"] for each in shown["previews"]} == {50}
    assert shown["where_nothing_is_known"] == [f"Your chai: {HOST}/010000000000"]
    approved(programs, "Links", "--text", text, *link)
    asked(programs, "campaign", "launch", "Links")
    ended(programs)
    texts = bodies(programs, "Links")
    assert len(texts) == PEOPLE
    for person in (1, 2):
        (body,) = texts[number(person)]
        assert (b"Gold chai: " if person % 2 else b"Blue chai: ") in body
    addresses = {
        to: found.group(1).decode()
        for to, (body,) in texts.items()
        if (found := re.search(rb"go\.chai\.example(/\w+)", body))
    }
    assert len(set(addresses.values())) == PEOPLE
    ready = programs.folder / "face.ready.json"
    words = ["short-link", "serve", "--config", config(programs), "--ready-file", str(ready)]
    face = ChildProgram([*program("operator-push"), *words], programs.folder / "face.log")
    try:
        port = int(face.wait_ready(ready)["port"])
        time.sleep(1.1)  # so long nobody's click counts
        status, led_to = follow(port, addresses[number(1)])
        assert status == 302
        assert led_to.startswith("https://chai.example/offer?c=")
        assert follow(port, addresses[number(2)], agent="WhatsApp/2.23")[0] == 302
        assert follow(port, addresses[number(2)], host="go.tea.example")[0] == 404
        assert follow(port, f"/pixel.gif?c={led_to.rpartition('=')[2]}&value=12.50")[0] == 200
        until(lambda: report(programs, "Links")["people"]["converted"] == 1, "the conversion")
    finally:
        face.stop()
    told = report(programs, "Links")
    assert (told["people"]["clicked"], told["converted_micros"]) == (1, 12_500_000)
    of_link = asked(programs, "short-link", "show", "Links")
    assert (of_link["clicked"], of_link["filtered_visits"]) == ("<10", {"preview": "<10"})
    log = (programs.folder / "face.log").read_text() + (programs.folder / "operator-push.log").read_text()
    assert addresses[number(1)] not in log


def test_what_a_client_knows_of_its_customers_stands_in_texts_to_them_alone(programs: Programs) -> None:
    rows = [f"{number(each)},P{each},{each}.50" for each in range(2, 121)]
    file = programs.folder / "regulars.csv"
    file.write_text("\n".join(["msisdn,name,points:number", *rows, f"{number(1)},,7"]))
    asked(programs, "list", "import", "regulars", str(file), "--account", "chai")
    text = "{{ own.name | default('Friend') }} has {{ own.points | default(0) }}"
    sale = ("--account", "chai", "--category", "8", "--source", "56070", "--own", "regulars", "--text", text)
    order = ("campaign", "create", "Points", "--by", "asha", *sale)
    assert "rule reads age" in refused(programs, *order, "--rule", 'age >= 18 && in_list("regulars")')
    created = asked(programs, *order, "--rule", 'in_list("regulars")')
    assert created["terms"]["own"] == {"list": "regulars", "columns": {"name": "text", "points": "number"}}
    asked(programs, "campaign", "approve", "Points", "--as", "client", "--by", "ravi")
    asked(programs, "campaign", "approve", "Points", "--by", "desk")
    asked(programs, "campaign", "launch", "Points")
    ended(programs)
    texts = bodies(programs, "Points")
    assert len(texts) == 120
    for person, said in ((1, b"Friend has 7"), (2, b"P2 has 2.5"), (120, b"P120 has 120.5")):
        assert said in texts[number(person)][0]


def test_a_cancelled_launch_hands_nobody_else_in(programs: Programs) -> None:
    approved(programs, "Cancelled", "--text", "Chai?", "--rate", "60")
    words = ["campaign", "launch", "Cancelled", "--config", config(programs)]
    launcher = ChildProgram([*program("operator-push"), *words], programs.folder / "cancelled.log")
    until(lambda: len(bodies(programs, "Cancelled")) >= 20, "some people handed in")
    asked(programs, "campaign", "cancel", "Cancelled")
    people = len(bodies(programs, "Cancelled"))
    assert 20 <= people < PEOPLE
    launcher.stop()
    assert "cancelled" in refused(programs, "campaign", "launch", "Cancelled")
    ended(programs)
    assert len(bodies(programs, "Cancelled")) == people
    account = programs.call("account.show", name="chai")["account"]
    assert (account["held_micros"], account["reserved_micros"]) == (0, 0)


def test_what_waits_at_the_end_of_a_campaign_expires_and_is_never_sent(programs: Programs) -> None:
    account = programs.call("account.show", name="chai")["account"]
    before = sent(programs)
    asked(programs, "link", "stop", "main")
    approved(programs, "Late", "--text", "Chai late", "--ends", iso(now_us() + 6_000_000))
    asked(programs, "campaign", "launch", "Late")
    held = programs.call("account.show", name="chai")["account"]["held_micros"]
    assert held == PEOPLE * PRICE_MICROS
    ended(programs)
    asked(programs, "link", "start", "main")
    until(lambda: programs.call("link.show", name="main")["link"]["bound"], "the link to bind")
    assert report(programs, "Late")["failed"] == {"EXPIRED validity": PEOPLE}
    after = programs.call("account.show", name="chai")["account"]
    assert (after["available_micros"], after["held_micros"]) == (account["available_micros"], 0)
    assert sent(programs) == before


def test_a_launch_that_is_killed_again_and_again_reaches_everybody_once(programs: Programs) -> None:
    ends = iso(now_us() + 3_600_000_000)  # which its SMSC is told, too
    approved(programs, "Killed", "--text", "Chai!", "--rate", "60", "--ends", ends)
    before = sent(programs)

    def begin() -> ChildProgram:
        words = ["campaign", "launch", "Killed", "--config", config(programs)]
        return ChildProgram([*program("operator-push"), *words], programs.folder / "launch.log")

    def kill(child: ChildProgram | None) -> None:
        assert child is not None
        os.kill(child.pid, signal.SIGKILL)
        child.stop()

    def reached(people: int) -> None:
        until(lambda: len(bodies(programs, "Killed")) >= people, f"{people} people handed in")

    launcher = begin()
    reached(30)
    kill(launcher)  # the launcher dies
    launcher = begin()
    reached(90)
    kill(programs.product)  # the server dies, and the launcher with it
    launcher.stop()
    programs.start_product()
    asked(programs, "campaign", "pause", "Killed")
    assert "paused" in refused(programs, "campaign", "launch", "Killed")
    asked(programs, "campaign", "resume", "Killed")
    launched = asked(programs, "campaign", "launch", "Killed")
    assert launched["state"] == "finished"
    assert {to: len(texts) for to, texts in bodies(programs, "Killed").items()} == {
        number(each): 1 for each in range(1, PEOPLE + 1)
    }
    until(lambda: programs.call("stats")["unsent_segments"] == 0, "everybody's message to leave")
    # What was on its way at the kill is not sent again before the SMSC has spoken of it.
    assert set((sent(programs) - before).values()) == {1}
    assert report(programs, "Killed")["people"]["handed_in"] == PEOPLE


def test_each_channel_reaches_who_permits_it_through_a_link_that_carries_it(programs: Programs) -> None:
    text, last = ("--text", "Chai on the screen"), range(PEOPLE - 19, PEOPLE + 1)
    programs.call("link.set", name="main", settings={"channels": ["sms", "ussd"]}, by="desk")
    until(lambda: programs.call("link.show", name="main")["link"]["bound"], "the link to bind")
    said = {"brand": "*", "category": "*", "purpose": "marketing", "channel": "sms", "action": "withdraw"}
    said |= {"at": "2026-01-02T00:00:00Z", "method": "web", "evidence": "x"}
    acts = [{"line": each, "msisdn": number(each), **said} for each in last]
    assert programs.call("consent.import", rows=acts)["rejected"] == []
    approved(programs, "Best", *text, "--channel", "best")
    asked(programs, "campaign", "launch", "Best")
    ended(programs)
    taken = [row for row in programs.witness() if row["decision"] == "accepted"]
    shown = {row["destination"] for row in taken if row.get("service_type") == "USSD"}
    assert shown == {number(each) for each in last}
    told = report(programs, "Best")
    assert {row["channel"]: row["delivered"] for row in told["channels"]} == {"sms": PEOPLE - 20, "ussd": 20}
    explained = asked(programs, "campaign", "explain", "Best", "--to", number(PEOPLE))
    assert (explained["channel"], explained["channel_why"]) == ("ussd", "sms is not permitted")
    # Each of them is on a handset's screen as it was sent: one notify, charged like one segment.
    (body,) = bodies(programs, "Best")[number(PEOPLE)]
    assert b"USSD\0" in body
    assert bytes.fromhex("0501000103") in body
    assert "182" in refused(
        programs, "campaign", "create", "Long", *SALE, "--text", "x" * 183, "--channel", "ussd"
    )


def config(programs: Programs) -> str:
    return str(programs.folder / "operator-push.toml")


def refused(programs: Programs, *words: str) -> str:
    done = CliRunner().invoke(main, [*words, "--config", config(programs)])
    assert done.exit_code == 2, done.output
    return done.stderr


def follow(
    port: int, path: str, host: str = HOST, agent: str = "Mozilla/5.0 (Android 14)"
) -> tuple[int, str]:
    """(status, where it leads) of one request."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as browser:
        browser.request("GET", path, headers={"Host": host, "User-Agent": agent})
        answer = browser.getresponse()
        return answer.status, answer.headers.get("Location", "")
