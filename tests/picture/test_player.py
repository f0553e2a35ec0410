"""The picture in a real browser: played by buttons and keys, finished without scripts, readable in every light."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tests.pages.test_browser import SHEET, luminance
from tests.picture.gallery import CASES, explained

Seen = Callable[..., Any]

SHOWN = """kind => [...document.querySelectorAll(`.sheet g.${kind}`)]
    .filter(part => getComputedStyle(part).visibility === 'visible').map(part => part.textContent)"""
LIT = "kind => [...document.querySelectorAll(`.sheet g.${kind}.lit`)].map(part => part.textContent)"
LINES = "[...document.querySelectorAll('main > ol > li.lit')].map(part => part.textContent)"
HEADINGS = "[...document.querySelectorAll('h3.lit')].map(part => part.textContent)"


def press(page: Any, *keys: str) -> None:
    page.focus(".sheet")
    for key in keys:
        page.keyboard.press(key)


def test_buttons_play_it_forward_and_back_one_step_at_a_time(seen: Seen) -> None:
    page = seen("opening")
    first, previous, following, last = page.locator(".player button").all()
    said = page.locator(".said")
    assert "finished picture" in said.inner_text()
    assert len(page.evaluate(SHOWN, "value")) == 3
    told, values, adjoints = [], [], []
    while following.is_enabled():
        following.click()
        told.append(said.inner_text())
        values.append(len(page.evaluate(SHOWN, "value")))
        adjoints.append(page.evaluate(SHOWN, "adjoint"))
    assert [text.split(":")[0] for text in told] == [f"{k} of 6" for k in range(1, 7)]
    assert "y = x * x" in told[1]
    assert "Back through step 2, mean(y)" in told[4]
    assert values == [1, 2, 3, 3, 3, 3]
    assert adjoints == [[], [], [], ["1"], ["0.250.250.250.25", "1"], ["00.511.5", "0.250.250.250.25", "1"]]
    previous.click()
    assert said.inner_text() == told[4]
    first.click()
    assert said.inner_text() == told[0]
    assert not previous.is_enabled()
    last.click()
    assert page.evaluate("document.querySelectorAll('.later, .sheet .lit, h3.lit').length") == 0
    assert page.said == []


def test_arrow_keys_play_it_and_leave_the_readers_own_keys_alone(seen: Seen) -> None:
    page = seen("opening")
    said = page.locator(".said")
    press(page, "ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft")
    assert said.inner_text().startswith("2 of 6")
    press(page, "Control+ArrowRight")
    assert said.inner_text().startswith("2 of 6")
    press(page, "End", "ArrowRight")
    assert said.inner_text().startswith("6 of 6")
    press(page, "Home", "ArrowLeft")
    assert said.inner_text().startswith("1 of 6")
    press(page, "Escape")
    assert "finished" in said.inner_text()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    assert "finished" in said.inner_text()


def test_a_node_its_links_its_code_and_its_lines_are_lit_together(seen: Seen) -> None:
    page = seen("opening")
    press(page, "ArrowRight", "ArrowRight")
    assert page.evaluate(LIT, "node") == ["y = x * x𝑦1𝑦2𝑦3𝑦41y = x * x"]
    assert page.evaluate("document.querySelectorAll('.sheet g.link.lit').length") == 8
    (heading,) = page.evaluate(HEADINGS)
    assert heading.startswith("Step 1")
    assert page.evaluate("document.querySelector('h3.lit').id") == "step-1"
    assert [line.split(" step")[0] for line in page.evaluate(LINES)] == ["y = x * x"]
    press(page, "End")
    assert page.evaluate("document.querySelector('h3.lit').id") == "back-1"
    assert len(page.evaluate(LIT, "local")) == 4
    assert [line.split(" step")[0] for line in page.evaluate(LINES)] == ["y = x * x"]
    lines = page.evaluate("[...document.querySelectorAll('.derivation.lit .line')].length")
    assert lines >= 4
    press(page, "Escape")
    assert page.evaluate(HEADINGS) == []


@pytest.mark.parametrize("name", ["layer norm", "attention", "a loop of 40", "softmax", "max with ties"])
def test_every_step_lights_its_own_lines(seen: Seen, name: str) -> None:
    page = seen(name)
    count = page.evaluate("document.querySelectorAll('.told > li').length")
    for _ in range(count):
        press(page, "ArrowRight")
        lights = page.evaluate("""() => {
            const place = Number(document.querySelector('.said .place').textContent.split(' ')[0]) - 1;
            return document.querySelectorAll('.told > li')[place].dataset.lights || '';
        }""").split()
        assert page.evaluate("[...document.querySelectorAll('h3.lit')].map(each => each.id)") == sorted(
            lights, key=lambda anchor: page.evaluate("a => document.getElementById(a).offsetTop", anchor)
        )
    # what was told in the end is the finished picture
    assert page.evaluate("document.querySelectorAll('.sheet .later').length") == 0
    assert page.said == []


def test_nothing_plays_by_itself(seen: Seen) -> None:
    page = seen("opening")
    before = page.evaluate("document.querySelector('figure.picture').outerHTML")
    page.wait_for_timeout(400)
    assert page.evaluate("document.querySelector('figure.picture').outerHTML") == before
    assert page.evaluate("document.querySelectorAll('animate, set').length") == 0


def test_without_scripts_it_is_the_finished_picture(seen: Seen) -> None:
    page = seen("opening", java_script_enabled=False)
    assert not page.locator(".player").is_visible()
    assert page.locator(".sheet svg").is_visible()
    for kind, count in (("value", 3), ("adjoint", 3), ("local", 8)):
        parts = page.locator(f".sheet g.{kind}").all()
        assert len(parts) == count
        assert all(part.is_visible() for part in parts)
    page.locator(".picture summary").click()
    assert "0.25" in page.locator(".picture details").inner_text()


def test_nothing_else_runs_and_nothing_is_fetched(seen: Seen) -> None:
    page = seen("opening")
    page.evaluate("""() => {
        const script = document.createElement('script');
        script.textContent = 'document.title = "run"';
        document.body.append(script);
        document.body.insertAdjacentHTML('beforeend', '<img src="https://example.org/a.png">');
    }""")
    page.wait_for_timeout(100)
    assert page.title() != "run"
    refused = [said for said in page.said if "Content Security Policy" in said]
    assert len(refused) == 2
    assert any("img-src" in said and "example.org" in said for said in refused)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_are_readable_in_every_light(seen: Seen, scheme: str) -> None:
    page = seen("perceptron", color_scheme=scheme)
    press(page, "ArrowRight", "ArrowRight")
    inks = page.evaluate("""() => [...document.querySelectorAll('.sheet text:not(.badge)')]
        .map(text => getComputedStyle(text).fill.match(/[\\d.]+/g).map(Number))""")
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g).map(Number)")
    for ink in {tuple(ink) for ink in inks}:
        lighter, darker = sorted((luminance(list(ink)), luminance(paper)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5
    assert (luminance(paper) > 0.5) == (scheme == "light")


def test_motion_is_left_out_where_it_is_not_wanted(seen: Seen) -> None:
    durations = (
        "[...document.querySelectorAll('.sheet path, .sheet rect')].map(e => getComputedStyle(e).transitionDuration)"
    )
    assert set(seen("opening", reduced_motion="reduce").evaluate(durations)) == {"0s"}
    assert "0.15s, 0.15s" in seen("opening", reduced_motion="no-preference").evaluate(durations)


@pytest.mark.parametrize("name", ["opening", "logistic", "perceptron", "a large matrix", "long names"])
def test_on_a_phone_it_scrolls_with_a_sign_and_the_lit_node_is_in_sight(seen: Seen, name: str) -> None:
    page = seen(name, width=380, reduced_motion="reduce")
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    sheet = "document.querySelector('.sheet')"
    if page.evaluate(f"{sheet}.scrollWidth > {sheet}.clientWidth"):
        assert page.evaluate(f"getComputedStyle({sheet}).backgroundImage").count("linear-gradient") == 4
    count = page.evaluate("document.querySelectorAll('.told > li').length")
    press(page, *["ArrowRight"] * (count // 2))
    left, right = page.evaluate("""() => {
        const box = document.querySelector('.sheet g.node.lit rect').getBoundingClientRect();
        return [box.left, box.right];
    }""")
    assert -1 <= left < right <= 381


@pytest.mark.parametrize("name", ["opening", "logistic", "perceptron", "x A x"])
def test_in_print_it_is_whole_and_fits_the_sheet(seen: Seen, name: str) -> None:
    page = seen(name, width=SHEET)
    press(page, "ArrowRight")
    page.emulate_media(media="print")
    assert not page.locator(".player").is_visible()
    assert not page.locator(".picture details").is_visible()
    assert all(part.is_visible() for part in page.locator(".sheet g.adjoint").all())
    widths = page.evaluate(
        "[...document.querySelectorAll('.sheet svg')].map(each => each.getBoundingClientRect().right)"
    )
    assert max(widths) <= SHEET
    assert page.pdf(format="A4")[:5] == b"%PDF-"


def test_letters_are_as_broad_in_the_browser_as_they_were_thought(seen: Seen) -> None:
    page = seen("perceptron")
    page.evaluate("document.fonts.ready")
    page.evaluate("""() => {
        window.over = [...document.querySelectorAll('.sheet svg')].flatMap(svg => {
            const paths = [...svg.querySelectorAll('g.link path:not(.tip)')].map(path => path.getBBox());
            return [...svg.querySelectorAll('g.local text')].map(text => text.getBBox()).filter(box =>
                box.x < 0 || paths.some(p => p.height < 1 && Math.abs(p.y - box.y - box.height / 2) < 6
                    && p.x < box.x + box.width - .5 && box.x + .5 < p.x + p.width));
        });
    }""")
    assert page.evaluate("window.over.length") == 0


def test_what_is_selected_can_be_copied(seen: Seen) -> None:
    page = seen("opening")
    page.locator(".picture summary").click()
    copied = page.evaluate("""() => {
        getSelection().selectAllChildren(document.querySelector('.picture details table'));
        return getSelection().toString();
    }""")
    assert {"3.5", "0.25", "1.5", "9"} <= set(copied.split())


def test_the_opening_page_is_small() -> None:
    assert len(explained("opening").to_html().encode()) < 250_000


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh", "dark")])
def test_axe_finds_nothing(seen: Seen, name: str, language: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page = seen(name, language=language, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    if page.locator(".player").count():
        press(page, "ArrowRight", "ArrowRight")
    found = axe.Axe().run(page)
    assert [(each["id"], [node["html"][:100] for node in each["nodes"]]) for each in found.response["violations"]] == []


def test_the_keys_lead_through_a_page_in_its_order(seen: Seen) -> None:
    """Links, the sheet, the player, folds, code and choices: every stop is visible, none comes before the one above."""
    page = seen("opening")
    tops, stops = [], []
    for _ in range(60):
        page.keyboard.press("Tab")
        top, tag, outline = page.evaluate("""() => {
            const here = document.activeElement, style = getComputedStyle(here);
            return [here.getBoundingClientRect().top + scrollY, here.tagName, style.outlineStyle];
        }""")
        if tag == "BODY":
            break
        assert outline != "none" or tag == "INPUT", tag
        tops.append(top)
        stops.append(tag)
    assert {"A", "DIV", "BUTTON", "SUMMARY", "PRE"} <= set(stops)
    assert all(later >= earlier - 60 for earlier, later in pairwise(tops)), tops


def test_a_formula_is_copied_as_latex(seen: Seen) -> None:
    page = seen("opening", permissions=["clipboard-read", "clipboard-write"])
    page.locator(".display").first.hover()
    page.locator(".display .copy").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == r"\frac{\partial y}{\partial x_k} = \frac{2 x_k}{n}"
    assert page.locator(".display .copy").first.inner_text() == "copied"


def test_a_bar_begins_at_zero_and_goes_the_way_of_its_sign(seen: Seen) -> None:
    page = seen("max with ties")
    lengths = page.evaluate("""() => [...document.querySelectorAll('.bar')].map(bar => {
        const place = bar.getBoundingClientRect(), drawn = bar.querySelector('i').getBoundingClientRect();
        return [drawn.left - place.left, drawn.right - place.left].map(x => Math.round(100 * x / place.width));
    })""")
    assert lengths == [[50, 100], [50, 50], [0, 50]]


def test_it_speaks_chinese(seen: Seen) -> None:
    page = seen("opening", language="zh")
    press(page, "ArrowRight", "ArrowRight")
    assert page.locator(".said").inner_text().startswith("2/6：前向，第 1 步：y = x * x")
