"""A View with more, or less, detail: every rule of the derivation, the second derivatives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from symdiff.errors import InputError
from symdiff.view import View

if TYPE_CHECKING:
    from symdiff.evidence import Evidence
    from symdiff.explanation import Explanation

__all__ = ["DETAILS", "ORDERS", "detailed"]

DETAILS = ("result", "steps", "rules")
"""How much a document shows: the result, the steps to it, every rule of every step."""

ORDERS = (1, 2)
"""The orders of derivatives that a document shows."""


def detailed(explanation: Explanation, evidence: Evidence, detail: str = "steps", order: int = 1) -> View:
    """The view of an explanation at one of the ``DETAILS``, with the second derivatives for order 2.

    Raises:
        InputError: there is no such detail, or no such order.
    """
    if detail not in DETAILS:
        raise InputError(f"detail={detail!r}: choose one of {', '.join(DETAILS)}")
    if order not in ORDERS:
        raise InputError(f"order={order!r}: choose 1, or 2 for the second derivatives")
    view = replace(explanation.view, detail=detail)
    if explanation.forms is None or evidence.derivation is None:
        return view
    from symdiff.viewing.writing import Writing

    writing = Writing(explanation, evidence, explanation.forms)
    if detail == "rules":
        from symdiff.viewing.rules import rules_of

        view = replace(view, by_rules=rules_of(writing))
    if order == 2:
        from symdiff.second_order import second_order
        from symdiff.viewing.hessians import hessians_of, without_formula

        found = second_order(explanation.forms)
        view = replace(view, hessians=hessians_of(writing, found), without_hessian=without_formula(writing, found))
    return view
