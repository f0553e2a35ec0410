"""The kinds of meaning an operation can declare.

They are data: the engine stores them with the operation and never reads them.  A meaning that is a plain string is a
*formula* of the general element.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Composite:
    """A program of other operations that has the same value, in the text language.

    The forward kernel and the vjp rules remain the operation's own, stable ones; the program is what a reader sees
    opened, and what the symbolic side differentiates.
    """

    program: str


@dataclass(frozen=True, slots=True)
class Structure:
    """A contraction, move or pick: ``function(m, *operands, **params)`` states it in the vocabulary ``m``."""

    function: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Equation:
    """An implicit definition, such as ``"x @ y = eye(n)"``: the value is the ``unknown`` that solves it.

    ``where`` states in words what else singles the solution out (``"y is lower triangular"``).
    """

    equation: str
    unknown: str = "y"
    where: str = ""


Meaning = str | Composite | Structure | Equation | None
