"""Why a single number is needed: an array has no one derivative, but a whole table of them."""

from __future__ import annotations

from symdiff.pages.blocks import Block, Code, CodeSpan, Display, Note, Paragraph, Quote, Sketch
from symdiff.pages.judged import asked_for
from symdiff.pages.teller import Teller
from symdiff.picture.sketches import table_drawing
from symdiff.printing.plain import plain
from symdiff.printing.shorthand import partial
from symdiff.printing.tree import Chain, Matrix, Negative, Number, Rounded
from symdiff.printing.widths import width_of

__all__ = ["single_number"]

WIDEST_TABLE = 100
"""A table of formulas with longer rows is left out: each formula stands in the list of partials, too."""


def single_number(teller: Teller) -> list[Block]:
    """Of an array result, or of the array that the last step makes one number of."""
    return _of_result(teller) if teller.view.error else _of_reduced(teller)


def _of_reduced(teller: Teller) -> list[Block]:
    view = teller.view
    if view.reduced is None or not view.backward or view.detail == "result":
        return []
    name, count, error = view.reduced
    code = CodeSpan(asked_for(view.judged, name))
    sentence = teller.paragraph("number.words", name=CodeSpan(name), count=count, code=code, result=view.result)
    blocks = (sentence, Quote((Code(error),)), *_table(teller), teller.paragraph("number.way", result=view.result))
    return [Note("info", blocks, teller.say("number"))]


def _table(teller: Teller) -> list[Block]:
    """The Jacobian of the array as what it is: its entries where they are few, else where they can differ from 0."""
    found = teller.view.table
    if found is None:
        return []
    many, down, across = found.blocks
    told = teller.say(f"table.{found.kind}", of=found.of, by=found.by, many=many, rows=down, columns=across)
    size = teller.say("table", count=found.rows * found.columns, rows=found.rows, columns=found.columns,
                      of=found.of, by=found.by)  # fmt: skip
    words = teller.words.running((size, told))
    formulas = found.formulas if found.formulas is not None and _fits(found.formulas) else None
    exact = None if isinstance(found.numbers, Rounded) and formulas is None else found.numbers
    written = [part for part in (formulas, exact) if part is not None]
    if written:
        return [Paragraph(words), Display(Chain(tuple(dict.fromkeys(written))))]
    drawn = [] if found.kind == "full" else [Sketch(table_drawing(found.filled), teller.say("table.drawn"))]
    return [Paragraph(words), *drawn]


def _of_result(teller: Teller) -> list[Block]:
    view = teller.view
    blocks: list[Block] = [
        teller.heading("array", "jacobian"),
        teller.paragraph("array.words", count=view.elements),
        Quote((Code(view.error),)),
    ]
    for jacobian in view.jacobians:
        tables = [table for table in (jacobian.formulas, jacobian.numbers) if table is not None and _fits(table)]
        blocks.append(teller.paragraph("array.jacobian", count=jacobian.count, input=jacobian.by))
        blocks += [Display(Chain((partial(jacobian.of, jacobian.by), *tables)))] if tables else []
    mean, total = (CodeSpan(f"{name}({view.expression})") for name in ("mean", "sum"))
    return [*blocks, teller.paragraph("array.way", mean=mean, sum=total)]


def _fits(table: Matrix | Rounded) -> bool:
    """Whether a row of formulas fits the page; numbers, which the page shows nowhere else, stand whatever they take."""
    if isinstance(table, Rounded):
        return True
    if all(isinstance(entry, Number | Negative) for row in table.rows for entry in row):
        return True
    return max((sum(width_of(plain(entry)) + 2 for entry in row) for row in table.rows), default=0) <= WIDEST_TABLE
