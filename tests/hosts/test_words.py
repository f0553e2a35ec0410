"""In every host what a reader reads comes from the catalogue, what an author wrote is shown and not obeyed, and one
input gives one page.
"""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from symdiff.build.index import index_pages
from symdiff.build.ledger import Entry
from tests.cases.corpus import hostile
from tests.hosts.test_sphinx import CONF, build
from tests.locale.programs import explained
from tests.locale.pseudo import pseudo_language
from tests.locale.test_words import unmarked
from tests.locale.words_on_pages import words_of_html, words_of_latex

ROOT = Path(__file__).resolve().parents[2]
BOOK = """
0
=

.. derivation:: sum(abs(x)) + max(x * x)
   :at: x = 0, 1, -1
   :language: xx

.. derivation:: sum(log(x))
   :at: x = 0, 1
   :language: xx
   :verdict: undefined
"""
BEGIN = r"\par\bigskip\hrule\smallskip"
MARKS = [case["text"] for case in hostile() if case["kind"].startswith("markup injection")]
FILES = ["<img src=x onerror=alert(1)>.py", "a$%#_{}~^&.py", "[x](javascript:alert(1)).py", "`whoami`$(id).py"]


def words_of_part(latex: str) -> list[str]:
    """The words behind the definitions that a part of a LaTeX document begins with."""
    return words_of_latex(rf"\begin{{document}}{latex.split(BEGIN)[1]}\end{{document}}")


@pytest.mark.parametrize("name", ["mean", "tied", "jump", "undefined", "perceptron"])
def test_a_notebook_says_what_the_catalogue_says(name: str) -> None:
    with pseudo_language() as language:
        bundle = explained(name).page(language)._repr_mimebundle_()
    (frame,) = re.findall(r'(?s)<iframe title="(.*?)"(.*?)srcdoc="(.*?)"(.*?)>(.*?)</iframe>', bundle["text/html"])
    assert unmarked(words_of_html(html.unescape(frame[2]))) == []
    code = str(explained(name).view.expression)
    assert unmarked([html.unescape(frame[4]).replace(code, "")]) == []
    assert unmarked(words_of_part(bundle["text/latex"])) == []


def test_a_book_says_what_the_catalogue_says(tmp_path: Path) -> None:
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "index.rst").write_text(BOOK)
    with pseudo_language():
        page = build(tmp_path).text("index.html")
        latex = build(tmp_path, "latex").text("abook.tex")
    parts = re.findall(r'(?s)(<div class="symdiff" data-copying.*?)(?=<div class="symdiff"|</section>)', page)
    assert len(parts) == 2
    for part in parts:
        assert unmarked(words_of_html(part)) == []
    assert latex.count(BEGIN) == 2
    for part in latex.split(BEGIN)[1:]:
        assert unmarked(words_of_part(BEGIN + part.split(r"\endgroup")[0])) == []


def test_an_index_says_what_the_catalogue_says() -> None:
    kinds = ("agree", "imprecise", "kink", "disagree", "undefined", "unsupported")
    entries = [
        Entry(f"{k}", f"{k}", f"{k}", ending="made", verdict=kind, ok=kind == "agree", files={f"{k}.html": 1})
        for k, kind in enumerate(kinds)
    ]
    entries.append(Entry("9", "9", "9", ending="time", verdict="", ok=False, files={}))
    with pseudo_language() as language:
        for page in dict(index_pages(lambda: entries, len(entries), (language, "en"))).values():
            if f'<html lang="{language}"' in page:
                assert unmarked(words_of_html(page)) in ([], ["English"])


# --- what an author wrote ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_a_file_of_any_name_is_read_by_a_book(file: str, tmp_path: Path) -> None:
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / file).write_text("def loss(x):\n    return (x < 2) @ (x * x)\n")
    page = f"B\n=\n\n.. derivation:: ./{file}:loss\n   :at: x = 1, 2\n"
    (tmp_path / "index.rst").write_text(page)
    written = build(tmp_path).text("index.html")
    part = written[written.index('class="symdiff"') : written.index("</article>")]
    assert not re.search(r"<(img|script)\b|javascript:", part)
    assert "loss(x)" in re.sub(r"<[^>]*>", "", part)


@pytest.mark.parametrize("text", MARKS)
def test_what_is_no_program_stands_in_a_book_as_it_was_written(text: str, tmp_path: Path) -> None:
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "index.rst").write_text(f"B\n=\n\n.. derivation::\n   :at: x = 1\n\n   {text}\n")
    built = build(tmp_path, strict=False)
    assert "index.rst:" in built.told
    page = built.text("index.html")
    body = page[page.index("<article") : page.index("</article>")]
    assert not re.search(r"<(script|svg onload|base|iframe|img)\b", body)


# --- one input, one page ----------------------------------------------------------------------------------------------

PAGES = """
import symdiff, hashlib
found = symdiff.explain("h = tanh(X @ w + b); sum(max(abs(h), axis=0)) + det(X)",
    at={"X": [[1.0, 2.0], [0.5, -1.0]], "w": [[0.5], [1.5]], "b": [0.0, 0.0]})
for text in (found.to_html("zh"), found.to_latex(), found.to_markdown(), found.to_json(), found.to_text()):
    print(hashlib.sha256(text.encode()).hexdigest())
print(hashlib.sha256(found._repr_html_().encode()).hexdigest())
"""


def test_the_same_input_gives_the_same_bytes_whatever_the_order_of_hashes() -> None:
    told = [
        subprocess.run(
            [sys.executable, "-c", PAGES],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    ]
    assert len(told[0].split()) == 6
    assert told[0] == told[1] == told[2]
