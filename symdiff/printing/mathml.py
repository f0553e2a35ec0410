"""Trees as MathML Core, which browsers set themselves: only elements and attributes that Chromium and Firefox know."""

from __future__ import annotations

import unicodedata

from symdiff.printing import tree
from symdiff.printing.brackets import PAGE, bracketed
from symdiff.printing.gaps import Gap, gap
from symdiff.printing.markup import element, escape, group
from symdiff.printing.names import FUNCTION_POWERS, function_name, glyph, numbered
from symdiff.printing.printer import Printer

__all__ = ["MathML", "mathml"]

CONSTANTS = {"inf": "∞", "pi": "π", "nan": "nan", "ones": "𝟏"}
INVISIBLE_TIMES = "\u2062"
APPLY = "\u2061"


def mathml(
    node: tree.Math,
    *,
    display: bool = False,
    tall: bool = False,
    leading: str = "",
    otherwise: str = "otherwise",
    annotation: str = "",
    label: str = "",
) -> str:
    """One ``<math>`` element.

    ``display`` sets it on a line of its own, ``tall`` as large but in the line; ``leading`` is a relation in front,
    where a row goes on; ``otherwise`` is the word before the last of some cases, in the page's language;
    ``annotation`` is the same in LaTeX, for whoever copies it; ``label`` is its name where nothing else stands.
    """
    written = MathML(otherwise)(bracketed(node, PAGE))
    sign = element("mo", escape(leading), form="infix") if leading else ""
    whole = group(sign, written)
    if annotation:
        tex = element("annotation", escape(annotation), encoding="application/x-tex")
        whole = element("semantics", whole, tex)
    shown = {"display": "block" if display else None, "displaystyle": "true" if tall else None}
    return element("math", whole, **shown, **{"aria-label": label or None})


class MathML(Printer):
    """Prints trees whose brackets are already in place."""

    def number(self, node: tree.Number) -> str:
        mantissa, exponent = node.mantissa_and_exponent
        if exponent is None:
            return element("mn", escape(mantissa))
        sign = operator("−", prefix=True) if exponent.startswith("-") else ""
        ten = element("msup", "<mn>10</mn>", group(sign, element("mn", exponent.lstrip("-"))))
        if mantissa == "1":
            return ten
        return group(element("mn", escape(mantissa)), operator("×"), ten)

    def constant(self, node: tree.Constant) -> str:
        return element("mi", escape(CONSTANTS.get(node.name, node.name)), mathvariant="normal")

    def symbol(self, node: tree.Symbol) -> str:
        base, number = numbered(node.name)
        index = (*number, *node.index)
        return element("msub", identifier(base), self.index(index)) if index else identifier(base)

    def subscript(self, node: tree.Subscript) -> str:
        return element("msub", self(node.base), self.index(node.index))

    def index(self, parts: tuple[tree.Math, ...]) -> str:
        return self.separated(parts, short=True)

    def separated(self, nodes: tuple[tree.Math, ...], *, short: bool = False) -> str:
        comma = operator(",", space="0" if short else None)
        return group(*_between(comma, [self(node) for node in nodes]))

    def add(self, node: tree.Add) -> str:
        written = []
        for position, term in enumerate(node.terms):
            negative = isinstance(term, tree.Negative)
            if position:
                written.append(operator("−" if negative else "+"))
            elif negative:
                written.append(operator("−", prefix=True))
            written.append(self(term.body if isinstance(term, tree.Negative) else term))
        return group(*written)

    def negative(self, node: tree.Negative) -> str:
        return group(operator("−", prefix=True), self(node.body))

    def times(self, node: tree.Times) -> str:
        written = [self(node.factors[0])] if node.factors else []
        for left, right in zip(node.factors, node.factors[1:], strict=False):
            between = Gap.DOT if node.dot else gap(left, right)
            written += [_GAPS[between], self(right)]
        return group(*written)

    def fraction(self, node: tree.Fraction) -> str:
        if node.slashed:
            return group(self(node.over), operator("/", space="0"), self(node.under))
        return element("mfrac", self(node.over), self(node.under))

    def power(self, node: tree.Power) -> str:
        base, exponent = node.base, self(node.exponent)
        match base, node.exponent:
            case tree.Symbol(index=index), _ if index:
                return element("msubsup", identifier(base.name), self.index(index), exponent)
            case tree.Call(function=function), tree.Number(text=text) if function in FUNCTION_POWERS and text.isdigit():
                raised = element("msup", upright(function), exponent)
                return group(raised, operator(APPLY), self.arguments(base))
        return element("msup", self(base), exponent)

    def root(self, node: tree.Root) -> str:
        if node.degree is None:
            return element("msqrt", self(node.radicand))
        return element("mroot", self(node.radicand), self(node.degree))

    def call(self, node: tree.Call) -> str:
        return group(upright(node.function), operator(APPLY), self.arguments(node))

    def arguments(self, node: tree.Call) -> str:
        return fenced("(", self.separated(node.arguments), ")")

    def absolute(self, node: tree.Absolute) -> str:
        return fenced("|", self(node.body), "|")

    def norm(self, node: tree.Norm) -> str:
        return fenced("‖", self(node.body), "‖")

    def bracket(self, node: tree.Bracket) -> str:
        return fenced("(", self(node.body), ")")

    def list(self, node: tree.List) -> str:
        return fenced("[", self.separated(node.items), "]")

    def transpose(self, node: tree.Transpose) -> str:
        return element("msup", self(node.body), element("mi", "T", mathvariant="normal"))

    def inversetranspose(self, node: tree.InverseTranspose) -> str:
        exponent = group(operator("−", prefix=True), element("mi", "T", mathvariant="normal"))
        return element("msup", self(node.body), exponent)

    def hadamard(self, node: tree.Hadamard) -> str:
        return group(*_between(operator("∘"), [self(factor) for factor in node.factors]))

    def hadamardpower(self, node: tree.HadamardPower) -> str:
        return element("msup", self(node.base), group(operator("∘", space="0"), self(node.exponent)))

    def partial(self, node: tree.Partial) -> str:
        variables = node.by if isinstance(node.by, tuple) else (node.by,)
        order = node.order if len(variables) == 1 else len(variables)
        top, each = D, node.order if len(variables) == 1 else 1
        if order > 1:
            top = element("msup", D, element("mn", str(order)))
        under = [group(D, self.raised(variable, each)) for variable in variables]
        return element("mfrac", group(top, self(node.of)), group(*under))

    def raised(self, variable: tree.Math, order: int) -> str:
        return self(variable if order == 1 else tree.Power(variable, tree.Number(str(order))))

    def big(self, node: tree.BigOperator) -> str:
        sign = element("mo", node.sign, movablelimits="false")
        below = self.index_range(node)
        if node.high is None:
            return group(element("munder", sign, below), self(node.body))
        return group(element("munderover", sign, below, self(node.high)), self(node.body))

    def index_range(self, node: tree.BigOperator) -> str:
        return self(node.index if node.low is None else tree.Relation("=", node.index, node.low))

    def relation(self, node: tree.Relation) -> str:
        return group(self(node.left), operator(node.symbol), self(node.right))

    def chain(self, node: tree.Chain) -> str:
        written = [self(node.parts[0])]
        for sign, part in zip(node.signs, node.parts[1:], strict=True):
            written += [operator(sign), self(part)]
        return group(*written)

    def cases(self, node: tree.Cases) -> str:
        rows = []
        for value, condition in node.cases:
            words = f"<mtext>{escape(self.otherwise)}</mtext>" if condition is None else self(condition)
            rows.append(element("mtr", element("mtd", self(value)), element("mtd", words)))
        table = element("mtable", *rows, **{"class": "cases"})
        return group(operator("{", fence=True), table)

    def matrix(self, node: tree.Matrix) -> str:
        rows = [element("mtr", *(element("mtd", self(entry)) for entry in row)) for row in node.rows]
        return fenced("[", element("mtable", *rows), "]")

    def ellipsis(self, node: tree.Ellipsis) -> str:
        return element("mi", "⋯" if node.centred else "…", mathvariant="normal")

    def text(self, node: tree.Text) -> str:
        return element("mtext", escape(node.text))

    def delta(self, node: tree.Delta) -> str:
        return element("msub", "<mi>δ</mi>", self.index((node.left, node.right)))


