"""Mathematics as frozen data: what is written, with no markup and no brackets that precedence implies.

Trees are built by `from_sympy` and by the document, and printed by `mathml`, `latex` and `plain`. Every string in a
tree may come from a user; escaping it is each printer's duty. Brackets that precedence asks for are put in by
`brackets`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = [
    "Absolute",
    "Add",
    "Bracket",
    "Call",
    "Cases",
    "Chain",
    "Constant",
    "Delta",
    "BigOperator",
    "Ellipsis",
    "Fraction",
    "List",
    "Math",
    "Matrix",
    "Negative",
    "Norm",
    "Number",
    "Partial",
    "Power",
    "Product",
    "Relation",
    "Root",
    "Subscript",
    "Sum",
    "Symbol",
    "Text",
    "Times",
    "Transpose",
]


class Math:
    """Anything that can be written as mathematics."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Number(Math):
    """A number as Python writes it: ``3``, ``-0.25``, ``1e-08``, ``inf``, ``nan``."""

    text: str

    @property
    def is_negative(self) -> bool:
        """Whether a sign stands in front."""
        return self.text.startswith("-")

    @property
    def mantissa_and_exponent(self) -> tuple[str, str | None]:
        """``1.5e-08`` as ``("1.5", "-8")``; the exponent is None where there is none."""
        mantissa, mark, exponent = self.text.partition("e")
        return mantissa, str(int(exponent)) if mark else None


@dataclass(frozen=True, slots=True)
class Constant(Math):
    """A constant of mathematics, written upright: ``e``, ``pi``, ``inf``, ``nan``."""

    name: str


@dataclass(frozen=True, slots=True)
class Symbol(Math):
    """A name, perhaps with an index: x, λ, x_1, W_{2,3}."""

    name: str
    index: tuple[Math, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscript(Math):
    """Anything but a name with an index: (A + B)_{i,j}."""

    base: Math
    index: tuple[Math, ...]


@dataclass(frozen=True, slots=True)
class Add(Math):
    """A sum of terms; a Negative term is written with a minus."""

    terms: tuple[Math, ...]


@dataclass(frozen=True, slots=True)
class Negative(Math):
    """-x."""

    body: Math


@dataclass(frozen=True, slots=True)
class Times(Math):
    """A product, juxtaposed; with ``dot`` the factors are kept apart, as the chain rule leaves them."""

    factors: tuple[Math, ...]
    dot: bool = False


@dataclass(frozen=True, slots=True)
class Fraction(Math):
    """over / under; a slashed one stays on its line, as in x^{3/2}."""

    over: Math
    under: Math
    slashed: bool = False


@dataclass(frozen=True, slots=True)
class Power(Math):
    """base to the exponent."""

    base: Math
    exponent: Math


@dataclass(frozen=True, slots=True)
class Root(Math):
    """A square root, or one of another degree."""

    radicand: Math
    degree: Math | None = None


@dataclass(frozen=True, slots=True)
class Call(Math):
    """A function of arguments; its name is set upright."""

    function: str
    arguments: tuple[Math, ...]


@dataclass(frozen=True, slots=True)
class Absolute(Math):
    """|x|."""

    body: Math


@dataclass(frozen=True, slots=True)
class Norm(Math):
    """‖x‖."""

    body: Math


@dataclass(frozen=True, slots=True)
class Transpose(Math):
    """x with its axes exchanged."""

    body: Math


@dataclass(frozen=True, slots=True)
class Partial(Math):
    """∂of/∂by; ``by`` is one variable, or several for a mixed derivative."""

    of: Math
    by: Math | tuple[Math, ...]
    order: int = 1


@dataclass(frozen=True, slots=True)
class BigOperator(Math):
    """``body`` over an index that runs from low to high; without bounds the index alone stands below."""

    body: Math
    index: Math
    low: Math | None = None
    high: Math | None = None

    sign: ClassVar[str] = ""
    word: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Sum(BigOperator):
    """Σ."""

    sign: ClassVar[str] = "∑"
    word: ClassVar[str] = "sum"


@dataclass(frozen=True, slots=True)
class Product(BigOperator):
    """Π."""

    sign: ClassVar[str] = "∏"
    word: ClassVar[str] = "prod"


@dataclass(frozen=True, slots=True)
class Relation(Math):
    """left symbol right, where the symbol is one of ``= ≠ < > ≤ ≥ ∈ ∉ ≈ → ↦ := ∧ ∨``."""

    symbol: str
    left: Math
    right: Math


@dataclass(frozen=True, slots=True)
class Chain(Math):
    """a = b = c."""

    parts: tuple[Math, ...]
    relation: str = "="


@dataclass(frozen=True, slots=True)
class Cases(Math):
    """Values under conditions; None as the last condition is *otherwise*."""

    cases: tuple[tuple[Math, Math | None], ...]


@dataclass(frozen=True, slots=True)
class Matrix(Math):
    """Rows of entries in square brackets."""

    rows: tuple[tuple[Math, ...], ...]


@dataclass(frozen=True, slots=True)
class Bracket(Math):
    """Round brackets that stand whatever precedence says."""

    body: Math


@dataclass(frozen=True, slots=True)
class List(Math):
    """Items with commas in square brackets: a vector on one line, an interval."""

    items: tuple[Math, ...]


@dataclass(frozen=True, slots=True)
class Ellipsis(Math):
    """Three dots on the axis of a sum, or on the base line of a list."""

    centred: bool = False


@dataclass(frozen=True, slots=True)
class Text(Math):
    """Words among mathematics."""

    text: str


@dataclass(frozen=True, slots=True)
class Delta(Math):
    """Kronecker's δ_{i,j}."""

    left: Math
    right: Math
