"""What a check finds beside the numbers, as data: how the judged gradient behaves, and where else it is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from symdiff.sentences import Said, listed

__all__ = ["Blame", "Elsewhere", "Finding", "KinkAt", "NearestKink"]


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

    For an element of an input the values from ``low`` to ``high`` are valid; ``whose`` says by whose convention the
    derivative of the operation is what.
    """

    input: str
    index: tuple[int, ...]
    operation: str
    low: float
    high: float
    got: float
    whose: tuple[Said, ...] = ()

    def said(self) -> Said:
        """The sentence about it."""
        element = f"{self.input}[{', '.join(map(str, self.index))}]" if self.index else self.input
        ends = {"element": element, "low": f"{self.low:g}", "high": f"{self.high:g}", "got": f"{self.got:.9g}"}
        said = Said("report.kink_at", {**ends, "operation": self.operation})
        return Said("report.convention", {"said": said, "whose": listed(self.whose)}) if self.whose else said


@dataclass(frozen=True, slots=True)
class NearestKink:
    """How far the values that an operation compares are from a kink: the ``distance`` between the nearest two of them.

    Where that is 0 the point stands on it.
    """

    operation: str
    distance: float

    def said(self) -> Said:
        """The sentence about it."""
        return Said("report.nearest_kink", {"operation": self.operation, "distance": f"{self.distance:.3g}"})


@dataclass(frozen=True, slots=True)
class Blame:
    """The first operation on the way back whose own derivative is wrong, and where it was called.

    ``got`` and ``want`` are what it sends to the element ``index`` of its ``operand``; ``by`` says how that is known:
    "meaning", or "differences" of its own values, where it has none; "behaviour" where it is not its numbers that are
    wrong. ``written`` is where a user wrote its backward pass, ``written_source`` the line.

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
    written: str = ""
    written_source: str = ""

    @property
    def place(self) -> str:
        """The file and the line that called it, nothing where they are not known."""
        return f"{self.file}:{self.line}" if self.line else ""

    def __str__(self) -> str:
        return f"{self.operation} ({self.place})" if self.place else self.operation

    def said(self, key: str = "") -> Said:
        """The sentence about it, or another one about the same."""
        element = f"{self.operand}[{', '.join(map(str, self.index))}]" if self.index else self.operand
        numbers = {"got": f"{self.got:.17g}", "want": f"{self.want:.17g}"}
        return Said(key or f"blame.{self.by}", {"operation": self._placed(), "element": element, **numbers})

    def _placed(self) -> Said | str:
        """The operation, where it was called, and where a user wrote its backward pass."""
        at = {"operation": self.operation, "place": self.place, "source": self.source}
        placed = Said("blame.at.source" if self.source else "blame.at", at) if self.place else self.operation
        if not self.written:
            return placed
        return Said("blame.written", {"operation": placed, "written": self.written, "source": self.written_source})
