"""The index: everything that a user wrote is escaped, long ones go on on further pages, and it is chosen and sorted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from symdiff.build import index
from symdiff.build.index import index_pages
from symdiff.build.ledger import Entry
from tests.cases.corpus import hostile

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def entry(number: int, title: str = "", **more: Any) -> Entry:
    told: dict[str, Any] = {"ending": "made", "verdict": "agree", "ok": True, "files": {f"case-{number}.html": 1}}
    return Entry(f"key{number}", f"case-{number}", title or f"Case {number}", **{**told, **more})


def pages(entries: list[Entry], *languages: str) -> dict[str, str]:
    return dict(index_pages(lambda: entries, len(entries), languages or ("en",)))


def test_titles_are_shown_and_not_obeyed() -> None:
    marks = [case["text"] for case in hostile() if case["kind"].startswith("markup injection")]
    assert len(marks) > 20
    entries = [entry(k, text, expression=text, reason=text) for k, text in enumerate(marks)]
    (page,) = pages(entries).values()
    assert page.count("<script") == 1
    assert not re.search(r"<(svg|iframe|base|img)\b", page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7*7 }}" in page


def test_verdicts_are_counted_worst_first() -> None:
    entries = [
        entry(1), entry(2, verdict="kink"), entry(3, verdict="disagree", ok=False), entry(4),
        entry(5, ending="time", verdict="", ok=False, files={}, reason="the limit of 3 s was reached"),
    ]  # fmt: skip
    (page,) = pages(entries).values()
    assert re.findall(r'<li class="(\w+)".*?<span class="count">(\d+)</span>', page) == [
        ("failed", "1"), ("disagree", "1"), ("kink", "1"), ("agree", "2"),
    ]  # fmt: skip
    assert "the limit of 3 s was reached" in page
    assert page.count("<a href=") == 4


def test_a_long_index_goes_on_on_further_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "ROWS", 2)
    found = pages([entry(k) for k in range(5)], "en", "zh")
    assert list(found) == [
        "index.html",
        "index-2.html",
        "index-3.html",
        "index.zh.html",
        "index-2.zh.html",
        "index-3.zh.html",
    ]
    assert [page.count("<tr class=") for page in found.values()] == [2, 2, 1] * 2
    for name, page in found.items():
        links = set(re.findall(r'href="(index[^"]*)"', page))
        same = {each for each in found if (".zh." in each) == (".zh." in name)} - {name}
        (other,) = links - same
        assert same <= links
        assert other.replace(".zh", "") == name.replace(".zh", "")
        assert "共 5 例" in page if ".zh." in name else "5 cases" in page


@pytest.fixture(scope="module")
def browser(require_tool: Callable[[str], str]) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=require_tool("chromium"), args=FLAGS)
        yield opened
        opened.close()


LONG = f"<math><mrow>{'<mi>x</mi><mo>+</mo>' * 80}<mi>x</mi></mrow></math>"
ENTRIES = [
    entry(1, "Softmax", ulps=3.0),
    entry(2, "Mean of squares", ulps=10.0, expression="x * " * 60 + "x", formulas={"en": [LONG]}),
    entry(3, "Largest", verdict="kink", ulps=0.5),
    entry(4, "Broken", ending="wrong", verdict="", ok=False, files={}, reason="there is no operator between x and y"),
]


def shown(page: Any) -> list[str]:
    rows: list[str] = page.eval_on_selector_all(
        ".cases tbody tr", "rows => rows.filter(r => r.offsetParent).map(r => r.cells[0].textContent)"
    )
    return rows


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of the browser's pipe, when it closes
def test_choosing_and_sorting(browser: Any, tmp_path: Path) -> None:
    (page,) = pages(ENTRIES).values()
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    errors: list[str] = []
    for javascript in (False, True):
        context = browser.new_context(java_script_enabled=javascript, viewport={"width": 380, "height": 700})
        tab = context.new_page()
        tab.on("console", lambda message: errors.append(message.text))
        tab.goto(f"file://{tmp_path}/index.html")
        assert tab.locator(".cases tbody tr").count() == 4
        assert tab.locator(".find").is_visible() is javascript
        if javascript:
            assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
            tab.set_viewport_size({"width": 1200, "height": 700})
            assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
            tab.click("text=worst error")
            assert shown(tab) == ["4", "3", "1", "2"]
            tab.click("text=worst error")
            assert shown(tab) == ["2", "1", "3", "4"]
            tab.click(".counts .kink button")
            assert shown(tab) == ["3"]
            tab.click(".counts .kink button")
            tab.fill("input[type=search]", "MEAN squ")
            assert shown(tab) == ["2"]
            tab.fill("input[type=search]", "nothing of this")
            assert shown(tab) == []
            assert tab.locator("output").text_content() == "No case fits."
        assert errors == []
        context.close()
