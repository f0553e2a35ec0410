"""What is checked, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
RIGHT, DAMAGED, COMPUTED = "right", "damaged", "computed"


@dataclass(frozen=True, slots=True)
class Given:
    """A gradient that somebody wrote: ``gradient`` is a function of the inputs' arrays or an array.

    ``mathematics`` is *right* (whatever digits it loses here), *damaged*, or *computed* by a library, whose functions
    may be off by themselves.
    """

    name: str
    gradient: Any
    mathematics: str = RIGHT


@dataclass(frozen=True, slots=True)
class Case:
    """A program at a point: ``function(m, *inputs)`` of a namespace and arrays.

    ``limit`` is how many elements the reference differentiates by, ``damages`` how many kinds of damage are tried.
    """

    campaign: str
    name: str
    kind: str
    function: Callable[..., Any]
    inputs: tuple[Array, ...]
    given: tuple[Given, ...] = ()
    limit: int = 12
    damages: int = 6

    @property
    def label(self) -> str:
        return f"{self.campaign}: {self.name}, {self.kind}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One check: which gradient was judged, the verdict, and what was wrong with it (a key of ``FAULTS``, or "")."""

    label: str
    judged: str
    verdict: str
    fault: str
    seconds: float
    reasons: tuple[str, ...] = ()
    detail: str = ""


FAULTS: Mapping[str, str] = {
    "false disagree": "a right gradient was called wrong",
    "false undefined": "where value and gradient are finite",
    "false kink": "where the function is smooth, and no rounding of its inputs makes it otherwise",
    "wrong accepted": "off by more than ten times what the reference allows",
    "lost digits agree": "a right formula, off by more than ten times what is allowed, *agrees* instead of *imprecise*",
    "engine": "our engine's own gradient is off by more than ten times what the reference allows",
    "library": "a library's gradient that is off by more than ten times what the reference allows is refused",
    "unsupported": "no meaning is known",
    "raised": "an exception came out",
    "slow": "longer than ten seconds",
    "imprecise, ours": "our engine's own right gradient is called imprecise",
    "imprecise without a name": "the operation that loses the digits is not named",
}
"""What can be wrong, worst counted first in ``ZEROS``."""

ZEROS = ("false disagree", "false undefined", "false kink", "wrong accepted")
"""Those that are to be 0."""
