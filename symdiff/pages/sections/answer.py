"""The answer: the formula for every n, its names, when it holds, the gradient in numbers, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from symdiff.pages.blocks import Bars, Block, Code, CodeSpan, Derivation, Display, Paragraph, Row
from symdiff.pages.judged import gradient_in_code
from symdiff.pages.sections.matrix_form import matrix_form
from symdiff.pages.step_blocks import anchors_of, definitions, exceptions, line_anchor
from symdiff.pages.teller import Teller
from symdiff.printing.numbers import short
from symdiff.printing.shorthand import partial
from symdiff.printing.tree import Chain, Math, Rounded, Symbol
from symdiff.viewing.view import ElementView, GradientView, MathRow, View

__all__ = ["answer"]

BARS = 8
"""Up to so many elements have a bar each; of more, the first, the last and the extreme ones."""

STEP = 0.01
FORMULA = 24
"""A partial of more letters does not stand before its bar."""


def answer(teller: Teller) -> list[Block]:
    """The gradient by every input: a section for one, one section for several."""
    gradients = teller.view.gradients
    if len(gradients) == 1:
        (gradient,) = gradients
        title = teller.heading(teller.kind, f"gradient-{gradient.name}", name=CodeSpan(gradient.name))
        blocks: list[Block] = [title, *_general(gradient, teller), *_here((gradient,), teller)]
    else:
        blocks = _several(gradients, teller)
    judged = teller.view.judged
    printed = [gradient_in_code(judged, each.name, each.printed) for each in gradients if each.printed]
    code: list[Block] = [Code("\n".join(printed), "python")] if printed else []
    return [*blocks, *_bars(teller), *code, *_most(teller)]


def _general(gradient: GradientView, teller: Teller) -> list[Block]:
    words, beyond = teller.words, gradient.beyond
    if not gradient.general:
        if beyond is None:
            return []
        return [teller.paragraph("general.beyond.array", count=beyond.count, most=beyond.most)]
    told = teller.paragraph("general.mostly" if gradient.exceptions else _holds_for((gradient,), teller))
    if beyond is not None:
        told = teller.paragraph(f"general.beyond.{beyond.what}", count=beyond.count, most=beyond.most)
    blocks: list[Block] = [told, Display(Chain(gradient.general))]
    blocks += exceptions(gradient.exceptions, gradient.except_for, words)
    blocks += definitions(gradient.definitions, words)
    if gradient.divides and not gradient.exceptions:
        blocks.append(teller.paragraph("general.divides"))
    return [*blocks, *matrix_form((gradient,), teller)]


def _holds_for(gradients: Sequence[GradientView], teller: Teller) -> str:
    """For which sizes a formula holds, as a key: an axis of length 1 is stretched, another would not be."""
    names = {gradient.name for gradient in gradients}
    axes = [length for given in teller.view.inputs if given.name in names for length in given.shape]
    if 1 not in axes:
        return "general"
    return "general.long" if any(length > 1 for length in axes) else "general.point"


def _several(gradients: tuple[GradientView, ...], teller: Teller) -> list[Block]:
    """One line for each input, then what all of them need, said once."""
    blocks: list[Block] = [teller.heading(f"{teller.kind}.all", "gradients")]
    told = [each for each in gradients if each.general]
    beyond = next((each.beyond for each in gradients if each.beyond is not None), None)
    if beyond is not None:
        key = f"general.beyond.{beyond.what}" if told else "general.beyond.array"
        blocks.append(teller.paragraph(key, count=beyond.count, most=beyond.most))
    elif told:
        mostly = any(each.exceptions for each in told)
        blocks.append(teller.paragraph("general.mostly" if mostly else _holds_for(told, teller)))
    if told:
        blocks.append(Derivation(tuple(Row(each.general, anchor=f"gradient-{each.name}") for each in told)))
    for each in told:
        blocks += exceptions(each.exceptions, each.except_for, teller.words)
    defined: dict[Math, MathRow] = {}
    for each in told:
        for row in each.definitions:
            defined.setdefault(row[0], row)
    blocks += definitions(tuple(defined.values()), teller.words)
    if any(each.divides and not each.exceptions for each in told):
        blocks.append(teller.paragraph("general.divides"))
    return [*blocks, *matrix_form(gradients, teller), *_here(gradients, teller)]


def _here(gradients: tuple[GradientView, ...], teller: Teller) -> list[Block]:
    """What positions, sizes and conditions are at this point."""
    words = teller.words
    positions = dict.fromkeys(each for gradient in gradients for each in gradient.positions)
    blocks: list[Block] = [
        teller.paragraph("general.position", position=position, code=CodeSpan(str(code)))
        for position, code in positions
    ]
    sizes = dict.fromkeys(size for gradient in gradients for size in gradient.sizes)
    if sizes:
        blocks.append(teller.paragraph("general.here", sizes=words.listed([Chain(size) for size in sizes])))
    conditions = dict.fromkeys(each for gradient in gradients for each in gradient.conditions)
    if conditions:
        blocks.append(teller.paragraph("conditions", conditions=words.listed(list(conditions))))
    if any(gradient.branches for gradient in gradients):
        blocks.append(Paragraph(teller.say("conditions.others")))
    return blocks


def _bars(teller: Teller) -> list[Block]:
    """A bar for each element, whose line leads to the step that it comes from."""
    view = teller.view
    elements = [each for gradient in view.gradients for each in gradient.elements]
    finite = all(isfinite(each.symbolic) for each in elements)
    if view.error or not finite or len(elements) < 2 or (len(view.gradients) > 1 and len(elements) > BARS):
        return []
    shown = elements if len(elements) <= BARS else _telling(elements)
    rows = tuple(Row(_line(each, view)) for each in shown)
    steps = view.backward if view.detail != "result" else ()  # a link leads to what the page shows
    written = {own: told for step in steps for own, told in anchors_of(step).items()}
    links = tuple(written.get(line_anchor(row.parts[0]), "") for row in rows)
    return [Bars(rows, tuple(each.symbolic for each in shown), links)]


def _line(each: ElementView, view: View) -> MathRow:
    return partial(view.result, each.symbol), short(each.symbolic)


def _telling(elements: list[ElementView]) -> list[ElementView]:
    """The first, the last and the extreme ones, in order."""
    values = [each.symbolic for each in elements]
    places = {0, len(values) - 1, values.index(max(values)), values.index(min(values))}
    return [elements[place] for place in sorted(places)]


def _most(teller: Teller) -> list[Block]:
    """Which element moves the result most, and by how much."""
    view = teller.view
    elements = [each for gradient in view.gradients for each in gradient.elements]
    if view.error or len(elements) < 2 or view.verdict not in ("agree", "imprecise"):
        return []
    if any(gradient.total > len(gradient.elements) and not gradient.elements for gradient in view.gradients):
        return []
    largest = max(elements, key=lambda each: abs(each.symbolic))
    value = largest.symbolic
    if not isfinite(value) or value == 0:
        return []
    if all(abs(abs(each.symbolic) - abs(value)) <= 1e-12 * abs(value) for each in elements):
        return []
    change = short(abs(STEP * value))
    told = {"element": largest.symbol, "change": change.body if isinstance(change, Rounded) else change}
    key = "answer.most.more" if value > 0 else "answer.most.less"
    about = f"{key}.about" if isinstance(change, Rounded) else key
    result = view.result if isinstance(view.result, Symbol) else Symbol("y")
    return [teller.paragraph(about, **told, result=result)]
