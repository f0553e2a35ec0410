"""Second derivatives: as textbooks print them, and equal to what the engine computes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp

import autodiff as ad
from symdiff.closed_forms.closed_form import ClosedForms
from symdiff.closed_forms.records import General
from symdiff.evaluation.precision import mp
from symdiff.meaning.program import symbolic_program
from symdiff.second_order import SecondOrder, bound_apart, hessian_forms, second_order
from symdiff.sentences import Said
from symdiff.tracing.function_trace import trace_function
from tests.symbolic.cases import CASES, OTHER, ROW, SQUARE, TALL, Case
from tests.symbolic.closed_values import Loops, closed

BY_NAME = {case.name: case for case in CASES}
MOST = 24
"""Elements of one pair that are compared with the engine."""


def hessian(function: Callable[..., Any], **inputs: Any) -> SecondOrder:
    return second_order(closed(function, **inputs))


TEXTBOOK = {
    "mean of squares": {("x", "x"): "2*KroneckerDelta(k, l)/n"},
    "mean squared error": {
        ("W", "W"): "2*Sum(X[i, k]*X[i, l], (i, 1, m))/m",
        ("W", "b"): "2*Sum(X[i, k], (i, 1, m))/m",
        ("b", "b"): "2",
        ("y", "y"): "2*KroneckerDelta(k, l)/m",
    },
    "logistic loss": {
        ("w", "w"): "Sum(exp(z[i])*X[i, k]*X[i, l]/(exp(z[i]) + 1)**2, (i, 1, m))/m",
        ("y", "y"): "0",
    },
    "softmax": {
        ("x", "x"): (
            "(KroneckerDelta(i, k)*KroneckerDelta(k, l) - KroneckerDelta(i, k)*y[l] - KroneckerDelta(i, l)*y[l] - "
            "KroneckerDelta(k, l)*y[i] + 2*y[i]*y[l])*y[k]"
        )
    },
    "log softmax": {("x", "x"): "(-KroneckerDelta(k, l) + p[l])*p[k]"},
    "softmax cross-entropy": {
        ("x", "x"): "(KroneckerDelta(k, l) - p[l])*p[k]*Sum(y[i], (i, 1, n))",
        ("y", "y"): "0",
    },
    "logsumexp": {("x", "x"): "(KroneckerDelta(k, l) - p[l])*p[k]"},
    "Euclidean norm": {("x", "x"): "(y**2*KroneckerDelta(k, l) - x[k]*x[l])/y**3"},
    "variance": {("x", "x"): "2*(KroneckerDelta(k, l) - 1/n)/n"},
    "KL divergence": {
        ("p", "p"): "KroneckerDelta(k, l)/p[k]",
        ("p", "q"): "-KroneckerDelta(k, l)/q[k]",
        ("q", "q"): "KroneckerDelta(k, l)*p[k]/q[k]**2",
    },
    "quadratic form": {("x", "x"): "A[k, l] + A[l, k]", ("A", "A"): "0"},
    "product": {
        ("x", "x"): "(-KroneckerDelta(k, l)/x[k] + 1/x[l])*Product(Piecewise((x[i], Ne(i, k)), (1, True)), (i, 1, n))"
    },
    "determinant": {("A", "A"): "det_A*(A_inv[l, k]*A_inv[r, q] - A_inv[l, q]*A_inv[r, k])"},
    "log of a determinant": {("A", "A"): "-A_inv[l, q]*A_inv[r, k]"},
    "power of two inputs": {
        ("x", "x"): "(y[k] - 1)*KroneckerDelta(k, l)*x[k]**(y[k] - 2)*y[k]",
        ("y", "y"): "log(x[k])**2*KroneckerDelta(k, l)*x[k]**y[k]",
    },
    "layer normalisation": {
        ("x", "x"): (
            "3*(2*KroneckerDelta(k, l)*h[k] - KroneckerDelta(k, l)*Sum(h[i]**3, (i, 1, n))/n - 3*h[k]**2*h[l]/n - "
            "3*h[k]*h[l]**2/n - 2*h[k]/n - 2*h[l]/n + 5*h[k]*h[l]*Sum(h[i]**3, (i, 1, n))/n**2 + 3*h[k]*Sum(h[i]**2, "
            "(i, 1, n))/n**2 + 3*h[l]*Sum(h[i]**2, (i, 1, n))/n**2 + Sum(h[i]**3, (i, 1, n))/n**2)/r**2"
        )
    },
}


@pytest.mark.parametrize("name", TEXTBOOK)
def test_the_general_element_reads_as_in_textbooks(name: str) -> None:
    case = BY_NAME[name]
    general = hessian(case.program, **case.inputs).general
    assert {pair: str(general[pair].expression) for pair in TEXTBOOK[name]} == TEXTBOOK[name]


# --- against the engine ---------------------------------------------------------------------------------------------


def engine(case: Case, first: int, second: int) -> np.ndarray[Any, Any]:
    """The engine's second derivatives, in the shape of the result, of the first and of the second input."""
    values = [np.asarray(value, dtype=float) for value in case.inputs.values()]
    slope = ad.jacobian(case.program, argnums=first)
    return np.asarray(ad.jacobian(slope, argnums=second)(*values))


