"""A browser without a window for self-care tests: cookies, forms by their fields, codes read at the SMSC."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from post_office import PostOffice
from product import Programs
from raw_smsc import RawSmsc

from operator_push.cli.child_programs import ChildProgram, program
from operator_push.smpp.pdu import SubmitSm

SETTINGS = """
[policy.quiet_hours]
enabled = false
[selfcare]
port = 0
operator = "Example Telecom"
base_url = "http://my.example"
"""


class Form(dict[str, str]):
    """The fields of one form; `action`, `method`, and the buttons as (name, value, text)."""

    def __init__(self, action: str, method: str) -> None:
        super().__init__()
        self.action = action
        self.method = method
        self.buttons: list[tuple[str, str, str]] = []


class Page(HTMLParser):
    """What stands on a page: forms, links, headings, labels; for assertions about structure."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._button: tuple[str, str] | None = None
        self._words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag == "form":
            self.forms.append(Form(given.get("action") or "", given.get("method") or "get"))
        elif tag == "a":
            self.links.append(given.get("href") or "")
        elif tag == "input" and given.get("name") and self.forms:
            self.forms[-1][given["name"] or ""] = given.get("value") or ""
        elif tag == "button":
            self._button = (given.get("name") or "", given.get("value") or "")
            self._words = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "button" and self._button is not None and self.forms:
            self.forms[-1].buttons.append((*self._button, self._words.strip()))
            self._button = None

    def handle_data(self, data: str) -> None:
        self._words += data


class Browser:
    """One browser at one port."""

    def __init__(self, port: int, language: str = "en") -> None:
        self.port = port
        self.language = language
        self.cookies: dict[str, str] = {}
        self.origin = ""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    def open(self, path: str, form: dict[str, str] | None = None, method: str | None = None) -> Page:
        """Ask for a page, following redirections as browsers do."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Accept-Language": self.language}
        if self.origin:
            headers["Origin"] = self.origin
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = urlencode(form) if form is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method or ("GET" if form is None else "POST"), path, body, headers)
        answer = connection.getresponse()
        self.status, self.body = answer.status, answer.read()
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self._keep(value)
        connection.close()
        if self.status == 303:
            return self.open(self.headers["location"])
        return Page(self.body.decode(errors="replace"))

    def press(self, page: Page, name: str, value: str, **fields: str) -> Page:
        """Press the first button of this name and value, in whichever form has the fields besides."""
        for form in page.forms:
            if (name, value) in [
                (each[0], each[1]) for each in form.buttons
            ] and form.items() >= fields.items():
                return self.open(form.action, {**form, name: value} if name else dict(form))
        raise AssertionError(f"no button {name}={value} with {fields}")

    def submit(self, page: Page, action: str, **typed: str) -> Page:
        """Fill the form that goes to `action` and send it."""
        (form,) = [form for form in page.forms if form.action == action]
        return self.open(action, {**form, **typed})

    def sign_in(self, house: "House", msisdn: str) -> Page:
        """Ask for a code, read it where it arrived, and enter it."""
        page = self.submit(self.open("/"), "/number", number=f"+{msisdn}")
        return self.submit(page, "/code", code=house.text_to(msisdn)[:6])

    def _keep(self, line: str) -> None:
        name, _, value = line.partition(";")[0].partition("=")
        if value and "max-age=0" not in line.lower():
            self.cookies[name] = value.strip('"')
        else:
            self.cookies.pop(name, None)


class House:
    """The running programs: an SMSC of ours, the product, and self-care at `port`."""

    def __init__(self, programs: Programs, smsc: RawSmsc, port: int) -> None:
        self.programs = programs
        self.smsc = smsc
        self.port = port
        self.office: PostOffice | None = None  # where e-mail goes, if somewhere

    def text_to(self, msisdn: str) -> str:
        """The text of the next message to a handset."""
        while True:
            pdu = self.smsc.next(SubmitSm)
            assert isinstance(pdu, SubmitSm)
            if pdu.destination_addr == msisdn:
                return pdu.short_message.decode("ascii")

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        return self.programs.call(do, **args)


@contextmanager
def selfcare_running(folder: Path, more: str = "") -> Iterator[House]:
    """SMSC, product and self-care."""
    with RawSmsc() as smsc:
        programs = Programs(folder, more=SETTINGS + more)
        programs.sim_port = smsc.port
        child = None
        try:
            programs.start_product()
            programs.add_account("selfcare", password=None, any_destination=False)
            ready = folder / "selfcare.ready.json"
            command = [*program("operator-push"), "selfcare", "serve", "--ready-file", str(ready)]
            command += ["--config", str(folder / "operator-push.toml")]
            child = ChildProgram(command, folder / "selfcare.log")
            yield House(programs, smsc, int(child.wait_ready(ready)["port"]))
        finally:
            if child is not None:
                child.stop()
            programs.stop()


def grant(house: House, msisdn: str, brand: str, **more: Any) -> None:
    """An opt-in of long ago."""
    act = {"brand": brand, "category": "*", "purpose": "marketing", "channel": "*", "action": "grant"}
    act |= {"at": "2026-01-01T00:00:00Z", "method": "shop", "evidence": "form 7", **more}
    answer = house.call("consent.import", rows=[{"line": 1, "msisdn": msisdn, **act}])
    assert not answer["rejected"], answer


def add_people(house: House, *msisdns: str) -> None:
    house.call("subscriber.import", columns=["line", "msisdn"], rows=[[1, each] for each in msisdns])


def told_json(browser: Browser) -> Any:
    """The download as JSON."""
    browser.open("/download.json")
    return json.loads(browser.body)
