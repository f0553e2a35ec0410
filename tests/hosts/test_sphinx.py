"""The directive ``derivation``: a small book, built by every builder, read in a browser and set by LaTeX."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from io import StringIO
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from sphinx.application import Sphinx
from sphinx.locale import translators
from sphinx.util.docutils import docutils_namespace, patch_docutils

import symdiff.sphinx.derivation as directive
from symdiff.pages.part import script_of_parts, style_of_parts

CONF = """
project = "A book"
author = "Somebody"
extensions = ["symdiff.sphinx", "myst_parser"]
html_theme = "furo"
latex_elements = {"fontpkg": ""}
exclude_patterns = ["build"]
"""
INDEX = """
A book
======

.. toctree::

   second
   third

Means
-----

See :ref:`the mean <mean-of-squares>`.

.. derivation:: mean(x * x)
   :at: x = 0, 1, 2, 3
   :name: mean-of-squares

Maxima
~~~~~~

.. derivation::
   :at: x = @numbers.npy
   :detail: result
   :class: own

   y = x * x
   max(y)

.. note::

   .. derivation:: X @ w
      :at: X = [[1, 2], [3, 4]]
           w = 1, 2
      :wrt: w
      :detail: result
"""
SECOND = """
# Another way to write

```{derivation} mean(x * x)
:at: x = 0, 1, 2, 3
:detail: result
```

```{derivation} mean(x * x)
:at: x = 0, 1, 2, 3
:detail: result
```

```{derivation} log(x)
:at: x = 0
:verdict: undefined
:order: 2
:detail: rules
```
"""
THIRD = """
No derivation
=============

Some words, and `a link <https://example.org>`_.

===  ===
a    b
===  ===
1    2
===  ===
"""


@dataclass
class Built:
    """A book after a build."""

    source: Path
    out: Path
    told: str

    def text(self, name: str) -> str:
        return (self.out / name).read_text(encoding="utf-8")


def build(
    source: Path,
    builder: str = "html",
    *,
    strict: bool = True,
    parallel: int = 0,
    doctrees: str = "doctrees",
    **config: object,
) -> Built:
    """Builds a book in this process; with ``strict`` a warning is an error."""
    out, told = source / "build" / builder, StringIO()
    translators.clear()  # what the book before was in
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            str(source), str(source), str(out), str(source / "build" / doctrees), builder, dict(config),
            status=None, warning=told, parallel=parallel, warningiserror=strict,
        )  # fmt: skip
        app.build()
    assert not strict or app.statuscode == 0, told.getvalue()
    return Built(source, out, re.sub(r"\x1b\[[0-9;]*m", "", told.getvalue()).replace(f"{source}{os.sep}", ""))


@pytest.fixture
def book(tmp_path: Path):
    """``book(index="...")``: a folder with a book's sources."""

    def write(**pages: str) -> Path:
        (tmp_path / "conf.py").write_text(CONF)
        np.save(tmp_path / "numbers.npy", np.array([3.0, 1.0, -3.0]))
        for name, text in pages.items():
            (tmp_path / name.replace("__", ".")).write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> Built:
    source = tmp_path_factory.mktemp("book")
    pages = {"conf.py": CONF, "index.rst": INDEX, "second.md": SECOND, "third.rst": THIRD}
    for name, text in pages.items():
        (source / name).write_text(text, encoding="utf-8")
    np.save(source / "numbers.npy", np.array([3.0, 1.0, -3.0]))
    return build(source, parallel=2)


