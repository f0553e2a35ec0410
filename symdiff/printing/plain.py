"""Trees as text: Unicode for people (∂y/∂x₁ = 1/4 · 2x₁), ASCII for programs (2*x_k/n)."""

from __future__ import annotations

from symdiff.printing import tree
from symdiff.printing.brackets import LINE, bracketed
from symdiff.printing.gaps import Gap, gap
from symdiff.printing.markup import replace_unprintable
from symdiff.printing.names import FUNCTION_POWERS, function_name, glyph, numbered
from symdiff.printing.printer import Printer

__all__ = ["Plain", "plain"]

RAISED = str.maketrans("0123456789+-−ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿⁱ")
LOWERED = str.maketrans("0123456789+-−aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
CAN_RAISE = frozenset("0123456789+-−ni")
# a comma has no lowered form: x₂,₃ would read as two things
CAN_LOWER = frozenset("0123456789+-−aehijklmnoprstuvx")
CONSTANTS = {"inf": "∞", "pi": "π", "ones": "𝟏"}


def plain(node: tree.Math, *, otherwise: str = "otherwise") -> str:
    """One line of Unicode text."""
    return Plain(otherwise)(bracketed(node, LINE))


class Plain(Printer):
    """Prints trees whose brackets are already in place."""

    def number(self, node: tree.Number) -> str:
        mantissa, exponent = node.mantissa_and_exponent
        if exponent is None:
            return mantissa
        ten = "10" + exponent.translate(RAISED)
        return ten if mantissa == "1" else f"{mantissa} × {ten}"

    def constant(self, node: tree.Constant) -> str:
        return CONSTANTS.get(node.name, node.name)

    def symbol(self, node: tree.Symbol) -> str:
        base, number = numbered(node.name)
        name, index = replace_unprintable(glyph(base).text), (*number, *node.index)
        return name + self.index(index) if index else name

    def subscript(self, node: tree.Subscript) -> str:
        return self(node.base) + self.index(node.index)

    def index(self, parts: tuple[tree.Math, ...]) -> str:
        written = ",".join(map(self, parts))
        if set(written) <= CAN_LOWER:
            return written.translate(LOWERED)
        return f"_{written}" if len(written) == 1 else f"_{{{written}}}"

    def commas(self, nodes: tuple[tree.Math, ...]) -> str:
        return ", ".join(map(self, nodes))

    def add(self, node: tree.Add) -> str:
        written = ""
        for position, term in enumerate(node.terms):
            negative = isinstance(term, tree.Negative)
            sign = "−" if negative else "+"
            written += f" {sign} " if position else "−" * negative
            written += self(term.body if isinstance(term, tree.Negative) else term)
        return written

    def negative(self, node: tree.Negative) -> str:
        return "−" + self(node.body)

    def times(self, node: tree.Times) -> str:
        written = self(node.factors[0]) if node.factors else ""
        for left, right in zip(node.factors, node.factors[1:], strict=False):
            written += _GAPS[Gap.DOT if node.dot else gap(left, right)] + self(right)
        return written

    def fraction(self, node: tree.Fraction) -> str:
        return f"{self(node.over)}/{self(node.under)}"

    def power(self, node: tree.Power) -> str:
        exponent = self(node.exponent)
        short = set(exponent) <= CAN_RAISE
        bare = isinstance(node.exponent, (tree.Number, tree.Constant)) or len(exponent) == 1
        raised = exponent.translate(RAISED) if short else f"^{exponent}" if bare else f"^({exponent})"
        match node.base:
            case tree.Call(function=function) if function in FUNCTION_POWERS and exponent.isdigit():
                return f"{function_name(function)}{raised}({self.commas(node.base.arguments)})"
        return self(node.base) + raised

    def root(self, node: tree.Root) -> str:
        degree = "" if node.degree is None else self(node.degree)
        if set(degree) <= CAN_RAISE:
            return degree.translate(RAISED) + "√" + self(node.radicand)
        return f"root({self(node.radicand)}, {degree})"

    def call(self, node: tree.Call) -> str:
        return f"{function_name(node.function)}({self.commas(node.arguments)})"

    def absolute(self, node: tree.Absolute) -> str:
        return f"|{self(node.body)}|"

    def norm(self, node: tree.Norm) -> str:
        return f"‖{self(node.body)}‖"

    def bracket(self, node: tree.Bracket) -> str:
        return f"({self(node.body)})"

    def list(self, node: tree.List) -> str:
        return f"[{self.commas(node.items)}]"

    def transpose(self, node: tree.Transpose) -> str:
        return self(node.body) + "ᵀ"

    def inversetranspose(self, node: tree.InverseTranspose) -> str:
        return self(node.body) + "⁻ᵀ"

    def hadamard(self, node: tree.Hadamard) -> str:
        return " ∘ ".join(map(self, node.factors))

    def hadamardpower(self, node: tree.HadamardPower) -> str:
        exponent = self(node.exponent)
        return f"{self(node.base)}^(∘{exponent})"

    def partial(self, node: tree.Partial) -> str:
        variables = node.by if isinstance(node.by, tuple) else (node.by,)
        order = str(node.order if len(variables) == 1 else len(variables))
        raised = "" if order == "1" else order.translate(RAISED)
        each = raised if len(variables) == 1 else ""
        under = "".join(f"∂{self(variable)}{each}" for variable in variables)
        return f"∂{raised}{self(node.of)}/{under}"

    def big(self, node: tree.BigOperator) -> str:
        if node.low is None and node.high is None:
            return f"{node.sign}{self.index((node.index,))} {self(node.body)}"
        if isinstance(node.index, tree.Relation) and node.high is not None:
            # all indices up to a bound but one
            return f"{node.sign}_{{{self(node.index.left)}=1..{self(node.high)}, {self(node.index)}}} {self(node.body)}"
        written = self(node.index)
        if node.low is not None:
            written += "=" + self(node.low)
        if node.high is not None:
            written += ".." + self(node.high)
        return f"{node.sign}_{{{written}}} {self(node.body)}"

    def relation(self, node: tree.Relation) -> str:
        return f"{self(node.left)} {node.symbol} {self(node.right)}"

    def chain(self, node: tree.Chain) -> str:
        written = self(node.parts[0])
        for sign, part in zip(node.signs, node.parts[1:], strict=True):
            written += f" {sign} {self(part)}"
        return written

    def cases(self, node: tree.Cases) -> str:
        rows = (
            f"{self(value)}, {self.otherwise if condition is None else self(condition)}"
            for value, condition in node.cases
        )
        return "{ " + "; ".join(rows) + " }"

    def matrix(self, node: tree.Matrix) -> str:
        return "[" + ", ".join(f"[{self.commas(row)}]" for row in node.rows) + "]"

    def ellipsis(self, node: tree.Ellipsis) -> str:
        return "…"

    def text(self, node: tree.Text) -> str:
        return replace_unprintable(node.text)

    def delta(self, node: tree.Delta) -> str:
        return "δ" + self.index((node.left, node.right))


_GAPS = {Gap.NONE: "", Gap.THIN: " ", Gap.FUNCTION: " ", Gap.BIG: " ", Gap.DOT: " · "}
