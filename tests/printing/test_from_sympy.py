"""sympy's expressions as people write them."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symdiff.printing.ascii import ascii_text
from symdiff.printing.from_sympy import from_sympy
from symdiff.printing.latex import latex
from symdiff.printing.mathml import mathml
from symdiff.printing.plain import plain
from symdiff.printing.tree import Fraction, Number, Symbol

x, y, k, i, j, a, b, e, p = sp.symbols("x y k i j a b e p", real=True)
x1, x2, x10, mu = sp.symbols("x_1 x_2 x_10 mu", real=True)
n = sp.Symbol("n", integer=True, positive=True)
X, W = sp.IndexedBase("x", real=True), sp.IndexedBase("W", real=True)

WRITTEN = [
    (x1 / 2, "x₁/2"),
    (2 * X[k] / n, "2xₖ/n"),
    (2 * X[k] * sp.KroneckerDelta(i, k), "2xₖδ_{i,k}"),
    ((x1 + x2 + x10) / 4, "(x₁ + x₂ + x₁₀)/4"),
    (x + 1, "x + 1"),
    (x**2 + 2 * x + 1, "x² + 2x + 1"),
    (1 + sp.exp(x), "1 + e^x"),
    (1 - sp.tanh(x) ** 2, "1 − tanh²(x)"),
    (1 / (1 + x**2), "1/(1 + x²)"),
    (x - mu, "x − μ"),
    (y - x, "y − x"),
    (-x - y, "−x − y"),
    (p * (1 - p), "p (1 − p)"),
    (sp.sqrt(x), "√x"),
    (1 / sp.sqrt(x), "1/√x"),
    (x ** sp.Rational(1, 3), "³√x"),
    (x ** sp.Rational(3, 2), "x^(3/2)"),
    (x**-2, "1/x²"),
    (x**-a, "1/x^a"),
    (a * x ** (a - 1), "ax^(a − 1)"),
    (sp.Rational(-3, 4) * x, "−3x/4"),
    (sp.Float(0.1) * x, "0.1x"),
    (e * sp.exp(x), "e exp(x)"),
    (sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi), "√2 e^(−x²/2)/(2√π)"),
    (sp.Sum(X[i] ** 2, (i, 1, n)) / n, "(1/n) ∑_{i=1..n} xᵢ²"),
    (sp.Sum(W[i, k] * X[i], (i, 1, n), (k, 1, 3)), "∑_{k=1..3} ∑_{i=1..n} W_{i,k}xᵢ"),
    (sp.Product(X[i], (i, 1, n)), "∏_{i=1..n} xᵢ"),
    (W[i + 1, 2], "W_{i + 1,2}"),
    (sp.Piecewise((x, x > 0), (0, True)), "{ x, x > 0; 0, otherwise }"),
    (sp.And(x > 0, x <= 1), "x > 0 ∧ x ≤ 1"),
    (sp.Max(x, y), "max(x, y)"),
    (sp.atan2(y, x), "arctan2(y, x)"),
    (sp.asinh(x), "arsinh(x)"),
    (sp.Abs(x), "|x|"),
    (sp.gamma(x), "Γ(x)"),
    (sp.polygamma(0, x), "ψ(x)"),
    (sp.Derivative(sp.Function("f")(x), x), "∂f(x)/∂x"),
    (sp.Matrix([[1, x], [y, 2]]), "[[1, x], [y, 2]]"),
    (sp.oo, "∞"),
    (-sp.oo, "−∞"),
    (sp.nan, "nan"),
    (sp.Symbol("W_{2,3}"), "W_{2,3}"),
    (sp.Symbol("loss_fn"), "loss_fn"),
    (3, "3"),
    (0.5, "0.5"),
]


@pytest.mark.parametrize(("expression", "written"), WRITTEN, ids=[row[1] for row in WRITTEN])
def test_is_written_so(expression, written):
    node = from_sympy(expression)
    assert plain(node) == written
    assert mathml(node).startswith("<math>")
    assert latex(node)


def test_names_say_how_symbols_bases_and_expressions_are_written():
    names = {x: Symbol("sigma"), sp.IndexedBase("x", real=True): Symbol("beta"), y + 1: Symbol("u")}
    assert plain(from_sympy(x * X[k], names)) == "β" + "ₖσ"
    assert plain(from_sympy(sp.Mul(2, y + 1, evaluate=False), names)) == "2u"
    assert from_sympy(x, {x: Fraction(Number("1"), Number("2"))}) == Fraction(Number("1"), Number("2"))


def test_a_user_variable_called_e_is_not_the_base_of_the_exponential():
    assert "exp(x)" in plain(from_sympy(e * sp.exp(x)))
    assert "exp(x)" in plain(from_sympy(sp.Symbol("s0") * sp.exp(x), {sp.Symbol("s0"): Symbol("e")}))


def test_the_contracts_own_strings():
    assert ascii_text(from_sympy(2 * X[k] / n)) == "2*x_k/n"
    assert ascii_text(from_sympy(X[1] / 2)) == "x_1/2"
    assert ascii_text(from_sympy(W[2, 3])) == "W_{2,3}"


def test_a_thousand_terms_stay_in_order():
    terms = [sp.Symbol(f"x_{place}") for place in range(1, 1001)]
    written = plain(from_sympy(sp.Add(*terms)))
    assert written.startswith("x₁ + x₂ + x₃")
    assert written.endswith("x₁₀₀₀")


atoms = st.sampled_from([x, y, sp.Integer(2), sp.Rational(1, 3), sp.Integer(-1), sp.pi])


def grown(children):
    pair = st.tuples(children, children)
    return st.one_of(
        pair.map(lambda two: two[0] + two[1]),
        pair.map(lambda two: two[0] * two[1]),
        pair.map(lambda two: two[0] / (two[1] ** 2 + 2)),
        children.map(lambda one: sp.sqrt(one**2 + 1)),
        children.map(lambda one: sp.exp(-(one**2))),
        children.map(sp.tanh),
        children.map(lambda one: (one**2 + 1) ** sp.Rational(-3, 2)),
    )


@given(st.recursive(atoms, grown, max_leaves=8))
@settings(derandomize=True, max_examples=150, deadline=None)
def test_ascii_text_reads_back_as_the_same_function(expression):
    again = sp.sympify(ascii_text(from_sympy(expression)), locals={"x": x, "y": y})
    point = {x: sp.Rational(7, 10), y: sp.Rational(-13, 10)}
    got, wanted = again.subs(point).evalf(20), expression.subs(point).evalf(20)
    assert abs(got - wanted) <= abs(wanted) * sp.Float("1e-12") + sp.Float("1e-12")