class KeptLoops(Loops):
    """Loops that remember the elements of named intermediates."""

    def __init__(self, forms: ClosedForms, general: General) -> None:
        super().__init__(forms, general)
        self.kept: dict[Any, Any] = {}

    def indexed(self, name: str, index: tuple[int, ...]) -> Any:
        key = name, index
        if key not in self.kept:
            self.kept[key] = super().indexed(name, index)
        return self.kept[key]


def numbers(forms: ClosedForms, general: General, shape: tuple[int, ...]) -> dict[tuple[int, ...], float]:
    """A spread of elements of a general formula, by plain loops."""
    loops = KeptLoops(forms, general)
    places = list(np.ndindex(*shape))
    step = max(1, len(places) // MOST)
    found = {}
    for at in places[::step] + places[-1:]:
        position = (i + 1 for i, length in zip(at, shape, strict=True) if length != 1)
        found[at] = float(loops(general.expression, dict(zip(general.indices, position, strict=True))))
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_pair_agrees_with_the_engine(case: Case) -> None:
    if case.name == "Huber loss":
        # one of its elements lies on a joint
        case = replace(case, inputs={"x": ROW, "y": OTHER + 0.125})
    found = hessian(case.program, **case.inputs)
    assert not found.unsupported
    assert set(found.general) == {(a, b) for a in case.inputs for b in case.inputs}
    with mp.workprec(80):
        for (first, second), general in found.general.items():
            places = [list(case.inputs).index(name) for name in (first, second)]
            want = engine(case, *places)
            for at, got in numbers(found.closed, general, want.shape).items():
                assert got == pytest.approx(want[at], rel=1e-9, abs=1e-9), (first, second, at)


# --- what else must hold --------------------------------------------------------------------------------------------


def test_from_a_program_alone() -> None:
    graph = trace_function(lambda x: ad.sum(x**3), (), {"x": ROW}).graph
    forms = hessian_forms(symbolic_program(graph))
    assert {pair: str(form.expression) for pair, form in forms.items()} == {("x", "x"): "6*KroneckerDelta(k, l)*x[k]"}


def test_the_program_may_be_any_size() -> None:
    def program(x: Any) -> Any:
        return ad.logsumexp(x)

    small, large = hessian(program, x=ROW), hessian(program, x=np.linspace(-1.0, 1.0, 200_000))
    assert small.general["x", "x"].expression == large.general["x", "x"].expression


def test_a_long_chain_needs_no_deep_stack() -> None:
    def program(x: Any) -> Any:
        for _ in range(300):
            x = ad.sin(x)
        return ad.sum(x)

    began = time.process_time()
    assert hessian(program, x=ROW).unsupported == {("x", "x"): Said("missing.long_program")}
    assert time.process_time() - began < 20


def test_an_input_that_is_not_used_and_one_that_is_linear() -> None:
    found = hessian(lambda x, y: ad.sum(3 * x), x=ROW, y=OTHER).general
    assert {str(form.expression) for form in found.values()} == {"0"}


def test_what_has_no_form_is_named_pair_by_pair() -> None:
    broken = ad.op(meaning=None, vjp=[lambda g, y, x: g * 2.0 * x])(unknown)

    found = hessian(lambda x, y: ad.sum(broken(x)) + ad.sum(y**2), x=ROW, y=OTHER)
    assert ("y", "y") in found.general
    assert found.unsupported["x", "x"] == Said("missing.form", {"operation": "unknown"})


def unknown(x: Any, /) -> Any:
    """An operation without a meaning."""
    return x * x


def test_no_letter_means_two_things() -> None:
    def program(X: Any) -> Any:
        D = X - ad.mean(X, axis=0, keepdims=True)
        return ad.sum((D / ad.sqrt(ad.mean(D * D, axis=0, keepdims=True) + 2.0**-10)) ** 3)

    general = hessian(program, X=TALL).general["X", "X"]
    names = {str(base) for base in general.expression.atoms(sp.IndexedBase)} | {d.name for d in general.definitions}
    letters = {index.name for index in general.indices}
    letters |= {limit[0].name for part in general.expression.atoms(sp.Sum) for limit in part.limits}
    assert not names & letters


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (lambda x: ad.sum(ad.cumsum(x) ** 2), "2*Sum(1, (i, Max(k, l), n))"),
        (
            lambda x: ad.sum(ad.cumprod(x)),
            "(-KroneckerDelta(k, l)*Sum(Product(x[j], (j, 1, i)), (i, k, n))/x[k] + "
            "Sum(Product(x[j], (j, 1, i)), (i, Max(k, l), n))/x[l])/x[k]",
        ),
        # where x is 0 this is 0/0, and says so; the 1 that sinc is there has no derivative of its own
        (
            lambda x: ad.sum(ad.sinc(x)),
            "-(pi*sin(pi*x[k]) - 2*sin(pi*x[k])/(pi*x[k]**2) + 2*cos(pi*x[k])/x[k])*KroneckerDelta(k, l)/x[k]",
        ),
        (
            lambda x: ad.sum(ad.where(x > 0, x**2, x**3)),
            "2*Piecewise((1, x[k] > 0), (3*x[k], True))*KroneckerDelta(k, l)",
        ),
        (lambda x: ad.sum(ad.exp(-3.0 * x)), "9*exp(-3*x[k])*KroneckerDelta(k, l)"),
        (lambda x: ad.sum(ad.sigmoid(x)), ""),
        (lambda x: ad.sum(ad.gelu(x)), ""),
        (lambda x: ad.sum(ad.exp(x) ** 2.5 * ad.cos(x) ** 3), ""),
        (lambda x: ad.sqrt(ad.sum(ad.exp(x)) * ad.sum(x**4) + 1.0), ""),
        (lambda x: ad.sum(2.0 ** (x * x)) * ad.prod(x + 3.0), ""),
    ],
    ids=[
        "running sum",
        "running product",
        "a value at a point",
        "pieces",
        "exponential",
        "logistic",
        "gelu",
        "power",
        "root",
        "bases",
    ],
)
def test_kinds_of_terms(program: Callable[..., Any], expected: str) -> None:
    case = Case("", program, {"x": ROW}, {})
    general = hessian(program, x=ROW).general["x", "x"]
    assert expected in ("", str(general.expression))
    want = engine(case, 0, 0)
    with mp.workprec(80):
        for at, got in numbers(hessian(program, x=ROW).closed, general, want.shape).items():
            assert got == pytest.approx(want[at], rel=1e-9, abs=1e-9)


