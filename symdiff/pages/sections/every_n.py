"""For every n: where the n comes from, and what the formula is for n = 4, 10, 1000."""

from __future__ import annotations

from symdiff.pages.blocks import Block, CodeSpan, Link, Table, line
from symdiff.pages.locale import Value
from symdiff.pages.teller import Teller

__all__ = ["every_n"]


def every_n(teller: Teller) -> list[Block]:
    """A sentence and a table, where a size stands in the formula."""
    found = teller.view.every_size
    if found is None:
        return []
    told: dict[str, Value] = {"size": found.size, "count": found.here, "input": CodeSpan(found.name)}
    blocks: list[Block] = [teller.heading("every", "every-size", size=line(found.size))]
    if found.step:
        step = Link(teller.say("program.step", first=found.step), f"step-{found.step}")
        blocks.append(teller.paragraph("every.step", **told, step=step, code=CodeSpan(found.code)))
    else:
        blocks.append(teller.paragraph("every.words", **told))
    head = (line(found.size), teller.say("every.formula"))
    return [*blocks, Table(head, tuple((line(n), line(formula)) for n, formula in found.rows), "rl")]
