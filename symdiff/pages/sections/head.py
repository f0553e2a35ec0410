"""The head of a page: the verdict, what is wrong, and what was given."""

from __future__ import annotations

from math import isfinite

from symdiff.pages.blocks import (
    Block,
    CodeSpan,
    Line,
    Link,
    ListBlock,
    Note,
    Paragraph,
    Table,
    VerdictBadge,
    Words,
    line,
)
from symdiff.pages.locale import Locale
from symdiff.pages.teller import Teller
from symdiff.printing.numbers import number
from symdiff.printing.tree import Math
from symdiff.viewing.view import TroubleView

__all__ = ["head", "spelt"]


def head(teller: Teller) -> list[Block]:
    """The verdict, the program line by line, and the inputs with the result."""
    return [_badge(teller), *_troubles(teller), *_program(teller), *_inputs(teller)]


def _program(teller: Teller) -> list[Block]:
    """The lines of the program, each with the steps that it is."""
    items: list[Line] = []
    for each in teller.view.program:
        steps: Line = ()
        if each.steps:
            first, last = each.steps[0], each.steps[-1]
            key = "program.step" if first == last else "program.steps"
            steps = (Words(" "), Link(teller.say(key, first=first, last=last), f"step-{first}"))
        items.append((CodeSpan(each.code), *steps))
    return [ListBlock(tuple(items), ordered=True)] if items else []


def _badge(teller: Teller) -> Block:
    view, words = teller.view, teller.words
    exact = ".exact" if view.verdict == "agree" and view.worst_ulps == 0 else ""
    key = "badge.jump" if view.verdict == "kink" and view.jumps else f"badge.{view.verdict}{exact}"
    sentence = teller.say(
        key,
        what=words.word(f"what.{teller.kind}"),
        ulps=number(float(f"{view.worst_ulps:.3g}")),
        names=words.listed([CodeSpan(name) for name in view.unsupported]),
    )
    anchor = "agreement" if any(each.elements for each in view.gradients) else ""
    return VerdictBadge(view.verdict, words.word(f"verdict.{view.verdict}"), sentence, anchor)


def _inputs(teller: Teller) -> list[Block]:
    titles = tuple(teller.say(f"inputs.{key}") for key in ("name", "shape", "values", "elements"))
    rows = []
    for given in teller.view.inputs:
        span = teller.say("inputs.range", first=given.first, last=given.last)
        elements = line(given.first) if given.first == given.last else span
        rows.append(
            (line(CodeSpan(given.name)), line(CodeSpan(str(given.shape))), line(CodeSpan(given.values)), elements)
        )
    told = (teller.say("result", printed=CodeSpan(teller.view.printed)), *_counting(teller))
    if len(rows) == 1:
        (given,) = teller.view.inputs
        key = "inputs.single" if given.shape and given.first == given.last else "inputs.one"
        at = teller.say(key, name=CodeSpan(given.name), values=CodeSpan(given.values), elements=rows[0][-1])
        return [Paragraph(teller.words.running((at, *told)))]
    return [Table(titles, tuple(rows), "llll"), Paragraph(teller.words.running(told))]


def _counting(teller: Teller) -> tuple[Line, ...]:
    for given in teller.view.inputs:
        if given.shape:
            code = f"{given.name}[{', '.join('0' for _ in given.shape)}]"
            return (teller.say("counting", element=given.first, code=CodeSpan(code)),)
    return ()


def _troubles(teller: Teller) -> list[Block]:
    if not teller.view.troubles:
        return []
    told = tuple(_trouble(each, teller) for each in teller.view.troubles)
    return [Note("warning", told, teller.say("troubles"))]


def _trouble(trouble: TroubleView, teller: Teller) -> Paragraph:
    # what is finite is not called anything else: it is the result that has no value there
    finite = trouble.verdict == "undefined" and isfinite(trouble.got) and isfinite(trouble.want)
    sentence = teller.say(
        f"trouble.{trouble.verdict}{'.finite' if finite else ''}",
        element=spelt(trouble.symbol, trouble.code, teller.words),
        got=number(trouble.got),
        want=number(trouble.want),
        ulps=number(float(f"{trouble.error_ulps:.3g}")),
    )
    if not trouble.reasons:
        return Paragraph(sentence)
    reasons = teller.words.listed([teller.words.told(each) for each in trouble.reasons], "list.clauses")
    return Paragraph(teller.words.running((sentence, teller.say("trouble.reason", reason=reasons))))


def spelt(element: Math, code: str, words: Locale) -> Line:
    """An element as it is written and, where code spells it otherwise, as it is in code."""
    if "[" not in code:
        return line(element)
    return words.say("element.in_code", element=element, code=CodeSpan(code))
