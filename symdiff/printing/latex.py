"""Trees as LaTeX for amsmath; every name and word is escaped."""

from __future__ import annotations

from symdiff.printing import tree
from symdiff.printing.brackets import PAGE, bracketed
from symdiff.printing.gaps import Gap, gap
from symdiff.printing.names import FUNCTION_POWERS, GREEK, function_name, glyph, numbered
from symdiff.printing.printer import Printer
from symdiff.printing.tex import escape, mathematical_words

__all__ = ["LaTeX", "latex"]

CONSTANTS = {"inf": r"\infty", "pi": r"\pi", "e": r"\mathrm{e}", "nan": r"\mathrm{nan}", "ones": r"\mathbf{1}"}
RELATIONS = {
    "+": "+",
    "−": "-",
    "<": "<",
    ">": ">",
    "=": "=",
    "≠": r"\neq",
    "≤": r"\leq",
    "≥": r"\geq",
    "∈": r"\in",
    "∉": r"\notin",
    "≈": r"\approx",
    "→": r"\to",
    "↦": r"\mapsto",
    ":=": r"\mathrel{:=}",
    "∧": r"\wedge",
    "∨": r"\vee",
}
# functions that TeX and amsmath know by a command of their own
COMMANDS = FUNCTION_POWERS - {"sech", "csch"} | {"arccos", "arcsin", "arctan", "det", "exp", "ln", "log", "max", "min"}
GLYPHS = {letter: "\\" + name for name, letter in GREEK.items()}
UPRIGHT_GREEK = {"Γ": r"\Gamma", "ψ": r"\psi", "B": r"\mathrm{B}"}
SIGNS = {"∑": r"\sum", "∏": r"\prod"}


def latex(node: tree.Math, *, otherwise: str = "otherwise", browser: bool = False) -> str:
    """LaTeX for inside mathematics, without dollars.

    ``otherwise`` is the word before the last of some cases; with ``browser`` words are written for MathJax and KaTeX.
    """
    return LaTeX(otherwise, browser=browser)(bracketed(node, PAGE))


