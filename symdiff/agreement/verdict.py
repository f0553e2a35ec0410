"""The verdicts on a gradient's elements, the worst first."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import numpy as np

from symdiff.arrays import Array

__all__ = ["Verdict", "chosen", "everywhere", "found_in", "worst_verdict"]


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


def everywhere(verdict: Verdict, shape: tuple[int, ...]) -> Array:
    """One verdict on every element, in no memory: an array that cannot be written to."""
    return np.broadcast_to(np.array(verdict, dtype=object), shape)


def chosen(holds: Array, yes: Verdict, no: Verdict) -> Array:
    """A verdict for each element, by a mask."""
    verdicts = np.empty(holds.shape, dtype=object)
    verdicts[...] = no
    verdicts[holds] = yes
    return verdicts


def found_in(verdicts: Array) -> set[str]:
    """The verdicts that occur in an array of them."""
    one = bool(verdicts.size) and not any(verdicts.strides)
    return {verdicts.flat[0]} if one else set(verdicts.reshape(-1).tolist())


def worst_verdict(verdicts: Iterable[str]) -> Verdict:
    """The worst of some verdicts; of none, *agree*."""
    return min((Verdict(each) for each in set(verdicts)), key=lambda v: v.rank, default=Verdict.AGREE)
