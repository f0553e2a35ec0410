"""A glossary of the words and signs that occur on the page, and of no others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from symdiff.pages.blocks import Block, CodeSpan, Fold, Formula, Line, ListBlock, Strong, Words
from symdiff.pages.teller import Teller
from symdiff.printing.record import Record, fields_of
from symdiff.printing.tree import (
    Call,
    Constant,
    Delta,
    Hadamard,
    HadamardPower,
    InverseTranspose,
    List,
    Math,
    Norm,
    Number,
    Power,
    Product,
    Relation,
    Sum,
    Symbol,
    Transpose,
)

__all__ = ["words_used"]

WORDS = (
    "gradient", "partial", "chain", "jacobian", "second", "engine", "closed", "ulp", "kink", "convention", "implicit",
)  # fmt: skip
"""The words that a page may use and a reader may not know, by their keys."""

X, I, J = Symbol("x"), Symbol("i"), Symbol("j")
SIGNS: tuple[tuple[str, Math], ...] = (
    ("delta", Delta(I, J)),
    ("argmax", Call("argmax", (X,))),
    ("argmin", Call("argmin", (X,))),
    ("sigmoid", Call("sigmoid", (X,))),
    ("softmax", Call("softmax", (X,))),
    ("sign", Call("sign", (X,))),
    ("norm", Norm(X)),
    ("det", Call("det", (Symbol("A"),))),
    ("transpose", Transpose(Symbol("A"))),
    ("inverse_transpose", InverseTranspose(Symbol("A"))),
    ("hadamard", Hadamard((Symbol("A"), Symbol("B")))),
    ("power_of_elements", HadamardPower(Symbol("A"), Symbol("n"))),
    ("ones", Constant("ones")),
    *((name, Call(name, (Symbol("A"),))) for name in ("rowsum", "colsum", "rowmean", "colmean")),
    ("diag", Call("diag", (X,))),
    ("holds", List((Relation(">", X, Number("0")),))),
    ("relu", Call("relu", (X,))),
)
"""Signs of mathematics that are explained, each as it is shown."""


def words_used(teller: Teller) -> list[Block]:
    """The words that the sections before have used, folded away."""
    text: list[str] = []
    signs: set[str] = set()
    for block in teller.told:
        _look(block, text, signs)
    said = " ".join(text)
    items = [*_words(said, teller), *_signs(signs, teller)]
    if not items:
        return []
    return [teller.heading("words", "words"), Fold(teller.say("words.shown"), (ListBlock(tuple(items)),), closed=True)]


def _words(said: str, teller: Teller) -> Iterator[Line]:
    for key in WORDS:
        word = teller.words.word(f"words.{key}")
        if occurs(word, said):
            yield teller.say("words.entry", word=Strong((Words(word),)), means=teller.say(f"words.{key}.means"))


def occurs(word: str, said: str) -> bool:
    """Whether a word stands in a text; of a language with letters between them as a word of its own.

    >>> occurs("ulp", "within 2 ulps"), occurs("ulp", "a culprit"), occurs("尖点", "在尖点处")
    (True, False, True)
    """
    if not word.isascii():
        return word in said
    return re.search(rf"(?<![a-z]){re.escape(word)}(?:s|es)?(?![a-z])", said, re.IGNORECASE) is not None


def _signs(found: set[str], teller: Teller) -> Iterator[Line]:
    for key, shown in SIGNS:
        if key in found:
            yield teller.say("words.entry", word=Formula(shown), means=teller.say(f"signs.{key}"))


def _look(node: Any, text: list[str], signs: set[str]) -> None:
    """The words and signs of a block, whatever it holds."""
    if isinstance(node, tuple):
        for part in node:
            _look(part, text, signs)
        return
    if not isinstance(node, Record) or isinstance(node, CodeSpan):
        return
    match node:
        case Words(text=words):
            text.append(words)
            return
        case Symbol(index=()):
            return
        case Delta():
            signs.add("delta")
        case Norm():
            signs.add("norm")
        case Transpose():
            signs.add("transpose")
        case InverseTranspose():
            signs.add("inverse_transpose")
        case Hadamard():
            signs.add("hadamard")
        case HadamardPower():
            signs.add("power_of_elements")
        case Constant(name="ones"):
            signs.add("ones")
        case List(items=(Relation(),)):
            signs.add("holds")
        case Call(function=name):
            signs.add(name)
        case Sum() | Product() | Power():
            pass
    for field in fields_of(node):
        _look(getattr(node, field), text, signs)
