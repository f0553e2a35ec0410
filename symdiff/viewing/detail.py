"""A View with as much detail as is asked for: every rule of the derivation, the second derivatives."""

from __future__ import annotations

from symdiff.explained.explained import Explained
from symdiff.printing.record import replace
from symdiff.viewing.view import View
from symdiff.viewing.whole import view_of

__all__ = ["detailed"]


def detailed(explained: Explained, whole: bool = False, parts: bool = True) -> View:
    """What a document says, at the detail and the order that were asked for; if ``whole``, with every step.

    Without ``parts`` it says what is derived and found, and nothing beside it: that is all a program reads.
    """
    if explained.forms is None:
        return replace(view_of(explained), detail=explained.detail)
    from symdiff.viewing.page_names import renamed
    from symdiff.viewing.parts import with_parts
    from symdiff.viewing.writing import Writing

    writing = Writing(explained, explained.forms)
    view = replace(view_of(explained, writing, whole), detail=explained.detail)
    view = with_parts(writing, view) if parts else view
    if explained.detail == "rules":
        from symdiff.viewing.rules import rules_of

        view = replace(view, by_rules=rules_of(writing))
    if explained.order == 2 and explained.second_order is not None:
        from symdiff.viewing.hessians import hessians_of, without_formula

        found = explained.second_order
        view = replace(view, hessians=hessians_of(writing, found), without_hessian=without_formula(writing, found))
    return view if writing.page_names.changes_nothing else renamed(view, writing.page_names)
