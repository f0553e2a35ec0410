"""The steps of a derivation as blocks, forward and back: sentence, the line for every index, lines with numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
from symdiff.printing.breadth import breadth
from symdiff.printing.record import replace
from symdiff.printing.tree import Chain, Math, Number, Partial, Symbol, Text
from symdiff.viewing.view import StepView

__all__ = ["anchors_of", "blocks_by_step", "definitions", "exceptions", "line_anchor", "step_anchor", "step_blocks"]

OPEN = 4
"""So many lines of a step are open; the rest is folded."""

ALIKE = 3
"""So many lines that say the same are one."""

BROADEST = 60.0
"""A line for every index that is broader stands by itself, below its reason."""

MOST_NUMBERS = 6
"""So many numbers of steps stand in a heading."""

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
        number = words.listed(_first_and_last(step.numbers))
        blocks.append(Heading(3, words.say(key, number=number, code=CodeSpan(step.code)), step_anchor(step, way)))
    blocks += _general(step, words)
    blocks += exceptions(step.exceptions, step.except_for, words)
    blocks += definitions(step.definitions, words)
    if step.uses:
        by = step.uses[0].by if isinstance(step.uses[0], Partial) else step.uses[0]
        assert isinstance(by, Math)
        blocks.append(Derivation((Row(step.uses, aside=words.say("uses", element=by)),)))
    return [*blocks, *_lines(step, words)]


def _first_and_last(numbers: tuple[int, ...]) -> tuple[int | str, ...]:
    """Of many numbers the first ones and the last.

    >>> _first_and_last((9, 8, 7)), _first_and_last(tuple(range(40, 0, -1)))
    ((9, 8, 7), (40, 39, 38, '...', 1))
    """
    return numbers if len(numbers) <= MOST_NUMBERS else (*numbers[:3], "...", numbers[-1])


def _general(step: StepView, words: Locale) -> list[Block]:
    """The line for every index, and beside it the rule with its reason."""
    said = [words.say(f"why.{reason}", name=CodeSpan(name)) for reason, name in step.reasons]
    why = words.running(said) if said else ()
    if not step.general:
        return [Paragraph(why)] if why else []
    if sum(map(breadth, step.general)) > BROADEST:
        return [*([Paragraph(why)] if why else []), Display(Chain(step.general))]
    return [Derivation((Row(step.general, aside=why),))]


def _lines(step: StepView, words: Locale) -> list[Block]:
    """The lines with numbers: the first few open, the rest folded, and how many there are besides."""
    rows = [Row(row, note=note, anchor=line_anchor(row[0])) for row, note in _noted(step, words)]
    if _is_one(step):
        rows = [replace(rows[0], parts=(*_ends([row.parts[0] for row in rows]), *rows[0].parts[1:]))]
    if rows and step.hidden:
        rows[-1] = replace(rows[-1], aside=words.count("step.hidden", step.hidden))
    blocks: list[Block] = [Derivation(tuple(rows[:OPEN]))] if rows else []
    if len(rows) > OPEN:
        title = words.count("step.more", len(rows) - OPEN)
        blocks.append(Fold(title, (Derivation(tuple(rows[OPEN:])),)))
    return blocks


def _is_one(step: StepView) -> bool:
    """Whether all lines say the same of their elements, so that one says it of all."""
    rests = {row[1:] for row in step.rows}
    told = step.position is not None or any(step.remarks)
    return len(step.rows) >= ALIKE and len(rests) == 1 and not told and all(len(row) > 1 for row in step.rows)


def _ends(partials: list[Math]) -> list[Math]:
    """The left sides of lines that are one; of many the first two and the last."""
    return partials if len(partials) <= OPEN else [*partials[:2], Text("…"), partials[-1]]


def anchors_of(step: StepView) -> Mapping[str, str]:
    """By the anchor of each element's line that of the line in which the page tells it."""
    own = [line_anchor(row[0]) for row in step.rows]
    return dict.fromkeys(own, own[0]) if _is_one(step) else dict(zip(own, own, strict=True))


def line_anchor(part: Math) -> str:
    """The anchor of the line of a partial: ``d-W-2-3``; nothing for anything else."""
    if not isinstance(part, Partial) or not isinstance(part.by, Symbol):
        return ""
    index = [str(each.text) for each in part.by.index if isinstance(each, Number)]
    name = "".join(letter if letter.isascii() and letter.isalnum() else f"u{ord(letter):x}" for letter in part.by.name)
    return "-".join(["d", name, *index]) if len(index) == len(part.by.index) else ""


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
