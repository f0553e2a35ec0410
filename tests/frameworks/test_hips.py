"""Functions of HIPS autograd's: told apart by what they call, judged by its own gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symdiff
from symdiff.errors import FunctionError, InputError
from symdiff.frameworks.recognising import framework_of
from tests.frameworks import installed

autograd = installed("autograd")

import autograd.numpy as anp  # noqa: E402 - it may not be installed
from autograd.extend import defvjp, primitive  # noqa: E402
from autograd.numpy import mean  # noqa: E402
from autograd.scipy.special import logsumexp  # noqa: E402

X = np.array([0.5, -1.25, 2.0, 0.75])


def mean_of_squares(x: Any) -> Any:
    y = x * x
    return anp.mean(y)


def test_the_notes_lines_are_checked_in_three() -> None:
    report = symdiff.check_gradients(mean_of_squares, np.arange(4.0))
    assert (report.verdict, report.judged) == ("agree", "HIPS autograd")
    assert report.inputs["x"].automatic.tolist() == [0.0, 0.5, 1.0, 1.5]


def test_names_and_formulas_are_those_of_the_function() -> None:
    explanation = symdiff.explain(mean_of_squares, [0, 1, 2, 3])
    assert str(explanation.general["x"]) == "2*x[k]/n"
    assert [node.name for node in explanation.explained.evidence.traced.graph.nodes] == ["x", "y", None]


@pytest.mark.parametrize(
    ("function", "framework"),
    [
        (mean_of_squares, "autograd"),
        (lambda x: mean(x * x), "autograd"),
        (anp.tanh, "autograd"),
        (lambda x: np.mean(x * x), None),
        (lambda x: (x * x).mean(), None),
    ],
    ids=["module", "function of it", "itself", "numpy", "methods alone"],
)
def test_a_function_is_its_where_it_calls_it(function: Any, framework: str | None) -> None:
    assert framework_of(function, iter([X])) == framework


def test_where_it_cannot_be_seen_its_gradient_is_given() -> None:
    def methods_alone(x: Any) -> Any:
        return (x * x).mean()

    assert symdiff.check_gradients(methods_alone, X).judged != "HIPS autograd"
    assert symdiff.check_gradients(methods_alone, X, gradient=autograd.grad(methods_alone)).verdict == "agree"


def layers(params: Any, x: Any) -> Any:
    hidden = anp.tanh(anp.dot(x, params["W"]) + params["b"])
    return anp.sum(anp.concatenate([hidden, hidden**2], axis=1)) + anp.linalg.norm(params["W"])


def joined(x: Any) -> Any:
    return anp.sum(anp.array([x[0], x[1] ** 2]) * anp.stack([x[2], x[3]])) + anp.sum(anp.append(x, x[:2]) ** 3)


FUNCTIONS = {
    "perceptron": (layers, ({"W": np.ones((2, 3)), "b": X[:3]}, X.reshape(2, 2))),
    "joins": (joined, (X,)),
    "scipy": (lambda x: logsumexp(x), (X,)),
    "scipy, along an axis": (lambda x: anp.sum(logsumexp(x, axis=1) ** 2), (X.reshape(2, 2),)),
    "where": (lambda x: anp.sum(anp.where(x > 0, x * x, anp.exp(x))), (X,)),
    "if": (lambda x: anp.sum(x) if x[0] > 0 else anp.prod(x), (X,)),
    "einsum": (lambda x: anp.einsum("i,j->ij", x, x), (X,)),
    "several results": (lambda x: (anp.sin(x), anp.sum(x)), (X,)),
    "float32": (mean_of_squares, (X.astype(np.float32),)),
    "cast": (lambda x: anp.sum(x.astype(np.float32) ** 2), (X,)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_its_gradient_is_right(name: str) -> None:
    function, args = FUNCTIONS[name]
    report = symdiff.check_gradients(function, *args)
    assert report.judged == "HIPS autograd"
    assert report.verdict in ("agree", "imprecise"), report.failure()


def test_a_kink() -> None:
    assert symdiff.check_gradients(lambda x: anp.sum(anp.maximum(x, 0.0)), np.array([0.0, 1.0])).verdict == "kink"


@primitive
def scaled(v: Any, factor: Any) -> Any:
    return v * factor


defvjp(
    scaled,
    lambda ans, v, factor: lambda g: g * factor,
    lambda ans, v, factor: lambda g: 2 * g * v,
)


@primitive
def through_bytes(x: Any) -> Any:
    return np.frombuffer(np.asarray(x, dtype=float).tobytes()) ** 2


defvjp(through_bytes, lambda ans, x: lambda g: 2 * g * x)


def test_a_primitive_with_a_mistake_is_blamed() -> None:
    report = symdiff.check_gradients(lambda x, w: anp.sum(anp.sin(scaled(x, w))), X, np.abs(X))
    assert report.verdict == "disagree"
    assert report.blame is not None
    assert (report.blame.operation, report.blame.operand) == ("scaled", "factor")
    assert "scaled: the gradient by factor is twice as large as it should be" in report.failure()
    assert report.blame.place.startswith("test_hips.py:")


def test_a_primitive_itself_has_the_parameters_of_what_it_wraps() -> None:
    report = symdiff.check_gradients(scaled, X, 2.0, wrt=["v"])
    assert (report.of, report.verdict) == ("scaled(v, factor)", "agree")


def test_a_primitive_that_takes_no_tensors_is_unsupported_by_name() -> None:
    def loss(x: Any) -> Any:
        return anp.sum(through_bytes(x) * x)

    report = symdiff.check_gradients(loss, X)
    assert (report.verdict, report.unsupported) == ("unsupported", ("through_bytes",))
    assert symdiff.check_gradients(loss, X, reference=lambda x: np.sum(x**3)).verdict == "agree"


def test_joins_are_autograds_own_again_afterwards() -> None:
    before = anp.concatenate_args, anp.array_from_args
    symdiff.check_gradients(joined, X)
    assert (anp.concatenate_args, anp.array_from_args) == before
    assert autograd.grad(joined)(X).shape == X.shape


def test_errors_are_told_in_one_line() -> None:
    with pytest.raises(FunctionError, match="raises ValueError at x of shape"):
        symdiff.check_gradients(lambda x: anp.dot(x, anp.ones(3)), X)
    with pytest.raises(InputError, match=r"gradient=autograd\.hessian"):
        symdiff.check_gradients(mean_of_squares, X, order=2)
