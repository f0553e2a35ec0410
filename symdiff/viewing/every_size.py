"""Where the sizes in a formula come from, and what it is for other sizes."""

from __future__ import annotations

import sympy as sp

from symdiff.printing.numbers import number
from symdiff.printing.tree import Symbol
from symdiff.viewing.steps import Steps
from symdiff.viewing.view import EverySize, View
from symdiff.viewing.writing import Writing

__all__ = ["every_size"]

OTHERS = (10, 1000)
"""The sizes that a formula is written for, beside that of the page."""


def every_size(writing: Writing, view: View) -> EverySize | None:
    """Of one input whose formula has one size as a number; None where there is none, or more."""
    forms = writing.forms
    if len(forms.general) != 1:
        return None
    ((name, general),) = forms.general.items()
    limits = {s for big in general.expression.atoms(sp.Sum, sp.Product) for s in big.limits[0][1:]}
    sizes = [s for s in forms.sizes if s in general.expression.free_symbols]
    if general.beyond is not None or len(sizes) != 1 or general.expression.has(sp.Sum, sp.Product) or limits:
        return None
    (size,) = sizes
    here = int(forms.sizes[size])
    rows = tuple(
        (number(n), writing.formula(general.expression.xreplace({size: sp.Integer(n)})))
        for n in dict.fromkeys((here, *OTHERS))
    )
    steps = Steps(writing)
    brought = next(
        (
            step.element
            for step in forms.backward
            if any(size in edge.formula.free_symbols for edge in getattr(step, "edges", ()))
        ),
        None,
    )
    derivation = writing.evidence.derivation
    code, place = "", 0
    if brought is not None and derivation is not None:
        consumer = next((each.consumer for each in derivation.contributions[brought]), brought)
        code, place = steps.code(consumer), steps.number(consumer)
    return EverySize(name, Symbol(str(size)), here, rows, code, place)
