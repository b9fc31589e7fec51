"""The page: whole, self-contained, honest about what did not hold, and safe with any text in it."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from demo_results import good_results

from operator_push.cli.demo.invariants.judgement import judge
from operator_push.cli.demo.product_rows import ProductFacts
from operator_push.cli.demo.report.page import write_page
from operator_push.cli.demo.results import Results
from operator_push.domain.ledger import verify

_VOID = {"meta", "link", "path", "circle", "line", "rect"}


class Balance(HTMLParser):
    """Every tag that opens closes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] += 1
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag


def page(tmp_path: Path, results: Results) -> str:
    write_page(tmp_path / "report.html", results, judge(results))
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    balance = Balance()
    balance.feed(text)
    assert balance.open == []
    assert balance.seen["section"] == 10
    for drawing in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        ET.fromstring(drawing)
    return text


def test_a_good_run_says_so(tmp_path: Path) -> None:
    text = page(tmp_path, good_results())
    assert re.search(r"All \d+ invariants held", text)
    assert 'class="verdict broken"' not in text
    assert "<b>0</b><span>messages after 12 acknowledged stops</span>" in text
    assert "operator-push demo --out" in text
    assert "--seed 7" in text


def test_nothing_is_fetched_from_anywhere(tmp_path: Path) -> None:
    text = page(tmp_path, good_results())
    assert re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', text) == []
    assert not re.search(r"https?:|@import|url\(|<script|<iframe", text)


def test_what_did_not_hold_is_told_with_where_to_look(tmp_path: Path) -> None:
    results = good_results()
    results.crash_proof.lost = 3
    text = page(tmp_path, results)
    assert "1 of " in text
    assert "invariants did not hold" in text
    assert 'class="verdict broken"' in text
    assert "look at esme/nagarbank-crash" in text
    assert "and something is missing" in text
    assert "3 was lost" in text


def test_no_title_praises_what_failed(tmp_path: Path) -> None:
    results = good_results()
    results.stops.stops[0].submits_after_acknowledgement = 2
    results.reconciliation.mismatched = 1
    text = page(tmp_path, results)
    assert "STOP was not obeyed" in text
    assert "Three records that disagree" in text
    assert "got 2 messages after that" in text
    assert "left alone" not in text


def test_text_from_outside_stays_text(tmp_path: Path) -> None:
    results = good_results()
    results.sales[0].words = "<script>alert(1)</script>"
    results.people.ingest["rejected_by_reason"] = {'"><img onerror=x>': 3}
    text = page(tmp_path, results)
    assert "<script" not in text
    assert "<img" not in text


@pytest.mark.parametrize("rounds", [1, 3])
def test_extremes_are_drawn_too(tmp_path: Path, rounds: int) -> None:
    results = good_results()
    results.stops.stops.clear()
    results.facts = ProductFacts(campaigns=results.facts.campaigns, ledger=verify(()))
    results.crash.rounds *= rounds
    results.crash_proof.arrivals_us = []
    results.people.ingest.update(rejected_by_reason={}, read=0)
    assert "nothing left: receipts told it all" in page(tmp_path, results)


def test_no_number_of_anybody_is_shown(tmp_path: Path) -> None:
    results = good_results()
    results.stops.stops[0].submits_after_acknowledgement = 1
    text = page(tmp_path, results)
    assert results.stops.stops[0].number not in text


def test_a_text_and_its_click_are_shown_where_somebody_got_one(tmp_path: Path) -> None:
    results = good_results()
    texts = []
    for click in (results.click, None):
        results.click = click
        write_page(tmp_path / "report.html", results, judge(results))
        texts.append((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "go.chai.example/01abc" in texts[0]
    assert "led to chai.example/?c=03zK" in texts[0]
    assert "The link was followed" not in texts[1]