D = element("mo", "∂", lspace="0", rspace="0", form="prefix")


def _between(separator: str, written: list[str]) -> list[str]:
    return [part for item in written for part in (separator, item)][1:]


def operator(sign: str, *, prefix: bool = False, fence: bool = False, space: str | None = None) -> str:
    """An ``<mo>``; a sign in front sits close to what it negates."""
    return element(
        "mo",
        escape(sign),
        form="prefix" if prefix or fence else None,
        fence="true" if fence else None,
        stretchy="true" if fence else None,
        lspace=space,
        rspace="0" if prefix else space,
    )


def fenced(left: str, body: str, right: str) -> str:
    """Fences that grow where what they hold is tall; indices and powers alone do not stretch them."""
    stretchy = str(any(tag in body for tag in _TALL)).lower()
    opening = element("mo", left, fence="true", form="prefix", stretchy=stretchy)
    closing = element("mo", right, fence="true", form="postfix", stretchy=stretchy)
    return group(opening, body, closing)


def identifier(name: str) -> str:
    """A variable: one letter is slanted by the browser, a word by the style sheet."""
    written = glyph(name)
    text = escape(written.text)
    if not written.is_word:
        return element("mi", text)
    # an isolated run: a name in Arabic or Hebrew must not turn the formula around
    slanted = "word" if all(unicodedata.bidirectional(c) not in ("R", "AL") for c in written.text) else "word rtl"
    return element("mi", text, **{"class": slanted})


def upright(function: str) -> str:
    """A function's name; a single letter must be told not to slant."""
    name = function_name(function)
    return element("mi", escape(name), mathvariant="normal" if len(name) == 1 else None)


_TALL = ("<mfrac", "<mtable", "<munder", "<msqrt", "<mroot", 'stretchy="true"')
THIN = operator(INVISIBLE_TIMES) + element("mspace", width="0.17em")
_GAPS = {
    Gap.NONE: operator(INVISIBLE_TIMES),
    Gap.THIN: THIN,
    Gap.FUNCTION: THIN,
    Gap.BIG: operator(INVISIBLE_TIMES),
    Gap.DOT: operator("·"),
}
