"""Steps under the code that they come from, and how many headings are left out with those that are folded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

from symdiff.closed_forms.folding import Fold
from symdiff.printing.record import replace
from symdiff.viewing.view import StepView

S = TypeVar("S")


def headed(
    steps: Sequence[S | Fold], view: Callable[[S], StepView], code: Callable[[int], str]
) -> tuple[StepView, ...]:
    """Steps of one code under one heading; in the place of those that are left out, how many headings they had."""
    views: list[StepView] = []
    before = ""
    for part in steps:
        if isinstance(part, Fold):
            codes = [before, *map(code, part.elements)]
            headings = sum(bool(here) and here != last for last, here in pairwise(codes))
            views.append(StepView("", folded=max(headings, 1), alike=part.alike))
            before = codes[-1]
            continue
        told = view(part)
        same, before = told.code == before, told.code
        if views and views[-1].folded:
            # the heading stands here, and not among those that are left out
            views[-1] = replace(views[-1], folded=max(views[-1].folded - same, 1))
            same = False
        views.append(replace(told, code="") if same else told)
    return tuple(views)