class LaTeX(Printer):
    """Prints trees whose brackets are already in place."""

    def __init__(self, otherwise: str = "otherwise", *, browser: bool = False) -> None:
        super().__init__(otherwise)
        self.words = mathematical_words if browser else _words
        self.key = (type(self), otherwise, browser)

    def number(self, node: tree.Number) -> str:
        mantissa, exponent = node.mantissa_and_exponent
        if exponent is None:
            return escape(mantissa)
        ten = f"10^{{{exponent}}}"
        return ten if mantissa == "1" else rf"{escape(mantissa)} \times {ten}"

    def constant(self, node: tree.Constant) -> str:
        return CONSTANTS.get(node.name) or rf"\mathrm{{{escape(node.name)}}}"

    def symbol(self, node: tree.Symbol) -> str:
        base, number = numbered(node.name)
        index = (*number, *node.index)
        return identifier(base) + (self.index(index) if index else "")

    def subscript(self, node: tree.Subscript) -> str:
        return f"{{{self(node.base)}}}{self.index(node.index)}"

    def index(self, parts: tuple[tree.Math, ...]) -> str:
        written = ",".join(map(self, parts))
        return f"_{written}" if len(written) == 1 else f"_{{{written}}}"

    def add(self, node: tree.Add) -> str:
        written = ""
        for position, term in enumerate(node.terms):
            negative = isinstance(term, tree.Negative)
            sign = " - " if negative else " + "
            written += sign if position else sign.strip(" +")
            written += self(term.body if isinstance(term, tree.Negative) else term)
        return written

    def negative(self, node: tree.Negative) -> str:
        return "-" + self(node.body)

    def times(self, node: tree.Times) -> str:
        written = self(node.factors[0]) if node.factors else ""
        for left, right in zip(node.factors, node.factors[1:], strict=False):
            written += _GAPS[Gap.DOT if node.dot else gap(left, right)] + self(right)
        return written

    def fraction(self, node: tree.Fraction) -> str:
        if node.slashed:
            return f"{self(node.over)}/{self(node.under)}"
        return rf"\frac{{{self(node.over)}}}{{{self(node.under)}}}"

    def power(self, node: tree.Power) -> str:
        exponent = f"^{{{self(node.exponent)}}}"
        match node.base, node.exponent:
            case tree.Call(function=function), tree.Number(text=text) if function in FUNCTION_POWERS and text.isdigit():
                return upright(function) + exponent + self.arguments(node.base)
            case tree.Symbol() | tree.Number() | tree.Constant(), _:
                return self(node.base) + exponent
        return f"{{{self(node.base)}}}{exponent}"

    def root(self, node: tree.Root) -> str:
        degree = f"[{{{self(node.degree)}}}]" if node.degree is not None else ""
        return rf"\sqrt{degree}{{{self(node.radicand)}}}"

    def call(self, node: tree.Call) -> str:
        return upright(node.function) + self.arguments(node)

    def arguments(self, node: tree.Call) -> str:
        return fenced("(", ", ".join(map(self, node.arguments)), ")")

    def absolute(self, node: tree.Absolute) -> str:
        return fenced(r"\lvert ", self(node.body), r"\rvert ")

    def norm(self, node: tree.Norm) -> str:
        return fenced(r"\lVert ", self(node.body), r"\rVert ")

    def bracket(self, node: tree.Bracket) -> str:
        return fenced("(", self(node.body), ")")

    def list(self, node: tree.List) -> str:
        # a group, or a list at the start of a row would be taken for that row's option
        return "{" + fenced("[", ", ".join(map(self, node.items)), "]") + "}"

    def transpose(self, node: tree.Transpose) -> str:
        return rf"{{{self(node.body)}}}^{{\mathsf{{T}}}}"

    def inversetranspose(self, node: tree.InverseTranspose) -> str:
        return rf"{{{self(node.body)}}}^{{-\mathsf{{T}}}}"

    def hadamard(self, node: tree.Hadamard) -> str:
        return r" \circ ".join(map(self, node.factors))

    def hadamardpower(self, node: tree.HadamardPower) -> str:
        return rf"{{{self(node.base)}}}^{{\circ {self(node.exponent)}}}"

    def partial(self, node: tree.Partial) -> str:
        variables = node.by if isinstance(node.by, tuple) else (node.by,)
        order = node.order if len(variables) == 1 else len(variables)
        raised = f"^{{{order}}}" if order > 1 else ""
        each = raised if len(variables) == 1 else ""
        under = r" \, ".join(rf"\partial {self(variable)}{each}" for variable in variables)
        return rf"\frac{{\partial{raised} {self(node.of)}}}{{{under}}}"

    def big(self, node: tree.BigOperator) -> str:
        below = self(node.index if node.low is None else tree.Relation("=", node.index, node.low))
        above = "" if node.high is None else f"^{{{self(node.high)}}}"
        return rf"{SIGNS[node.sign]}_{{{below}}}{above} {self(node.body)}"

    def relation(self, node: tree.Relation) -> str:
        return f"{self(node.left)} {relation_sign(node.symbol)} {self(node.right)}"

    def chain(self, node: tree.Chain) -> str:
        written = self(node.parts[0])
        for sign, part in zip(node.signs, node.parts[1:], strict=True):
            written += f" {relation_sign(sign)} {self(part)}"
        return written

    def cases(self, node: tree.Cases) -> str:
        rows = []
        for value, condition in node.cases:
            words = self.words(self.otherwise) if condition is None else self(condition)
            rows.append(f"{self(value)} & {words}")
        return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"

    def matrix(self, node: tree.Matrix) -> str:
        columns = "c" * max((len(row) for row in node.rows), default=1)
        written = [" & ".join(map(self, row)) for row in node.rows]
        # fractions in rows below each other would touch
        apart = "[1ex]" if any(command in row for row in written for command in _TALL) else ""
        rows = rf" \\{apart} ".join(written)
        # an array, for bmatrix stops at ten columns
        return rf"\left[\begin{{array}}{{@{{}}{columns}@{{}}}} {rows} \end{{array}}\right]"

    def ellipsis(self, node: tree.Ellipsis) -> str:
        return r"\cdots" if node.centred else r"\ldots"

    def text(self, node: tree.Text) -> str:
        return self.words(node.text)

    def delta(self, node: tree.Delta) -> str:
        return r"\delta" + self.index((node.left, node.right))


def _words(text: str) -> str:
    return rf"\text{{{escape(text)}}}"


def relation_sign(symbol: str) -> str:
    """The command for a relation."""
    return RELATIONS.get(symbol) or rf"\mathrel{{\text{{{escape(symbol)}}}}}"


def fenced(left: str, body: str, right: str) -> str:
    """Fences that grow where what they hold is tall."""
    tall = any(command in body for command in _TALL)
    return rf"\left{left}{body}\right{right}" if tall else f"{left}{body}{right}"


def identifier(name: str) -> str:
    """A variable: one letter, a Greek letter, or a word in text italics."""
    written = glyph(name)
    if written.text in GLYPHS:
        return GLYPHS[written.text]
    if len(written.text) == 1 and written.text.isascii() and written.text.isalpha():
        return written.text
    if written.text.isascii():
        return rf"\mathit{{{escape(written.text)}}}"
    return rf"\textit{{{escape(written.text)}}}"


def upright(function: str) -> str:
    """A function's name."""
    name = function_name(function)
    if name in COMMANDS:
        return "\\" + name
    return UPRIGHT_GREEK.get(name) or rf"\operatorname{{{escape(name)}}}"


_TALL = (r"\frac", r"\sum", r"\prod", r"\begin", r"\left")
_GAPS = {Gap.NONE: " ", Gap.THIN: r" \, ", Gap.FUNCTION: " ", Gap.BIG: " ", Gap.DOT: r" \cdot "}
