"""Trees in ASCII, as the text language writes them: ``2*x_k/n``, ``W_{2,3}``, ``exp(x_1)**2``."""

from __future__ import annotations

from symdiff.printing import tree
from symdiff.printing.brackets import LINE, bracketed
from symdiff.printing.markup import replace_unprintable
from symdiff.printing.plain import Plain

__all__ = ["Ascii", "ascii_text"]

RELATIONS = {"≤": "<=", "≥": ">=", "≠": "!=", "=": "==", "∧": "&", "∨": "|", "∈": "in", "∉": "not in", "≈": "~="}
_PARTIALS = str.maketrans("∂⁰¹²³⁴⁵⁶⁷⁸⁹", "d0123456789")


def ascii_text(node: tree.Math) -> str:
    """One line in the syntax of the text language; only a user's own letters leave ASCII."""
    return Ascii()(bracketed(node, LINE))


class Ascii(Plain):
    """The plain printer with its signs spelt out."""

    def number(self, node: tree.Number) -> str:
        return node.text

    def constant(self, node: tree.Constant) -> str:
        return node.name

    def symbol(self, node: tree.Symbol) -> str:
        name = replace_unprintable(node.name)
        return name + self.index(node.index) if node.index else name

    def index(self, parts: tuple[tree.Math, ...]) -> str:
        written = ",".join(map(self, parts))
        return f"_{written}" if written.isalnum() else f"_{{{written}}}"

    def add(self, node: tree.Add) -> str:
        return super().add(node).replace("−", "-")

    def negative(self, node: tree.Negative) -> str:
        return "-" + self(node.body)

    def times(self, node: tree.Times) -> str:
        return (" * " if node.dot else "*").join(map(self, node.factors))

    def power(self, node: tree.Power) -> str:
        if node.base == tree.Constant("e"):
            return f"exp({self(node.exponent)})"
        written = self(node.exponent)
        return f"{self(node.base)}**{written if written.isalnum() else f'({written})'}"

    def root(self, node: tree.Root) -> str:
        body = node.radicand.body if isinstance(node.radicand, tree.Bracket) else node.radicand
        if node.degree is None:
            return f"sqrt({self(body)})"
        degree = self(node.degree)
        return f"cbrt({self(body)})" if degree == "3" else f"{self(node.radicand)}**(1/{degree})"

    def call(self, node: tree.Call) -> str:
        return f"{node.function}({self.commas(node.arguments)})"

    def absolute(self, node: tree.Absolute) -> str:
        return f"abs({self(node.body)})"

    def norm(self, node: tree.Norm) -> str:
        return f"norm({self(node.body)})"

    def bracket(self, node: tree.Bracket) -> str:
        # what is written as a call here needs no brackets of its own
        if isinstance(node.body, (tree.BigOperator, tree.Cases)):
            return self(node.body)
        return super().bracket(node)

    def transpose(self, node: tree.Transpose) -> str:
        return self(node.body) + ".T"

    def inversetranspose(self, node: tree.InverseTranspose) -> str:
        return f"inv({self(node.body)}).T"

    def hadamard(self, node: tree.Hadamard) -> str:
        return "*".join(map(self, node.factors))

    def hadamardpower(self, node: tree.HadamardPower) -> str:
        exponent = self(node.exponent)
        return f"{self(node.base)}**{exponent if exponent.isalnum() else f'({exponent})'}"

    def partial(self, node: tree.Partial) -> str:
        return super().partial(node).translate(_PARTIALS)

    def big(self, node: tree.BigOperator) -> str:
        if isinstance(node.index, tree.Relation) and node.high is not None:
            return f"{node.word}({self(node.body)}, {self(node.index.left)}=1..{self(node.high)}, {self(node.index)})"
        span = self(node.index)
        if node.low is not None:
            span += f"={self(node.low)}"
        if node.high is not None:
            span += f"..{self(node.high)}"
        return f"{node.word}({self(node.body)}, {span})"

    def relation(self, node: tree.Relation) -> str:
        return f"{self(node.left)} {RELATIONS.get(node.symbol, node.symbol)} {self(node.right)}"

    def chain(self, node: tree.Chain) -> str:
        written = self(node.parts[0])
        for sign, part in zip(node.signs, node.parts[1:], strict=True):
            written += f" {'=' if sign == '=' else RELATIONS.get(sign, sign)} {self(part)}"
        return written

    def cases(self, node: tree.Cases) -> str:
        written = "nan"
        for value, condition in reversed(node.cases):
            written = self(value) if condition is None else f"where({self(condition)}, {self(value)}, {written})"
        return written

    def ellipsis(self, node: tree.Ellipsis) -> str:
        return "..."

    def delta(self, node: tree.Delta) -> str:
        return f"delta({self(node.left)}, {self(node.right)})"
