"""The printers: each kind of node, brackets and gaps, hostile names."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symdiff.printing import tree
from symdiff.printing.ascii import Ascii, ascii_text
from symdiff.printing.brackets import LINE, PAGE, bracketed
from symdiff.printing.latex import LaTeX, latex
from symdiff.printing.mathml import MathML, mathml
from symdiff.printing.numbers import number, quotient
from symdiff.printing.plain import Plain, plain
from symdiff.printing.printer import METHODS
from symdiff.printing.shorthand import add, chain, dot, partial, symbol, times
from symdiff.printing.tree import (
    Absolute,
    Add,
    Bracket,
    Call,
    Cases,
    Constant,
    Delta,
    Ellipsis,
    Fraction,
    Hadamard,
    HadamardPower,
    InverseTranspose,
    List,
    Matrix,
    Negative,
    Norm,
    Number,
    Partial,
    Power,
    Product,
    Relation,
    Root,
    Subscript,
    Sum,
    Symbol,
    Text,
    Times,
    Transpose,
)

A, B, C, X, Y, N, I, K = map(Symbol, ["a", "b", "c", "x", "y", "n", "i", "k"])
ONE, TWO, THREE, FOUR = map(Number, "1234")
X1 = symbol("x", 1)

# tree, Unicode, ASCII, LaTeX
WRITTEN = [
    (partial("y", X1), "∂y/∂x₁", "dy/dx_1", r"\frac{\partial y}{\partial x_1}"),
    (dot(Fraction(ONE, FOUR), times(2, X1)), "1/4 · 2x₁", "1/4 * 2*x_1", r"\frac{1}{4} \cdot 2 x_1"),
    (Fraction(times(2, symbol("x", "k")), N), "2xₖ/n", "2*x_k/n", r"\frac{2 x_k}{n}"),
    (symbol("W", 2, 3), "W_{2,3}", "W_{2,3}", "W_{2,3}"),
    (symbol("x", 12), "x₁₂", "x_12", "x_{12}"),
    (symbol("sigma", "i"), "σᵢ", "sigma_i", r"\sigma_i"),
    (Symbol("lambda_"), "λ", "lambda_", r"\lambda"),
    (Symbol("loss_fn"), "loss_fn", "loss_fn", r"\mathit{loss\_fn}"),
    (add(A, Negative(B), -3), "a − b − 3", "a - b - 3", "a - b - 3"),
    (add(Negative(A), B), "−a + b", "-a + b", "-a + b"),
    (Negative(add(A, B)), "−(a + b)", "-(a + b)", "-(a + b)"),
    (add(A, add(B, C)), "a + b + c", "a + b + c", "a + b + c"),
    (Add((A, Negative(add(B, C)))), "a − (b + c)", "a - (b + c)", "a - (b + c)"),
    (times(A, add(B, C)), "a (b + c)", "a*(b + c)", r"a \, (b + c)"),
    (times(2, 3), "2 · 3", "2*3", r"2 \cdot 3"),
    (times(A, -2), "a (−2)", "a*(-2)", r"a \, (-2)"),
    (dot(A, Negative(B)), "a · (−b)", "a * (-b)", r"a \cdot (-b)"),
    (dot(Negative(A), B), "−a · b", "-a * b", r"-a \cdot b"),
    (Times((A, dot(B, C))), "ab · c", "a*b * c", r"a b \cdot c"),
    (Fraction(A, times(B, C)), "a/(bc)", "a/(b*c)", r"\frac{a}{b c}"),
    (Fraction(Fraction(A, B), C), "(a/b)/c", "(a/b)/c", r"\frac{\frac{a}{b}}{c}"),
    (Fraction(A, Fraction(B, C)), "a/(b/c)", "a/(b/c)", r"\frac{a}{\frac{b}{c}}"),
    (Fraction(Negative(A), B), "−a/b", "-a/b", r"\frac{-a}{b}"),
    (Fraction(Negative(add(A, B)), C), "−(a + b)/c", "-(a + b)/c", r"\frac{-(a + b)}{c}"),
    (times(Fraction(A, B), C), "(a/b)c", "(a/b)*c", r"\frac{a}{b} \, c"),
    (Power(X1, TWO), "x₁²", "x_1**2", "x_1^{2}"),
    (Power(add(A, B), TWO), "(a + b)²", "(a + b)**2", "{(a + b)}^{2}"),
    (Power(Power(A, B), C), "(a^b)^c", "(a**b)**c", "{(a^{b})}^{c}"),
    (Power(A, Power(B, C)), "a^(b^c)", "a**(b**c)", "a^{b^{c}}"),
    (Power(Number("-2"), TWO), "(−2)²", "(-2)**2", "{(-2)}^{2}"),
    (Power(Fraction(A, B), TWO), "(a/b)²", "(a/b)**2", r"{\left(\frac{a}{b}\right)}^{2}"),
    (Negative(Power(A, TWO)), "−a²", "-a**2", "-a^{2}"),
    (Power(Call("tanh", (X,)), TWO), "tanh²(x)", "tanh(x)**2", r"\tanh^{2}(x)"),
    (Power(Call("tanh", (X,)), Number("-1")), "tanh(x)⁻¹", "tanh(x)**(-1)", r"{\tanh(x)}^{-1}"),
    (Power(Constant("e"), Negative(X)), "e^(−x)", "exp(-x)", r"\mathrm{e}^{-x}"),
    (Power(X, Fraction(THREE, TWO, slashed=True)), "x^(3/2)", "x**(3/2)", "x^{3/2}"),
    (Root(add(A, B)), "√(a + b)", "sqrt(a + b)", r"\sqrt{a + b}"),
    (Root(X, THREE), "³√x", "cbrt(x)", r"\sqrt[{3}]{x}"),
    (Call("log", (add(1, X),)), "log(1 + x)", "log(1 + x)", r"\log(1 + x)"),
    (Call("softplus", (X,)), "softplus(x)", "softplus(x)", r"\operatorname{softplus}(x)"),
    (Call("gamma", (X,)), "Γ(x)", "gamma(x)", r"\Gamma(x)"),
    (Absolute(X), "|x|", "abs(x)", r"\lvert x\rvert "),
    (Norm(X), "‖x‖", "norm(x)", r"\lVert x\rVert "),
    (Transpose(A), "aᵀ", "a.T", r"{a}^{\mathsf{T}}"),
    (Transpose(add(A, B)), "(a + b)ᵀ", "(a + b).T", r"{(a + b)}^{\mathsf{T}}"),
    (InverseTranspose(A), "a⁻ᵀ", "inv(a).T", r"{a}^{-\mathsf{T}}"),
    (Hadamard((A, add(B, C))), "a ∘ (b + c)", "a*(b + c)", r"a \circ (b + c)"),
    (Hadamard((Times((A, B)), C)), "ab ∘ c", "a*b*c", r"a b \circ c"),
    (Times((A, Hadamard((B, C)))), "a (b ∘ c)", "a*(b*c)", r"a \, (b \circ c)"),
    (HadamardPower(add(A, B), TWO), "(a + b)^(∘2)", "(a + b)**2", r"{(a + b)}^{\circ 2}"),
    (Times((A, Constant("ones"))), "a𝟏", "a*ones", r"a \mathbf{1}"),
    (Subscript(add(A, B), (I, K)), "(a + b)_{i,k}", "(a + b)_{i,k}", "{(a + b)}_{i,k}"),
    (Partial(Y, X, 2), "∂²y/∂x²", "d2y/dx2", r"\frac{\partial^{2} y}{\partial x^{2}}"),
    (Partial(Y, (X, K)), "∂²y/∂x∂k", "d2y/dxdk", r"\frac{\partial^{2} y}{\partial x \, \partial k}"),
    (Sum(times(A, B), I, ONE, N), "∑_{i=1..n} ab", "sum(a*b, i=1..n)", r"\sum_{i = 1}^{n} a b"),
    (Sum(add(A, B), I), "∑ᵢ (a + b)", "sum((a + b), i)", r"\sum_{i} (a + b)"),
    (Times((Sum(A, I), B)), "(∑ᵢ a)b", "sum(a, i)*b", r"\left(\sum_{i} a\right) b"),
    (Times((A, Sum(B, I))), "a ∑ᵢ b", "a*sum(b, i)", r"a \sum_{i} b"),
    (Product(A, I, ONE, N), "∏_{i=1..n} a", "prod(a, i=1..n)", r"\prod_{i = 1}^{n} a"),
    (Relation("≤", A, B), "a ≤ b", "a <= b", r"a \leq b"),
    (
        Relation("∧", Relation(">", A, B), Relation("∨", Relation("<", A, C), Relation("=", B, C))),
        "a > b ∧ (a < c ∨ b = c)",
        "a > b & (a < c | b == c)",
        r"a > b \wedge (a < c \vee b = c)",
    ),
    (chain(A, B, 3), "a = b = 3", "a = b = 3", "a = b = 3"),
    (
        Cases(((X, Relation(">", X, Number("0"))), (Number("0"), None))),
        "{ x, x > 0; 0, otherwise }",
        "where(x > 0, x, 0)",
        r"\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}",
    ),
    (Matrix(((A, B),)), "[[a, b]]", "[[a, b]]", r"\left[\begin{array}{@{}cc@{}} a & b \end{array}\right]"),
    (List((A, B)), "[a, b]", "[a, b]", "{[a, b]}"),
    (Bracket(A), "(a)", "(a)", "(a)"),
    (Ellipsis(), "…", "...", r"\ldots"),
    (Text("if any"), "if any", "if any", r"\text{if any}"),
    (Delta(I, K), "δ_{i,k}", "delta(i, k)", r"\delta_{i,k}"),
    (Number("1.5e-08"), "1.5 × 10⁻⁸", "1.5e-08", r"1.5 \times 10^{-8}"),
    (times(Number("1.5e-08"), X), "1.5 × 10⁻⁸x", "1.5e-08*x", r"1.5 \times 10^{-8} x"),
    (Power(Number("1e3"), TWO), "(10³)²", "(1e3)**2", "{(10^{3})}^{2}"),
    (Negative(Constant("inf")), "−∞", "-inf", r"-\infty"),
    (Constant("pi"), "π", "pi", r"\pi"),
]


@pytest.mark.parametrize(("node", "unicode", "code", "source"), WRITTEN, ids=[row[1] for row in WRITTEN])
def test_is_written_so(node, unicode, code, source):
    assert (plain(node), ascii_text(node), latex(node)) == (unicode, code, source)
    assert code.isascii()


def test_the_table_above_holds_every_kind_of_node():
    assert {type(row[0]) for row in WRITTEN} >= METHODS.keys() - {Add}


@pytest.mark.parametrize("printer", [MathML, LaTeX, Plain, Ascii])
def test_every_printer_writes_every_kind(printer):
    assert [name for name in METHODS.values() if not callable(getattr(printer, name, None))] == []


MATHML_CORE = {
    *("math", "mi", "mn", "mo", "ms", "mtext", "mspace", "mrow", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup"),
    *("munder", "mover", "munderover", "mtable", "mtr", "mtd"),
}
CHILDREN = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "munderover": 3, "mroot": 2}


@pytest.mark.parametrize("node", [row[0] for row in WRITTEN], ids=[row[1] for row in WRITTEN])
def test_mathml_is_well_formed_core(node):
    whole = ElementTree.fromstring(mathml(node, leading="="))
    for part in whole.iter():
        assert part.tag in MATHML_CORE
        assert len(part) == CHILDREN.get(part.tag, len(part))
        if part.tag in ("mi", "mn", "mo", "mtext"):
            assert len(part) == 0


def text_of(markup: str) -> str:
    return "".join(ElementTree.fromstring(markup).itertext())


HOSTILE = [
    "<script>alert(1)</script>",
    "&lt;b&gt;",
    "]]>",
    "}{",
    "$",
    r"\input{x}",
    "a_b^c~",
    "\\",
    "%",
    '" x="',
    "{{ 7*7 }}",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_a_name_in_mathml(name):
    for node in (Symbol(name), symbol("x", name), Call(name, (X,)), Text(name), Constant(name), Relation(name, X, Y)):
        written = mathml(node)
        assert name in text_of(written)
        assert {part.tag for part in ElementTree.fromstring(written).iter()} <= MATHML_CORE


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("browser", [False, True])
def test_a_hostile_name_opens_nothing_in_latex(name, browser):
    for node in (Symbol(name), symbol("x", name), Call(name, (X,)), Text(name), Constant(name), Relation(name, X, Y)):
        written = latex(node, browser=browser)
        assert r"\input" not in written
        assert balanced(written)


def balanced(source: str) -> bool:
    depth, escaped = 0, False
    for character in source:
        if not escaped:
            depth += {"{": 1, "}": -1}.get(character, 0)
        escaped = character == "\\" and not escaped
        if depth < 0:
            return False
    return depth == 0


def test_control_characters_and_marks_of_direction_are_replaced():
    for written in (mathml(Symbol("a\x00\u202eb")), plain(Symbol("a\x1b[2Jb")), latex(Text("a\x07b"))):
        assert not set(written) & set("\x00\x07\x1b\u202e")


def test_one_letter_functions_stand_upright():
    assert 'mathvariant="normal">f</mi>' in mathml(Call("f", (X,)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (-0.0, "0"),
        (3.0, "3"),
        (1e22, "1e22"),
        (4.5e15, "4.5e15"),
        (1e7, "1e7"),
        (12345678.0, "12345678"),
        (100000.0, "100000"),
        (-2e9, "-2e9"),
        (5e-324, "5e-324"),
        (7, "7"),
        (2.5e-8, "2.5e-08"),
    ],
)
def test_numbers_in_their_shortest_text(value, text):
    assert number(value) == Number(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(derandomize=True)
def test_a_number_reads_back_as_itself(value):
    assert float(ascii_text(number(value)).replace("(", "").replace(")", "")) == value


def test_numbers_that_are_none():
    assert number(math.inf) == Constant("inf")
    assert number(-math.inf) == Negative(Constant("inf"))
    assert number(math.nan) == Constant("nan")
    assert quotient(-3, 4) == Negative(Fraction(THREE, FOUR))
    assert quotient(6, 1) == Number("6")


leaves = st.sampled_from([A, B, X1, TWO, Number("-3"), Number("0.5")])


def grown(children):
    pair = st.tuples(children, children)
    return st.one_of(
        pair.map(Add),
        pair.map(Times),
        pair.map(lambda two: Times(two, dot=True)),
        pair.map(lambda two: Fraction(*two)),
        children.map(Negative),
        children.map(Bracket),
        children.map(Absolute),
        st.tuples(children, st.sampled_from([TWO, THREE, Number("-1")])).map(lambda two: Power(*two)),
    )


def value(node, names):
    match node:
        case Number(text=text):
            return float(text)
        case Symbol():
            return names[ascii_text(node)]
        case Add(terms=terms):
            return math.fsum(value(term, names) for term in terms)
        case Times(factors=factors):
            return math.prod(value(factor, names) for factor in factors)
        case Fraction(over=over, under=under):
            return value(over, names) / value(under, names)
        case Negative(body=body):
            return -value(body, names)
        case Bracket(body=body):
            return value(body, names)
        case Absolute(body=body):
            return abs(value(body, names))
        case Power(base=base, exponent=exponent):
            return value(base, names) ** value(exponent, names)


NAMES = {"a": 1.37, "b": -0.61, "x_1": 2.93}


@given(st.recursive(leaves, grown, max_leaves=12))
@settings(derandomize=True, max_examples=400, deadline=None)
def test_ascii_text_means_what_the_tree_means(node):
    try:
        wanted = value(node, NAMES)
        # a text of our own making, of numbers and three names
        got = eval(ascii_text(node), {"__builtins__": {}}, NAMES | {"abs": abs})  # noqa: S307
    except (ZeroDivisionError, OverflowError):
        return
    assert got == pytest.approx(wanted, rel=1e-6, abs=1e-9)


@given(st.recursive(leaves, grown, max_leaves=12))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_brackets_are_put_in_once(node):
    for layout in (PAGE, LINE):
        once = bracketed(node, layout)
        assert bracketed(once, layout) == once


def test_tree_exports_every_kind():
    kinds = {name for name, kind in vars(tree).items() if isinstance(kind, type) and issubclass(kind, tree.Math)}
    assert kinds == set(tree.__all__)
