"""The general partials of a program alone, as rows of formulas: for those who show no elements."""

from __future__ import annotations

from symdiff.explained.explained import Explained
from symdiff.printing.shorthand import partial
from symdiff.printing.tree import Math
from symdiff.viewing.writing import Writing

__all__ = ["general_rows"]


def general_rows(explained: Explained) -> dict[str, tuple[tuple[Math, ...], ...]]:
    """By input the general partial, and a row for every name that it uses; nothing where there is no closed form."""
    if explained.forms is None:
        return {}
    writing = Writing(explained, explained.forms)
    found: dict[str, tuple[tuple[Math, ...], ...]] = {}
    program = explained.evidence.program
    for name, each in explained.forms.general.items():
        shape = program.elements[program.inputs[name]].shape
        own = max(len(each.indices) - sum(1 for n in shape if n != 1), 0)
        own = own if program.elements[program.result].shape else 0
        of = writing.general(writing.result.name, each.indices[:own])
        by = writing.general(name, each.indices[own:])
        told = [writing.definition(one) for one in each.definitions if not writing.is_said_in_formulas(one)]
        found[name] = ((partial(of, by), writing.formula(each.expression)), *told)
    return found
