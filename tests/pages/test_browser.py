"""The pages in a real browser: the font is used, nothing is fetched, nothing runs, nothing is wider than a phone."""

from __future__ import annotations

import re

import numpy as np
import pytest

import symdiff
from symdiff.pages.blocks import Derivation, Display, Document, Row, Table, line
from symdiff.pages.html import html
from symdiff.printing.shorthand import symbol, times
from symdiff.printing.tree import Matrix, Symbol
from tests.pages.test_lines import PAGES

HOSTILE = '<script>document.title="run"</script><img src=x onerror="document.title=1">'


@pytest.fixture
def opened(browser, tmp_path):
    pages = []

    def open_page(shown: Document | str, width: int = 360, scheme: str = "light"):
        path = tmp_path / f"page-{len(pages)}.html"
        path.write_text(shown if isinstance(shown, str) else html(shown), encoding="utf-8")
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("request", lambda request: page.said.append(request.url))
        page.goto(path.as_uri())
        page.evaluate("document.fonts.ready")
        page.said = [said for said in page.said if not said.startswith(("file:", "data:"))]
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()


def wide() -> Document:
    numbers = tuple(tuple(times(2, symbol("x", i)) for i in range(1, 31)) for _ in range(2))
    long = tuple(Symbol("a_rather_long_name") for _ in range(8))
    cells = tuple(line(f"column{i}") for i in range(20))
    words = "w" * 300
    return Document(
        line(words),
        (
            Display(Matrix(numbers)),
            *(Derivation((Row(long),), stacked) for stacked in (False, True)),
            Table(cells, (cells,)),
        ),
        summary=line(HOSTILE),
    )


def width_of(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize("width", [320, 360, 1200])
def test_nothing_is_wider_than_the_window_however_wide_the_mathematics(opened, width):
    assert width_of(opened(wide(), width)) <= width


def test_nothing_is_fetched_and_nothing_runs(opened):
    page = opened(wide())
    assert page.said == []
    assert page.title().startswith("www")
    assert page.inner_text(".summary") == HOSTILE


def test_the_font_of_mathematics_is_the_one_inside(opened):
    page = opened(Document(line("t"), (Display(symbol("x", 1)),)))
    faces = page.evaluate("[...document.fonts].map(face => face.family + ' ' + face.status)")
    assert [face.replace('"', "") for face in faces] == ["Symdiff Math loaded"]


def test_equals_signs_of_a_derivation_stand_in_columns(opened):
    rows = tuple(Row((symbol("x", i), times(10**i, symbol("y", i)), symbol("z", i))) for i in range(1, 5))
    page = opened(Document(line("t"), (Derivation(rows),)), 1200)
    places = "row => [...row.querySelectorAll('.part')].map(part => part.getBoundingClientRect().left)"
    lefts = page.evaluate(f"[...document.querySelectorAll('.derivation .line')].map({places})")
    assert len(lefts) == 4
    assert all(row == lefts[0] for row in lefts)


def test_night_and_day_differ_and_are_readable(opened):
    def colours(scheme: str) -> tuple[list[int], list[int]]:
        page = opened(Document(line("t"), ()), 360, scheme)
        style = "getComputedStyle(document.documentElement)"
        read = (page.evaluate(f"{style}.{name}.match(/\\d+/g).map(Number)") for name in ("color", "backgroundColor"))
        return tuple(read)

    for scheme in ("light", "dark"):
        ink, paper = colours(scheme)
        lighter, darker = sorted((luminance(ink), luminance(paper)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 7
    assert colours("light") != colours("dark")


def luminance(colour: list[int]) -> float:
    parts = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


GALLERY = [
    "opening", "max with ties", "where", "logistic", "cross-entropy", "attention", "layer norm", "log det", "softmax",
    "a small number", "perceptron", "a thousand elements", "long names",
]  # fmt: skip
SINES = np.sin(np.arange(1000.0)).round(3)
MORE = {
    "perceptron": (
        "H = tanh(X @ W + b); P = H @ V + c; mean((P - T)**2)",
        {"X": SINES[:15].reshape(5, 3), "W": SINES[20:32].reshape(3, 4), "b": SINES[:4],
         "V": SINES[40:48].reshape(4, 2), "c": [0.0, 0.5], "T": SINES[60:70].reshape(5, 2)},
    ),
    "a thousand elements": ("mean(x*x)", {"x": SINES}),
    "long names": (
        "sum((first_long_name * second_long_name + third_long_name)**2)",
        {"first_long_name": [1.25, 2.5], "second_long_name": [3.0, 4.125], "third_long_name": [0.1, 0.2]},
    ),
}  # fmt: skip
SHEET = 658
"""The width of a sheet of A4 between its margins, in CSS pixels."""

CLIPPED = """() => [...document.querySelectorAll('.display, .derivation, .scroll, pre, .line, td, h1, h2, h3, p')]
    .filter(part => part.scrollWidth > part.clientWidth + 1 && part.clientWidth)
    .map(part => [part.className, getComputedStyle(part).backgroundImage, part.textContent.slice(0, 60)])"""


@pytest.fixture(scope="module")
def gallery():
    written = {}
    for name in GALLERY:
        expression, values = PAGES.get(name) or MORE[name]
        written[name] = symdiff.explain(expression, at=values).to_html()
    return written


@pytest.mark.parametrize("name", GALLERY)
def test_nothing_is_clipped(opened, gallery, name):
    for width in (1200, 720):
        page = opened(gallery[name], width)
        assert width_of(page) <= width
        assert page.evaluate(CLIPPED) == []


@pytest.mark.parametrize("name", GALLERY)
def test_on_a_phone_what_scrolls_says_so(opened, gallery, name):
    page = opened(gallery[name], 380)
    assert width_of(page) <= 380
    for kind, sign, _ in page.evaluate(CLIPPED):
        if kind == "line":
            continue  # its derivation is there as well
        assert kind.split()[0] in ("display", "derivation")
        assert sign.count("linear-gradient") == 4
    if name != "softmax":
        shown = "cell => { const box = cell.getBoundingClientRect(); return box.right <= 380 && box.width > 0; }"
        assert page.evaluate(f"[...document.querySelectorAll('.grid td:last-child')].every({shown})")


@pytest.mark.parametrize("name", GALLERY)
def test_nothing_is_clipped_in_print(opened, gallery, name):
    page = opened(gallery[name], SHEET)
    page.emulate_media(media="print")
    assert width_of(page) <= SHEET
    assert page.evaluate(CLIPPED) == []


def test_a_thousand_elements_do_not_print_a_thousand_numbers(gallery):
    assert len(re.findall(r"<mn>", gallery["a thousand elements"])) < 200
    assert gallery["a thousand elements"].count("e-0") < 20


def test_signs_and_fractions_stand_on_one_line_in_print(opened, gallery):
    page = opened(gallery["opening"], SHEET)
    page.emulate_media(media="print")
    # the sign of a part and the bar of the fraction beside it are at one height, up to a pixel
    heights = page.evaluate("""() => [...document.querySelectorAll('.derivation .line')].map(line =>
        [...line.querySelectorAll('.part > math > semantics > mrow > mo:first-child')]
        .map(sign => { const box = sign.getBoundingClientRect(); return (box.top + box.bottom) / 2; }))""")
    assert sum(map(len, heights)) > 20
    assert all(max(line) - min(line) <= 1.5 for line in heights if line)