class _Page(HTMLParser):
    """The elements of a page: ids, titles, links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.titles: list[int] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found["href"] or ""] if tag == "a" and "href" in found else []
        if re.fullmatch("h[1-6]", tag):
            self.titles.append(int(tag[1]))


# --- HTML -------------------------------------------------------------------------------------------------------------


def test_every_derivation_is_on_its_page(html: Built) -> None:
    index, second, third = (html.text(f"{name}.html") for name in ("index", "second", "third"))
    numbers = [len(re.findall(r'class="(?:own )?symdiff(?: own)?"', page)) for page in (index, second, third)]
    assert numbers == [3, 3, 0]
    assert "The gradient of <code" in index
    assert ">max(y)</span></code></h4>" in index
    assert re.search(r'<div class="[^"]*symdiff[^"]*" [^>]* id="mean-of-squares" lang="en">', index)
    assert 'href="#mean-of-squares"' in index


@pytest.mark.parametrize("file", ["symdiff.css", "symdiff.js"])
def test_pages_without_a_derivation_do_not_load_its_style_and_script(html: Built, file: str) -> None:
    loading = {name: html.text(f"{name}.html").count(file) for name in ("index", "second", "third")}
    assert loading == {"index": 1, "second": 1, "third": 0}
    assert html.text("_static/symdiff.css") == style_of_parts()
    assert html.text("_static/symdiff.js") == script_of_parts()


def test_a_book_in_one_page_has_every_id_once(book) -> None:
    part = ".. derivation:: mean(x * x)\n   :at: x = 0, 1, 2, 3\n"
    contents = ".. toctree::\n\n   first\n   second\n"
    source = book(index__rst=f"B\n=\n\n{contents}", first__rst=f"F\n=\n\n{part}", second__rst=f"S\n=\n\n{part}\n{part}")
    page = _Page(build(source, "singlehtml").text("index.html"))
    assert [each for each, count in Counter(page.ids).items() if count > 1] == []
    assert sum(each.endswith("-step-1") for each in page.ids) == 3


def test_an_e_book_has_the_finished_picture_and_no_script(html: Built) -> None:
    built = build(html.source, "epub", epub_copyright="none", version="1")
    assert not (built.out / "_static" / "symdiff.js").exists()
    page = built.text("index.xhtml")
    assert "symdiff.js" not in page
    assert '<g class="adjoint"' in page


def test_ids_are_those_of_one_page_and_links_lead_to_them(html: Built) -> None:
    for name in ("index", "second"):
        page = _Page(html.text(f"{name}.html"))
        assert [each for each, count in Counter(page.ids).items() if count > 1] == []
        inside = [link[1:] for link in page.links if link.startswith("#d-")]
        assert set(inside) <= set(page.ids)
        assert sum(each.startswith("d-") for each in page.ids) >= 3


def test_titles_stand_below_those_around(html: Built) -> None:
    titles = _Page(html.text("index.html")).titles
    assert titles[:3] == [1, 2, 3]  # the book, "Means", the derivation in it
    assert all(after <= before + 1 for before, after in pairwise(titles))
    assert 4 in titles


def test_what_is_printed_is_well_formed(html: Built) -> None:
    """E-books are XML."""
    kept = [json.loads(path.read_text()) for path in (html.source / "build" / "doctrees" / "symdiff").glob("*.json")]
    assert len(kept) == 6
    for each in kept:
        ElementTree.fromstring(f"<div>{each['html']}</div>")
        assert each["html"] in html.text("index.html") + html.text("second.html")


def test_a_book_in_chinese_has_derivations_in_chinese(book) -> None:
    source = book(index__rst="书\n==\n\n.. derivation:: mean(x * x)\n   :at: x = 0, 1\n   :detail: result\n")
    assert "的梯度" in build(source, language="zh_CN").text("index.html")
    assert "The gradient of" in build(source, language="zh_CN", symdiff_language="en").text("index.html")


# --- other builders ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("builder", ["text", "man", "texinfo", "epub", "xml", "pseudoxml", "gettext", "dummy"])
def test_other_builders_print_it_too(builder: str, html: Built) -> None:
    config = {"epub_copyright": "none", "version": "1"} if builder == "epub" else {}
    built = build(html.source, builder, doctrees="for-translators" if builder == "gettext" else "doctrees", **config)
    if builder in ("text", "man", "texinfo", "xml", "pseudoxml"):
        written = "".join(path.read_text(encoding="utf-8") for path in built.out.rglob("*") if path.is_file())
        assert "∂" in written
        assert written.count("The gradient of") >= 3


def test_the_book_is_set_by_latex(html: Built, require_tool) -> None:
    built = build(html.source, "latex")
    command = [require_tool("pdflatex"), "-interaction=nonstopmode", "-halt-on-error", "abook.tex"]
    for _ in range(2):  # the second run knows the labels
        done = subprocess.run(command, cwd=built.out, capture_output=True, text=True, errors="replace", check=False)
        assert done.returncode == 0, done.stdout[-2000:]
    assert not re.findall(r"Overfull \\[hv]box \((?:[3-9]|\d\d)", done.stdout)
    assert not re.findall(r"same identifier|Missing character|undefined", done.stdout)
    if shutil.which("pdftotext"):
        text = subprocess.run(
            ["pdftotext", "abook.pdf", "-"], cwd=built.out, capture_output=True, text=True, check=True
        )
        assert text.stdout.count("The gradient of") >= 4


def test_pdflatex_and_chinese_do_not_go_together_and_the_warning_says_what_does(book) -> None:
    page = "B\n=\n\n.. derivation:: x\n   :at: x = 1\n   :language: zh\n"
    built = build(book(index__rst=page), "latex", strict=False)
    assert "index.rst:4: WARNING: a derivation in Chinese is not set by pdflatex" in built.told
    assert build(book(index__rst=page), "latex", strict=False, latex_engine="xelatex").told == ""


# --- from build to build ----------------------------------------------------------------------------------------------


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The programs that are derived meanwhile."""
    derived: list[str] = []
    made = directive.printed

    def count(asked, prefix, timeout):
        derived.append(asked.program)
        return made(asked, prefix, timeout)

    with monkeypatch.context() as patch:
        patch.setattr(directive, "printed", count)
        yield derived


