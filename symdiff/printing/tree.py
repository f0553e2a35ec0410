"""Mathematics as frozen data: what is written, with no markup and no brackets that precedence implies.

Trees are built by `from_sympy` and by the document, and printed by `mathml`, `latex` and `plain`. Every string in a
tree may come from a user; escaping it is each printer's duty. Brackets that precedence asks for are put in by
`brackets`.
"""

from __future__ import annotations

from typing import ClassVar

from symdiff.printing.record import Record

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
    "Hadamard",
    "HadamardPower",
    "InverseTranspose",
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
    "Rounded",
    "Subscript",
    "Sum",
    "Symbol",
    "Text",
    "Times",
    "Transpose",
]


class Math(Record):
    """Anything that can be written as mathematics."""


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


class Constant(Math):
    """A constant of mathematics, written upright: ``e``, ``pi``, ``inf``, ``nan``; ``ones`` is the vector of ones."""

    name: str


class Symbol(Math):
    """A name, perhaps with an index: x, λ, x_1, W_{2,3}."""

    name: str
    index: tuple[Math, ...] = ()


class Subscript(Math):
    """Anything but a name with an index: (A + B)_{i,j}."""

    base: Math
    index: tuple[Math, ...]


class Add(Math):
    """A sum of terms; a Negative term is written with a minus."""

    terms: tuple[Math, ...]


class Negative(Math):
    """-x."""

    body: Math


class Times(Math):
    """A product, juxtaposed; with ``dot`` the factors are kept apart, as the chain rule leaves them."""

    factors: tuple[Math, ...]
    dot: bool = False


class Fraction(Math):
    """over / under; a slashed one stays on its line, as in x^{3/2}."""

    over: Math
    under: Math
    slashed: bool = False


class Power(Math):
    """base to the exponent."""

    base: Math
    exponent: Math


class Root(Math):
    """A square root, or one of another degree."""

    radicand: Math
    degree: Math | None = None


class Call(Math):
    """A function of arguments; its name is set upright."""

    function: str
    arguments: tuple[Math, ...]


class Absolute(Math):
    """|x|."""

    body: Math


class Norm(Math):
    """‖x‖."""

    body: Math


class Transpose(Math):
    """x with its axes exchanged."""

    body: Math


class InverseTranspose(Math):
    """The inverse of a matrix, transposed: A to the −T."""

    body: Math


class Hadamard(Math):
    """The product of arrays element by element: A ∘ B."""

    factors: tuple[Math, ...]


class HadamardPower(Math):
    """Every element of an array to the exponent."""

    base: Math
    exponent: Math


class Partial(Math):
    """∂of/∂by; ``by`` is one variable, or several for a mixed derivative."""

    of: Math
    by: Math | tuple[Math, ...]
    order: int = 1


class BigOperator(Math):
    """``body`` over an index that runs from low to high; without bounds the index alone stands below."""

    body: Math
    index: Math
    low: Math | None = None
    high: Math | None = None

    sign: ClassVar[str] = ""
    word: ClassVar[str] = ""


class Sum(BigOperator):
    """Σ."""

    sign: ClassVar[str] = "∑"
    word: ClassVar[str] = "sum"


class Product(BigOperator):
    """Π."""

    sign: ClassVar[str] = "∏"
    word: ClassVar[str] = "prod"


class Relation(Math):
    """left symbol right, where the symbol is one of ``= ≠ < > ≤ ≥ ∈ ∉ ≈ → ↦ := ∧ ∨``."""

    symbol: str
    left: Math
    right: Math


class Chain(Math):
    """a = b = c."""

    parts: tuple[Math, ...]
    relation: str = "="

    @property
    def signs(self) -> tuple[str, ...]:
        """What stands before each part but the first: ≈ on both sides of what is rounded."""
        pairs = zip(self.parts, self.parts[1:], strict=False)
        return tuple("≈" if any(isinstance(part, Rounded) for part in pair) else self.relation for pair in pairs)


class Rounded(Math):
    """A part of a line whose numbers are shown rounded: ≈ stands before it, and after it."""

    body: Math


class Cases(Math):
    """Values under conditions; None as the last condition is *otherwise*."""

    cases: tuple[tuple[Math, Math | None], ...]


class Matrix(Math):
    """Rows of entries in square brackets."""

    rows: tuple[tuple[Math, ...], ...]


class Bracket(Math):
    """Round brackets that stand whatever precedence says."""

    body: Math


class List(Math):
    """Items with commas in square brackets: a vector on one line, an interval."""

    items: tuple[Math, ...]


class Ellipsis(Math):
    """Three dots on the axis of a sum, or on the base line of a list."""

    centred: bool = False


class Text(Math):
    """Words among mathematics."""

    text: str


class Delta(Math):
    """Kronecker's δ_{i,j}."""

    left: Math
    right: Math
