"""Quotients as a textbook writes them, and what must stay as it is."""

from __future__ import annotations

import pytest
import sympy as sp

from symdiff.algebra.arithmetic import Arithmetic
from symdiff.algebra.atoms import Element
from symdiff.algebra.forms import Form
from symdiff.algebra.quotients import simplest
from symdiff.tracing.trace import trace
from tests.symbolic.cases import ROW
from tests.symbolic.closed_values import ClosedForms, closed, closed_forms, confirmed, derive, symbolic_program

TEXTBOOK = {
    "x/(1+x)": "1/(x + 1)**2",
    "(x-1)/(x+1)": "2/(x + 1)**2",
    "(1+x)/(1-x)": "2/(1 - x)**2",
    "(2*x+3)/(5*x-7)": "-29/(5*x - 7)**2",
    "sin(x)/cos(x)": "1/cos(x)**2",
    "cos(x)/sin(x)": "-1/sin(x)**2",
    "sinh(x)/cosh(x)": "1/cosh(x)**2",
    "sin(x)/(1+cos(x))": "1/(cos(x) + 1)",
    "(1-cos(x))/sin(x)": "(1 - cos(x))/sin(x)**2",
    "x/sqrt(1+x*x)": "(x**2 + 1)**(-3/2)",
    "sqrt(1+x*x)/x": "-1/(x**2*sqrt(x**2 + 1))",
    "x*sqrt(1-x*x)": "(1 - 2*x**2)/sqrt(1 - x**2)",
    "x/(1+x*x)": "(1 - x**2)/(x**2 + 1)**2",
    "(1-x*x)/(1+x*x)": "-4*x/(x**2 + 1)**2",
    "x*x/(1+x)": "x*(x + 2)/(x + 1)**2",
    "x*x/(1+x*x)": "2*x/(x**2 + 1)**2",
    "x**3/(1+x)**2": "x**2*(x + 3)/(x + 1)**3",
    "x/(1-x)**2": "(x + 1)/(1 - x)**3",
    "x/(x+a)": "a/(a + x)**2",
    "a*x/(x+b)": "a*b/(b + x)**2",
    "(a*x+b)/(b*x+a)": "(a**2 - b**2)/(a + b*x)**2",
    "exp(x)/(1+exp(x))": "exp(x)/(exp(x) + 1)**2",
    "(exp(x)-1)/(exp(x)+1)": "2*exp(x)/(exp(x) + 1)**2",
    "(exp(x)-exp(-x))/(exp(x)+exp(-x))": "4*exp(2*x)/(exp(2*x) + 1)**2",
    "1/(1+1/x)": "1/(x + 1)**2",
    "(x+1/x)/(x-1/x)": "-4*x/(1 - x**2)**2",
    "sqrt(x)/(1+x)": "(1 - x)/(2*sqrt(x)*(x + 1)**2)",
    "x/(1+sqrt(x))": "(sqrt(x) + 2)/(2*(sqrt(x) + 1)**2)",
    "log(x)/x": "(1 - log(x))/x**2",
    "x/log(x)": "(log(x) - 1)/log(x)**2",
    "sin(x)/x": "(x*cos(x) - sin(x))/x**2",
    "log((1+x)/(1-x))": "2/((1 - x)*(x + 1))",
    "arctan((1+x)/(1-x))": "1/(x**2 + 1)",
    "arctanh(x/(1+x))": "1/(2*x + 1)",
}
POINT = {"x": 0.4, "a": 1.7, "b": 0.6}


def forms_of(expression: str) -> ClosedForms:
    names = {str(symbol) for symbol in sp.sympify(expression).free_symbols}
    values = {name: POINT[name] for name in sorted(names)}
    return closed_forms(derive(symbolic_program(trace(expression, (), values, None).graph)))


@pytest.mark.parametrize("expression", TEXTBOOK)
def test_the_quotient_rule_ends_in_one_fraction(expression: str) -> None:
    forms = confirmed(forms_of(expression))
    general = forms.general["x"]
    assert not general.definitions
    want = sp.sympify(TEXTBOOK[expression])
    assert (
        sp.simplify(general.expression.subs({s: sp.Symbol(str(s)) for s in general.expression.free_symbols}) - want)
        == 0
    )
    assert sp.count_ops(general.expression) <= sp.count_ops(want)


def test_so_it_does_for_every_element() -> None:
    general = confirmed(closed(lambda x: (x / (1 + x)).sum(), x=ROW + 2)).general["x"]
    assert str(general.expression) == "(x[k] + 1)**(-2)"


def test_a_mean_keeps_its_line() -> None:
    general = closed(lambda x: ((x - x.mean()) ** 2).mean() * 3, x=ROW).general["x"]
    assert "(n**" not in str(general.expression)
    assert "n*" not in str(general.expression)


@pytest.fixture
def letters() -> tuple[Form, Form]:
    algebra = Arithmetic()
    x, y = (algebra.make(Element, "value", name, ()) for name in "xy")
    return x, y


def test_nothing_is_put_together_that_is_longer_so(letters: tuple[Form, Form]) -> None:
    x, y = letters
    form = x / (y + 1) + y / (x + 1)
    assert simplest(form) is form


def test_what_is_below_a_line_may_cancel(letters: tuple[Form, Form]) -> None:
    x, y = letters
    assert simplest(x * x / (x - y) - y * y / (x - y)).cost == (x + y).cost


def test_a_form_too_long_to_read_is_left_alone(letters: tuple[Form, Form]) -> None:
    x, y = letters
    form = x.algebra.total((x**k) / (y + k) for k in range(1, 40))
    assert simplest(form).cost == form.cost