def test_stacks_of_matrices() -> None:
    stack = np.stack([SQUARE, SQUARE.T + 1.0])
    case = Case("", lambda A: ad.sum(ad.det(A) ** 2), {"A": stack}, {})
    found = hessian(case.program, A=stack)
    want = engine(case, 0, 0)
    with mp.workprec(80):
        got = numbers(found.closed, found.general["A", "A"], want.shape)
    assert max(abs(got[at] - want[at]) for at in got) < 1e-9


def test_bound_letters_give_way_to_names() -> None:
    i, s = (sp.Symbol(name, integer=True, positive=True) for name in "is")
    x = sp.IndexedBase("x", real=True)
    total = sp.Sum(x[s] * x[i], (s, 1, 3))
    assert str(bound_apart(total, {"s", "x"})) == "Sum(x[i]*x[j], (j, 1, 3))"
    assert bound_apart(total, {"x"}) is total


def test_pairs_come_in_both_orders_and_are_symmetric() -> None:
    case = replace(BY_NAME["linear system"], inputs={"A": SQUARE, "b": BY_NAME["linear system"].inputs["b"]})
    found = hessian(case.program, **case.inputs)
    with mp.workprec(80):
        one = numbers(found.closed, found.general["A", "b"], (3, 3, 3))
        other = numbers(found.closed, found.general["b", "A"], (3, 3, 3))
        shared = [at for at in one if (at[2], at[0], at[1]) in other]
        assert shared
        for at in shared:
            assert one[at] == pytest.approx(other[at[2], at[0], at[1]], rel=1e-12)
