"""No word of English on a page but what the catalogue says: the pseudo-language marks all that it says."""

from __future__ import annotations

import re

import numpy as np
import pytest

import symdiff
from autodiff.declare.op import TABLE
from symdiff.options import LANGUAGES
from symdiff.pages.html import html
from symdiff.pages.latex import latex
from symdiff.pages.markdown import markdown
from symdiff.sentences import languages, sentences
from tests.locale.programs import PROGRAMS, explained
from tests.locale.pseudo import marked, pseudo_language
from tests.locale.words_on_pages import words_of_document, words_of_html, words_of_latex, words_of_markdown

LETTERS = re.compile(r"[A-Za-z]+")
NAMES = {"autodiff", "PyTorch", "JAX", "TeX", "NumPy", "Python", "nan", "inf"}
"""Engines, and what is no number, are called in every language what they are called."""


def unmarked(words: list[str]) -> list[str]:
    """The words in which letters are as they were."""
    return [part for part in words if set(LETTERS.findall(part)) - NAMES]


def test_the_pseudo_language_changes_letters_and_nothing_else() -> None:
    assert marked("At {element} `x.grad` *the* end") == "Ⱥƭ {element} `x.grad` *ƭɦɘ* ɘɳɖ"
    assert unmarked(["Ⱥƭ PyTorch", "Ⱥƭ end"]) == ["Ⱥƭ end"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_word_comes_from_the_catalogue(name: str) -> None:
    found = explained(name)
    with pseudo_language() as language:
        document = found.document(language)
        assert unmarked(words_of_document(document)) == []
        assert unmarked(words_of_html(html(document))) == []
        assert unmarked(words_of_latex(latex(document))) == []
        assert unmarked(words_of_markdown(markdown(document))) == []


@pytest.mark.parametrize(
    ("read", "page"),
    [
        (words_of_html, "<p>Ⱥ <code>x</code> <b>word</b></p>"),
        (words_of_html, '<p aria-label="word">Ⱥ</p>'),
        (words_of_html, "<math><mi>x</mi></math> word"),
        (words_of_latex, r"\begin{document}\section*{\hypertarget{a}{}Ⱥ \(x\) word}\end{document}"),
        (words_of_latex, r"\[ x \text{word} \]"),
        (words_of_markdown, "$`x`$ `code` word"),
    ],
)
def test_a_word_of_a_template_is_found(read, page: str) -> None:  # type: ignore[no-untyped-def]
    assert unmarked(read(page)) != []


def test_reports_come_from_the_catalogue() -> None:
    cases = [explained(name).report for name in PROGRAMS]
    cases += [
        symdiff.check_gradients(lambda x: (x * x).sum(), [1.0, 2.0], gradient=lambda x: 3 * x),
        symdiff.check_gradients(lambda x: np.tanh(x).sum(), [19.0, 2.0], gradient=lambda x: 1 - np.tanh(x) ** 2),
        symdiff.check_gradients("max(x)", at={"x": [1.0, 1.0]}, gradient=[1.0, 1.0]),
        symdiff.check_gradients("mean(x * x)", at={"x": [1.0, 2.0]}, claim="x = x_k"),
    ]
    kept = re.compile(r"\b(?:[xwWXAbvt]\[[\d, ]*\]|[xwWXAbvt]|inf|nan|float64|\d\S*|e)(?!\w)")
    operations = {name for each in TABLE.values() for name in (each.name, *each.aliases)}
    operations |= {"unknown", "forward", "arg", "symdiff", *NAMES}
    with pseudo_language() as language:
        for report in cases:
            from dataclasses import replace

            told = replace(report, language=language)
            for line in (*told.reasons, *told.notes, *str(told).split("\n"), *told.failure().split("\n")):
                if "symdiff.check_gradients(" in line:
                    continue  # the call that repeats it, in code
                rest = kept.sub(" ", line.replace(told.of, " ") if told.of else line)
                left = {word for word in LETTERS.findall(rest) if len(word) > 1} - operations
                assert not left, line


def test_what_operations_return_at_their_kinks_can_be_said() -> None:
    known = sentences()
    for operation in TABLE.values():
        for kink in operation.kinks:
            for told in (kink.ours, kink.torch, kink.jax):
                if set(LETTERS.findall(told)) - {"inf", "nan"}:
                    assert f"convention.{told}" in known, operation.name


def test_the_command_line_offers_the_languages_that_there_are() -> None:
    assert set(LANGUAGES) == set(languages())
