"""Every renderer, on the documents of the opening example and on text that wants to be markup."""

from __future__ import annotations

import base64
import hashlib
import html as html_entities
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest

from symdiff.pages import blocks
from symdiff.pages import html as html_pages
from symdiff.pages.blocks import Document, line
from symdiff.pages.html import html
from symdiff.pages.latex import latex
from symdiff.pages.markdown import markdown
from symdiff.pages.scripts import script
from symdiff.pages.terminal import show
from symdiff.pages.text import text
from symdiff.printing.shorthand import symbol
from symdiff.printing.tree import Symbol, Text

HERE = Path(__file__).parent
CASES = HERE.parents[2] / "shared" / "cases" / "hostile.json"
# the strings of the shared cases that matter most stand here too, for a checkout without them
INJECTIONS = [
    "<script>alert(1)</script>",
    "&amp;",
    "<!--",
    "]]>",
    "{{ 7*7 }}",
    "{% for x in range(999999999) %}a{% endfor %}",
    r"\write18{touch /tmp/pwn}",
    r"\input{/etc/passwd}",
    r"\csname write\endcsname18{id}",
    "$",
    r"\]",
    "~^#%&_{}",
    "}{",
    "\\\\",
    "[x](javascript:alert(1))",
    "``` ` ``",
    "-- ,, << >> ?` !`",
    "[1] * a",
    "\x1b[31m red \x00 \u202e",
    "注意 café ∂ σ ≥ ŧ x̂ 🙂",
    '" onmouseover="alert(1)',
    "<< 7 * 7 >> <% raise %> <# #>",
]
if CASES.exists():
    kind = "markup injection (title, note, label or name)"
    INJECTIONS += [case["input"] for case in json.loads(CASES.read_text()) if case["kind"] == kind]
INJECTIONS = list(dict.fromkeys(INJECTIONS))


def load_opening():
    specification = importlib.util.spec_from_file_location("opening", HERE / "opening.py")
    module = importlib.util.module_from_spec(specification)
    sys.modules.setdefault("opening", module)
    specification.loader.exec_module(module)
    return module


OPENING = load_opening().ALL


def everywhere(words: str) -> Document:
    """A document with the same words in each place that takes words."""
    cell = line(words)
    inside = (blocks.Paragraph(cell), blocks.Code(words))
    parts = (
        blocks.VerdictBadge("agree", words, cell),
        blocks.Heading(2, cell, "top"),
        blocks.Paragraph(
            line(*spaced(words, blocks.CodeSpan(words), blocks.Emphasis(cell), blocks.Strong(cell), Text(words)))
        ),
        blocks.Display(Symbol(words)),
        blocks.Derivation((blocks.Row((symbol(words, 1), Symbol(words), Text(words)), note=cell),)),
        blocks.Table((cell, cell), ((cell, cell), (line(blocks.CodeSpan(words)), cell)), "lr", cell),
        blocks.Code(words, "python"),
        blocks.Quote(inside),
        blocks.Note("warning", inside, cell),
        blocks.Fold(cell, inside),
        blocks.ListBlock((cell, line(blocks.Link(cell, "top")))),
        blocks.ListBlock((cell,), ordered=True),
    )
    return Document(cell, parts, summary=cell, foot=cell)


def spaced(*parts):
    return [piece for part in parts for piece in (part, " ")][:-1]