def test_what_was_derived_once_is_kept(book, monkeypatch: pytest.MonkeyPatch) -> None:
    page = "B\n=\n\n.. derivation:: mean(x)\n   :at: x = @numbers.npy\n\n.. derivation:: sum(x)\n   :at: x = 1, 2\n"
    source = book(index__rst=page)
    with counted(monkeypatch) as derived:
        first = build(source).text("index.html")
        assert derived == ["mean(x)", "sum(x)"]
        assert "3., " in re.sub(r"\s+", " ", first)
        source = book(index__rst=f"{page}\nMore.\n")
        assert "More." in build(source).text("index.html")
        assert derived == ["mean(x)", "sum(x)"]
        np.save(source / "numbers.npy", np.array([5.0, 7.0]))
        assert "[5., 7.]" in build(source).text("index.html")
        assert derived == ["mean(x)", "sum(x)", "mean(x)"]
        shutil.rmtree(source / "build")
        build(source)
        assert derived[3:] == ["mean(x)", "sum(x)"]


def test_a_kept_file_that_is_damaged_is_made_again(book) -> None:
    source = book(index__rst="B\n=\n\n.. derivation:: sum(x)\n   :at: x = 1, 2\n")
    first = build(source).text("index.html")
    (kept,) = (source / "build" / "doctrees" / "symdiff").glob("*.json")
    kept.write_text("{")
    (source / "index.rst").touch()
    assert build(source, keep_warnings=True).text("index.html") == first
    assert kept.read_text().startswith('{"html"')


# --- mistakes ---------------------------------------------------------------------------------------------------------

MISTAKES = """B
=

.. derivation:: mean(x *)
   :at: x = 1, 2

.. derivation::
   :at: x = 1, 2

   y = x * x
   meen(y)

.. derivation:: mean(x)
   :wrt: x
   :at: x = 1, two

.. derivation:: mean(x)
   :at: x = @absent.npy

.. derivation:: mean(x)
   :at: x = 1
   :detail: everything

.. derivation::

.. derivation:: mean(x)
   :at: x = 1

   mean(x)

.. derivation:: mean(x)
   :at: x = 1; x = 2

.. derivation:: log(x)
   :at: x = 0

.. derivation:: log(x)
   :at: x = 1
   :verdict: kink

.. derivation:: absent.py:loss
   :at: x = 1

.. derivation:: mean(x)
   :at: x = 1
   :language: tlh
"""
TOLD = [
    (4, "ERROR: column 9"),
    (11, "ERROR: line 2, column 1: unknown function meen"),
    (15, "ERROR: x="),
    (18, "ERROR: x"),
    (20, 'ERROR: Error in "derivation" directive'),
    (24, "ERROR: derivation: there is no program"),
    (26, "ERROR: derivation: give the program once"),
    (32, "ERROR: :at: x=... is given twice"),
    (34, "WARNING: derivation: the verdict is undefined; if that is meant, write :verdict: undefined"),
    (37, "WARNING: derivation: the verdict is agree; expected is kink"),
    (41, "ERROR: there is no file"),
    (44, "ERROR: language 'tlh'"),
]


