"""What a check finds beside the numbers, as data: how the judged gradient behaves, and where else it is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from symdiff.sentences import Said

__all__ = ["Blame", "Elsewhere", "Finding", "KinkAt"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked beside the numbers; ``what`` names it: value, shape, dtype, inputs, again, cotangent.

    ``ok`` says whether the gradient may be used as far as this goes; ``said`` is the line about it.
    """

    what: str
    ok: bool
    said: Said


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The worst element at another point, at which the formula of a gradient is wrong; ``point`` is written in code."""

    point: str
    input: str
    index: tuple[int, ...]
    got: float
    want: float
    error_ulps: float


@dataclass(frozen=True, slots=True)
class KinkAt:
    """A kink that the point stands on: what is valid there, what was returned, and whose convention that is.

    For an element of an input the values from ``low`` to ``high`` are valid; ``whose`` names those who return ``got``.
    """

    input: str
    index: tuple[int, ...]
    operation: str
    low: float
    high: float
    got: float
    whose: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Blame:
    """The first operation on the way back whose own derivative is wrong, and where it was called.

    ``got`` and ``want`` are what it sends to the element ``index`` of its ``operand``; ``by`` says how that is known:
    "meaning", "differences" of its own values, or "elimination", all others being right.

    >>> str(Blame("cube", "x", (1,), 2.0, 3.0, file="model.py", line=7))
    'cube (model.py:7)'
    """

    operation: str
    operand: str = ""
    index: tuple[int, ...] = ()
    got: float = float("nan")
    want: float = float("nan")
    file: str = ""
    line: int = 0
    source: str = ""
    by: str = "meaning"

    @property
    def place(self) -> str:
        """The file and the line that called it, nothing where they are not known."""
        return f"{self.file}:{self.line}" if self.line else ""

    def __str__(self) -> str:
        return f"{self.operation} ({self.place})" if self.place else self.operation

    def said(self) -> Said:
        """The sentence about it."""
        element = f"{self.operand}[{', '.join(map(str, self.index))}]" if self.index else self.operand
        at = {"operation": self.operation, "place": self.place, "source": self.source}
        key = "blame.at.source" if self.source else "blame.at"
        operation = Said(key, at) if self.place else self.operation
        numbers = {"got": f"{self.got:.17g}", "want": f"{self.want:.17g}"}
        return Said(f"blame.{self.by}", {"operation": operation, "element": element, **numbers})