class Elements(HTMLParser):
    """The tags, attributes and text of a page; complains of what is not closed."""

    VOID = frozenset({"meta", "br", "hr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.comments: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def handle_comment(self, data):
        self.comments.append(data)


def parsed(page: str) -> Elements:
    parser = Elements()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def seen(words: str) -> str:
    """The words as they may be shown: control characters replaced."""
    from symdiff.printing.markup import replace_unprintable

    return replace_unprintable(words)


@pytest.mark.parametrize("name", OPENING)
def test_html_is_one_file_without_anything_outside(name):
    page = html(OPENING[name]())
    elements = parsed(page)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert scripts == [str(script(name)) for name in html_pages.HTML.scripts]
    allowed = re.findall(r"'sha256-([^']+)'", page)
    assert [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts] == allowed
    assert not elements.tags & {"iframe", "img", "link", "base", "object", "svg", "form"}
    assert not [
        value
        for key, value in elements.attributes
        if key in {"src", "href", "action", "srcset", "data"} and not value.startswith("#")
    ]
    assert not [key for key, _ in elements.attributes if key.startswith("on")]
    outside = re.findall(r"(?:https?:|//)[^\s\"')]+", re.sub(r"base64,[^\"]+", "", page))
    assert outside == []
    assert re.findall(r"url\(\"(.{5})", page) == ["data:"]
    assert "@import" not in page


@pytest.mark.parametrize("name", OPENING)
def test_html_carries_its_font_and_names_its_licence(name):
    page = html(OPENING[name]())
    assert "font/woff2;base64," in page
    assert "GUST Font License" in page


@pytest.mark.parametrize("words", INJECTIONS)
def test_html_shows_hostile_words_and_opens_nothing(words):
    plain_page, hostile_page = parsed(html(everywhere("w"))), parsed(html(everywhere(words)))
    assert hostile_page.tags == plain_page.tags
    assert {key for key, _ in hostile_page.attributes} == {key for key, _ in plain_page.attributes}
    assert hostile_page.comments == []
    assert sum(seen(words) in part for part in hostile_page.texts) >= 20


@pytest.mark.parametrize("words", INJECTIONS)
def test_markdown_shows_hostile_words_and_opens_nothing(words):
    benign, hostile = structure(markdown(everywhere("w"))), structure(markdown(everywhere(words)))
    assert hostile.kinds == benign.kinds
    assert hostile.targets == {"#top"}
    tidy = " ".join(seen(words).split())
    assert sum(tidy in " ".join(part.split()) for part in hostile.texts) >= 15


@dataclass
class Structure:
    kinds: list[str]
    targets: set[str]
    texts: list[str]


def structure(page: str) -> Structure:
    """The tags that a reader of Markdown makes of a page, where its links go, and the words it shows."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    found = Structure([], set(), [])
    for outer in reader.parse(page):
        found.texts.append("".join(part.content for part in outer.children or []) or outer.content)
        for token in outer.children or [outer]:
            written = token.type not in ("text", "text_special")
            kind = token.content.strip() if token.type.startswith("html") else token.type
            found.kinds += [kind] if written else []
            found.targets |= {str(value) for key, value in token.attrs.items() if key in ("href", "src")}
    return found


@pytest.mark.parametrize("words", INJECTIONS)
def test_text_and_terminal_show_hostile_words(words):
    from io import StringIO

    from rich.console import Console

    page = text(everywhere(words), width=2000)
    assert page.count(seen(words)) >= 15
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page)
    out = StringIO()
    show(everywhere(words), Console(file=out, width=80, color_system="truecolor", force_terminal=True))
    escapes = re.findall("\x1b[^m]*m", out.getvalue())
    assert all(re.fullmatch("\x1b\\[[0-9;]*m", escape) for escape in escapes)


def test_latex_compiles_with_all_hostile_words_and_the_opening_documents(tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed")
    documents = {f"hostile-{number}": everywhere(words) for number, words in enumerate(INJECTIONS)}
    whole = Document(line("All of them"), tuple(block for document in documents.values() for block in document.blocks))
    for name, document in {**{name: make() for name, make in OPENING.items()}, "hostile": whole}.items():
        log = compiled(latex(document), tmp_path, name)
        assert "undefined" not in log.lower()
        assert not [row for row in log.split("\n") if row.startswith("!")]
    if shutil.which("pdftotext"):
        shown = subprocess.run(["pdftotext", "-raw", "hostile.pdf", "-"], cwd=tmp_path, capture_output=True, text=True)
        words = re.sub(r"\s", "", shown.stdout)
        for expected in [r"\write18{touch/tmp/pwn}", "<script>alert(1)</script>", "{{7*7}}", "~^#%&_{}", "--,,<<>>"]:
            assert expected in words


def compiled(source: str, folder: Path, name: str) -> str:
    (folder / f"{name}.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex"]
    for _ in range(2):
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
    log = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, log[-3000:]
    return log


@pytest.mark.parametrize("name", OPENING)
def test_all_formats_hold_the_same_formulas(name):
    document = OPENING[name]()
    rows = [row for part in document.blocks if isinstance(part, blocks.Derivation) for row in part.rows]
    assert rows
    page, source, marked = html(document), latex(document), markdown(document)
    from symdiff.printing.latex import latex as tex
    from symdiff.printing.mathml import mathml
    from symdiff.printing.plain import plain

    for row in rows:
        for part in row.parts:
            assert mathml(part, tall=True).removesuffix("</math>").split(">", 1)[1] in page
            assert tex(part) in source
            assert tex(part, browser=True) in marked
            assert plain(part) in text(document)


def test_the_title_of_the_window_is_bare_text():
    page = html(Document(line("A < B ", symbol("x", 1), blocks.CodeSpan("y")), ()))
    assert re.search("<title>(.*)</title>", page)[1] == html_entities.escape("A < B x₁y")


def test_an_empty_document_renders_in_every_format():
    empty = Document(line(), (blocks.Derivation(()), blocks.Table((), ()), blocks.ListBlock(()), blocks.Code("")))
    for renderer in (html, markdown, text):
        assert renderer(empty).endswith("\n")


def test_text_breaks_rows_that_do_not_fit():
    row = blocks.Row(tuple(Symbol("long" * 8) for _ in range(4)), note=line("why"))
    page = text(Document(line("t"), (blocks.Derivation((row,)),)), width=60)
    assert max(map(len, page.split("\n"))) <= 60
    assert page.count("=" + " " + "long") == 3