def test_mistakes_are_told_at_their_lines(book) -> None:
    told = build(book(index__rst=MISTAKES), strict=False).told
    found = [(int(line), text) for line, text in re.findall(r"^index\.rst:(\d+): (.*)$", told, re.MULTILINE)]
    for line, text in TOLD:
        assert any(at == line and said.startswith(text) for at, said in found), (line, text, told)
    assert len(found) == len(TOLD)


def test_mistakes_in_markdown_are_told_at_their_lines(book) -> None:
    page = "# B\n\n```{derivation}\n:at: x = 1, 2\n\ny = x * x\nmeen(y)\n```\n"
    page += "\n```{derivation} mean(x *)\n:at: x = 1\n```\n"
    told = build(book(index__md=page), strict=False).told
    assert re.search(r"^index\.md:7: ERROR: line 2, column 1: unknown function meen", told, re.MULTILINE)
    assert re.search(r"^index\.md:10: ERROR: column 9", told, re.MULTILINE)


def test_a_warning_about_a_verdict_can_be_switched_off(book) -> None:
    source = book(index__rst="B\n=\n\n.. derivation:: log(x)\n   :at: x = 0\n")
    assert build(source, suppress_warnings=["symdiff.verdict"]).told == ""


def test_a_file_of_python(book) -> None:
    source = book(
        index__rst="B\n=\n\n.. derivation:: /loss.py:loss\n   :at: x = 1, 2\n   :detail: result\n",
        loss__py="import numpy as np\n\n\ndef loss(x):\n    return np.mean(x * x)\n",
    )
    assert "2" in build(source).text("index.html")
    (source / "docutils.conf").write_text("[restructuredtext parser]\nfile_insertion_enabled: no\n")
    (source / "index.rst").touch()


# --- in a browser -----------------------------------------------------------------------------------------------------

HARM = """
* { letter-spacing: 9px; } p, td, h3, summary { font-size: 40px !ignored; color: red; text-transform: uppercase; }
article table.grid, .content .grid { display: none; } .rst-content .bd article .symdiff p { margin: 5em; }
body article section .line { visibility: hidden; }
"""
LOOKS = """scope => [...document.querySelectorAll(scope)].map(each => {
    const style = getComputedStyle(each);
    const names = "display fontSize color letterSpacing marginTop textTransform visibility backgroundColor";
    return names.split(" ").map(name => style[name]).join(" ");
})"""


@pytest.fixture
def opened(browser, html: Built):
    pages = []

    def open_page(name: str = "index.html", **context):
        page = browser.new_context(viewport={"width": 1200, "height": 900}, **context).new_page()
        pages.append(page)
        page.goto((html.out / name).as_uri())
        return page

    yield open_page
    for page in pages:
        page.context.close()


def test_the_theme_does_not_reach_in(opened) -> None:
    inside = ".symdiff *:not(math, math *)"
    page = opened()
    before = page.evaluate(LOOKS, inside)
    assert len(before) > 50
    page.add_style_tag(content=HARM)
    assert page.evaluate(LOOKS, inside) == before
    assert page.evaluate(LOOKS, "article > section > h1") != []


def test_its_style_does_not_reach_out(opened) -> None:
    outside = "body *:not(.symdiff, .symdiff *)"
    page = opened("third.html")
    before = page.evaluate(LOOKS, outside)
    page.add_style_tag(content=style_of_parts())
    assert page.evaluate(LOOKS, outside) == before
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--paper')") == ""


