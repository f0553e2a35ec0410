"""The verdicts on a gradient's elements, the worst first."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

__all__ = ["Verdict", "worst_verdict"]


class Verdict(StrEnum):
    """What a comparison says of one element, or of all; a verdict is its own name: ``Verdict.AGREE == "agree"``."""

    DISAGREE = "disagree"
    """The two differ by more than rounding explains."""
    UNDEFINED = "undefined"
    """The result or a partial is not finite here."""
    UNSUPPORTED = "unsupported"
    """An operation has no symbolic meaning."""
    IMPRECISE = "imprecise"
    """The mathematics is right; computed from rounded intermediates it loses digits that another formula keeps."""
    KINK = "kink"
    """There is no derivative here, and what was returned is a mixture of the gradients of the branches that meet."""
    AGREE = "agree"
    """The two differ by no more than rounding explains."""

    @property
    def rank(self) -> int:
        """Its place among all, the worst 0."""
        return list(Verdict).index(self)

    @property
    def ok(self) -> bool:
        """Whether a gradient of this verdict may be used as it is."""
        return self in (Verdict.AGREE, Verdict.KINK, Verdict.IMPRECISE)


def worst_verdict(verdicts: Iterable[str]) -> Verdict:
    """The worst of some verdicts; of none, *agree*."""
    return min((Verdict(each) for each in set(verdicts)), key=lambda v: v.rank, default=Verdict.AGREE)
