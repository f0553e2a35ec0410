"""A View with more, or less, detail: every rule of the derivation, the second derivatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symdiff.explanation import check_detail
from symdiff.printing.record import replace
from symdiff.viewing.view import View

if TYPE_CHECKING:
    from symdiff.agreement.evidence import Evidence
    from symdiff.explanation import Explanation

__all__ = ["detailed"]

def detailed(explanation: Explanation, evidence: Evidence, detail: str = "steps", order: int = 1) -> View:
    """The view of an explanation at a detail, with the second derivatives for order 2.

    Raises:
        InputError: there is no such detail, or no such order.
    """
    check_detail(detail, order)
    view = replace(explanation.first_view, detail=detail)
    if explanation.forms is None or evidence.derivation is None:
        return view
    from symdiff.viewing.writing import Writing

    writing = Writing(explanation, evidence, explanation.forms)
    if detail == "rules":
        from symdiff.viewing.rules import rules_of

        view = replace(view, by_rules=rules_of(writing))
    if order == 2:
        from symdiff.viewing.hessians import hessians_of, without_formula

        found = explanation.second_order
        assert found is not None
        view = replace(view, hessians=hessians_of(writing, found), without_hessian=without_formula(writing, found))
    return view