def test_it_is_dark_where_the_theme_is(opened) -> None:
    ground = "getComputedStyle(document.querySelector('.symdiff')).backgroundColor"
    page = opened(color_scheme="dark")
    assert page.evaluate(ground) == "rgb(23, 24, 27)"
    page.evaluate("document.body.dataset.theme = 'light'")
    assert page.evaluate(ground) == "rgb(253, 252, 249)"
    # as in a theme that is light for all
    page.evaluate("delete document.body.dataset.theme; document.querySelector('meta[name=color-scheme]').remove()")
    assert page.evaluate(ground) == "rgb(253, 252, 249)"


@pytest.mark.parametrize("width", [380, 720, 1200])
def test_nothing_is_broader_than_its_column(opened, width: int) -> None:
    page = opened("second.html", java_script_enabled=True)
    page.set_viewport_size({"width": width, "height": 900})
    broader = "[...document.querySelectorAll('.symdiff')].filter(each => each.scrollWidth > each.clientWidth).length"
    assert page.evaluate(broader) == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"script-src 'self' file:; default-src * data: 'unsafe-inline'\">"
)
TWICE = """
Two
===

.. derivation:: y = x * x; mean(y)
   :at: x = 0, 1, 2, 3

.. derivation:: y = x * x; mean(y)
   :at: x = 0, 1, 2, 3
   :language: zh
"""
LIT = "[...document.querySelectorAll('.symdiff')].map(part => part.querySelectorAll('.lit').length)"
LINES = "[...document.querySelectorAll('.symdiff > ol > li.lit')].map(line => line.textContent)"


@pytest.fixture(scope="module")
def strict_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of a theme that turns its pages by arrow keys, whose server allows scripts from files only."""
    source = tmp_path_factory.mktemp("strict")
    theme = 'html_theme = "alabaster"\nhtml_theme_options = {"navigation_with_keys": True}\n'
    (source / "conf.py").write_text(CONF.replace('html_theme = "furo"\n', theme))
    (source / "index.rst").write_text("B\n=\n\n.. toctree::\n\n   two\n   third\n")
    (source / "two.rst").write_text(TWICE)
    (source / "third.rst").write_text(THIRD)
    out = build(source).out
    page = out / "two.html"
    page.write_text(page.read_text().replace("<head>", f"<head>{POLICY}"))
    return out


@pytest.fixture
def two(browser, strict_book: Path):
    context = browser.new_context(
        viewport={"width": 1200, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.said = []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto((strict_book / "two.html").as_uri())
    yield page
    context.close()


def test_each_picture_of_a_page_is_played_by_itself(two) -> None:
    first, second = two.locator(".symdiff").all()
    first.locator(".sheet").focus()
    two.keyboard.press("ArrowRight")
    two.keyboard.press("ArrowRight")
    assert first.locator(".said").inner_text().startswith("2 of 6")
    assert second.locator(".said").inner_text().startswith("这是完整的计算图")
    lit = two.evaluate(LIT)
    assert lit[0] > 8
    assert lit[1] == 0
    assert [line.split(" step")[0] for line in two.evaluate(LINES)] == ["y = x * x"]
    second.locator(".player button").nth(2).click()
    assert second.locator(".said").inner_text().startswith("1/6")
    assert first.locator(".said").inner_text().startswith("2 of 6")
    assert two.url.endswith("two.html")  # the theme did not take the arrow key for its own
    assert [said for said in two.said if "symdiff" in said or "Error" in said] == []


def test_a_formula_of_a_book_is_copied_as_latex(two) -> None:
    line = two.locator(".symdiff .display").first
    line.hover()
    line.locator("button.copy").click()
    assert (
        two.evaluate("navigator.clipboard.readText()").strip() == r"\frac{\partial y}{\partial x_k} = \frac{2 x_k}{n}"
    )


def test_a_book_is_played_in_the_finished_picture_without_scripts(browser, strict_book: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((strict_book / "two.html").as_uri())
    assert not page.locator(".player").first.is_visible()
    assert page.locator(".sheet g.adjoint").first.is_visible()
    assert page.locator("button.copy").count() == 0
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_book(opened, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page = opened(color_scheme=scheme)
    found = axe.Axe().run(page, context=".symdiff")
    assert [(each["id"], [node["html"][:100] for node in each["nodes"]]) for each in found.response["violations"]] == []
