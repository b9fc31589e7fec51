"""Every page in every language: its structure by our own checks, its looks in Chromium at 320 CSS pixels.

WCAG 2.2: language of the page (3.1.1), titles (2.4.2), headings (1.3.1), labels (3.3.2), names of controls
(4.1.2), skip link (2.4.1), reflow at 320 (1.4.10), contrast (1.4.3), target size (2.5.8), no scripts at all.
"""

import html
import json
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from selfcare_browser import Page
from selfcare_desk import PAGES, Visitor

from operator_push.http.selfcare.drawing import style
from operator_push.http.selfcare.languages import languages

CONTRAST_MIN = 4.5
TARGET_PIXELS_MIN = 24

# Runs in the copy of the pages that the test makes; the pages themselves have no scripts.
MEASURE = r"""
const channel = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
const parsed = text => { const n = text.match(/[\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
const behind = (e, w) => { for (; e; e = e.parentElement) {
  const c = parsed(w.getComputedStyle(e).backgroundColor); if (c[3] > 0) return c; }
  return [255, 255, 255, 1]; };
const found = [];
for (const frame of document.querySelectorAll("iframe")) {
  const d = frame.contentDocument, w = frame.contentWindow, name = frame.title;
  const wide = d.documentElement.scrollWidth;
  if (wide > 320) found.push(`${name}: scrolls sideways, ${wide}`);
  for (const e of d.querySelectorAll("body *")) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const s = w.getComputedStyle(e), r = e.getBoundingClientRect();
    if (own && r.width && s.position !== "absolute") {
      const a = light(parsed(s.color)), b = light(behind(e, w));
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < CONTRAST) found.push(`${name}: ${e.tagName} ${e.className} contrast ${ratio.toFixed(2)}`);
    }
    const isTarget = /^(A|BUTTON|INPUT|SELECT)$/.test(e.tagName) && e.type !== "hidden";
    if (isTarget && r.width && s.position !== "absolute" && !e.closest("p") && r.height < TARGET)
      found.push(`${name}: ${e.tagName} is ${r.height} high`);
  }
}
document.body.textContent = JSON.stringify({frames: document.title, found});
"""


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """Every page by language and address, the ones before signing in among them."""
    drawn = {}
    for code in languages():
        visitor = Visitor()
        for path in ("/", "/code", "/l/abc", "/join/poster", "/widget/poster"):
            drawn[f"{code} {path}"] = visitor.get(f"{path}?lang={code}")
        visitor.post("/code", csrf="wrong")
        visitor.sign_in()
        for path in PAGES:
            drawn[f"{code} {path}"] = visitor.get(path)
        drawn[f"{code} refused"] = visitor.post("/permissions", csrf="wrong")
    return drawn


def test_the_structure_of_every_page(pages: dict[str, str]) -> None:
    faults = [f"{name}: {fault}" for name, text in pages.items() for fault in faults_of(name, text)]
    assert not faults, "\n".join(faults)


def faults_of(name: str, text: str) -> list[str]:
    page, faults = Page(text), []
    tags = page.tags
    names = [tag for tag, _ in tags]
    if ("html", {"lang": name[:2]}) not in tags:
        faults.append("the language of the page is not its own")
    if not re.search(r"<title>[^<]+ – Example Telecom</title>", text):
        faults.append("no title of its own")
    if names.count("h1") != 1 or names.count("main") != 1:
        faults.append("not exactly one h1 and one main")
    levels = [int(tag[1]) for tag in names if re.fullmatch(r"h[1-6]", tag)]
    if any(after > before + 1 for before, after in pairwise(levels)):
        faults.append(f"headings skip a level: {levels}")
    ids = [given["id"] for _, given in tags if "id" in given]
    if len(ids) != len(set(ids)):
        faults.append("an id is there twice")
    if next(given.get("href") for tag, given in tags if tag == "a") != "#content":
        faults.append("the first link does not skip to the content")
    labelled = {given.get("for") for tag, given in tags if tag == "label"}
    for tag, given in tags:
        if tag in ("input", "select") and given.get("type") != "hidden" and given.get("id") not in labelled:
            faults.append(f"{tag} {given.get('name')} has no label")
        if tag == "script" or "style" in given or any(key.startswith("on") for key in given):
            faults.append(f"{tag} has a script or a style of its own")
        if tag == "th" and "scope" not in given:
            faults.append("a th without its scope")
        for key in ("aria-labelledby", "aria-describedby"):
            if key in given and given[key] not in ids:
                faults.append(f"{key} {given[key]} leads nowhere")
    for form in page.forms:
        if form.method != "post" or not (form.get("csrf") or form.get("token")):
            faults.append(f"the form to {form.action} has no secret")
        faults += [f"a button of {form.action} has no name" for *_, words in form.buttons if not words]
    return faults


def test_every_page_fits_320_pixels_with_contrast_and_targets(pages: dict[str, str], tmp_path: Path) -> None:
    link, sheet = '<link rel="stylesheet" href="/style.css">', f"<style>{style().decode()}</style>"
    frames = []
    for name, text in pages.items():
        copy = html.escape(text.replace(link, sheet), quote=True)
        frames.append(
            f'<iframe title="{name}" width="320" height="900" style="border:0" srcdoc="{copy}"></iframe>'
        )
    script = MEASURE.replace("CONTRAST", str(CONTRAST_MIN)).replace("TARGET", str(TARGET_PIXELS_MIN))
    whole = f"<!DOCTYPE html><title>{len(frames)}</title><body>{''.join(frames)}"
    whole += f"<script>onload = () => {{{script}}}</script>"
    (tmp_path / "pages.html").write_text(whole, encoding="utf-8")
    body = dumped(tmp_path / "pages.html").partition("<body>")[2]
    told = json.loads(html.unescape(re.sub(r"<[^>]*>", "", body)))
    assert told == {"frames": str(len(pages)), "found": []}


def test_the_script_of_the_widget_builds_a_form_that_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "poster.js").write_text(Visitor().get("/widget/poster.js?lang=de"), encoding="utf-8")
    text = '<!DOCTYPE html><html lang="de"><meta charset="utf-8"><title>x</title><h1>Chai</h1>'
    text += '<div><script src="poster.js"></script></div><script src="poster.js"></script>'
    (tmp_path / "shop.html").write_text(text, encoding="utf-8")
    page = Page(dumped(tmp_path / "shop.html"))
    first, second = page.forms
    assert (first.method, bool(first.get("token")), first.buttons[0][2]) == ("post", True, "Per SMS fragen")
    assert first.action.endswith("/poster?lang=de")
    ids = [given["id"] for _, given in page.tags if "id" in given]
    assert len(ids) == len(set(ids)), "two forms on one page do not share ids"
    for key in ("for", "aria-describedby", "aria-labelledby"):
        assert all(given[key] in ids for _, given in page.tags if key in given)
    assert second.action == first.action
    assert ("status", "polite") in [(given.get("role"), given.get("aria-live")) for _, given in page.tags]


def dumped(page: Path) -> str:
    """The document that Chromium makes of a page."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium here; apt-get install chromium")
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu"]
    command += [f"--user-data-dir={page.parent / 'profile'}", "--virtual-time-budget=10000", "--dump-dom"]
    done = subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=90, check=True)
    return done.stdout
