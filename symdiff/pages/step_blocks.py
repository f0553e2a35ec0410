"""The steps of a derivation as blocks, forward and back: sentence, the line for every index, lines with numbers."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.pages.blocks import (
    Block,
    CodeSpan,
    Derivation,
    Display,
    Fold,
    Heading,
    Line,
    Paragraph,
    Row,
)
from symdiff.pages.locale import Locale
from symdiff.printing.record import replace
from symdiff.printing.tree import Chain, Math, Partial
from symdiff.viewing.view import StepView

__all__ = ["blocks_by_step", "definitions", "exceptions", "step_anchor", "step_blocks"]

OPEN = 4
"""So many lines of a step are open; the rest is folded."""

FEW = 6
"""So many exceptions to a formula are named."""


def step_blocks(steps: tuple[StepView, ...], words: Locale, way: str) -> list[Block]:
    """Steps one after the other; one without code belongs to that before it. Their anchors are those of one ``way``."""
    return [block for blocks in blocks_by_step(steps, words, way) for block in blocks]


def blocks_by_step(steps: tuple[StepView, ...], words: Locale, way: str) -> list[list[Block]]:
    """The same, each step's blocks by themselves."""
    found: list[list[Block]] = []
    said: set[tuple[str, str]] = set()
    for step in steps:
        said = set() if step.code else said
        # under one heading a rule is given once
        new = replace(step, reasons=tuple(each for each in step.reasons if each not in said))
        said |= set(step.reasons)
        found.append(_step(new, words, way))
    return found


def _step(step: StepView, words: Locale, way: str) -> list[Block]:
    blocks: list[Block] = []
    if step.folded:
        blocks.append(Paragraph(words.count(f"step.{'alike' if step.alike else 'folded'}", step.folded)))
    if step.code:
        key = "step" if len(step.numbers) == 1 else "steps"
        number = words.listed(step.numbers)
        blocks.append(Heading(3, words.say(key, number=number, code=CodeSpan(step.code)), step_anchor(step, way)))
    if step.reasons:
        said = [words.say(f"why.{reason}", name=CodeSpan(name)) for reason, name in step.reasons]
        blocks.append(Paragraph(words.running(said)))
    if step.general:
        blocks.append(Display(Chain(step.general)))
    blocks += exceptions(step.exceptions, step.except_for, words)
    blocks += definitions(step.definitions, words)
    if step.uses:
        by = step.uses[0].by if isinstance(step.uses[0], Partial) else step.uses[0]
        assert isinstance(by, Math)
        blocks += [Paragraph(words.say("uses", element=by)), Derivation((Row(step.uses),))]
    rows = [Row(row, note=note) for row, note in _noted(step, words)]
    if rows:
        blocks.append(Derivation(tuple(rows[:OPEN])))
    if len(rows) > OPEN:
        title = words.count("step.more", len(rows) - OPEN)
        blocks.append(Fold(title, (Derivation(tuple(rows[OPEN:])),)))
    if step.hidden:
        blocks.append(Paragraph(words.count("step.hidden", step.hidden)))
    return blocks


def step_anchor(step: StepView, way: str) -> str:
    """The anchor of a step: ``step-2``, and ``back-3-1`` for one that goes back through two."""
    return "-".join([way, *map(str, step.numbers)])


def _noted(step: StepView, words: Locale) -> Iterator[tuple[tuple[Math, ...], Line]]:
    """The lines of a step, each with what must be said beside it."""
    last = len(step.rows) - 1
    remarks = step.remarks or ("",) * len(step.rows)
    for place, (row, remark) in enumerate(zip(step.rows, remarks, strict=True)):
        note: Line = words.say(f"line.{remark}") if remark else ()
        if place == last and step.position is not None:
            note = words.say("step.position", position=step.position)
        yield row, note


def definitions(rows: tuple[tuple[Math, ...], ...], words: Locale) -> list[Block]:
    """What the names in a formula stand for."""
    if not rows:
        return []
    return [Paragraph(words.say("where")), Derivation(tuple(map(Row, rows)))]


def exceptions(elements: tuple[Math, ...], why: str, words: Locale) -> list[Block]:
    """At which elements a general formula does not hold, and why."""
    if not elements:
        return []
    shown = words.listed(elements[:FEW])
    shown = words.say("list.more", front=shown) if len(elements) > FEW else shown
    key = f"general.except.{why or 'kink'}"
    return [Paragraph(words.say(key, elements=shown, count=len(elements)))]
