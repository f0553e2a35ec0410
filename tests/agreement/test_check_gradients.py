"""Gradients that a caller wrote, in every form that they come in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from symdiff import FunctionError, InputError, check_gradients

RNG = np.random.default_rng(7)
W, B, X, Y = RNG.normal(size=3), 0.5, RNG.normal(size=(5, 3)), RNG.normal(size=5)


def loss(W: Any, b: Any, X: Any, y: Any) -> Any:
    return np.mean((X @ W + b - y) ** 2)


def by_hand(W: Any, b: Any, X: Any, y: Any) -> tuple[Any, ...]:
    r = X @ W + b - y
    return 2 * X.T @ r / 5, 2 * r.mean(), np.outer(2 * r / 5, W), -2 * r / 5


def test_our_engine_and_a_gradient_by_hand() -> None:
    assert check_gradients(loss, W, B, X, Y).verdict == "agree"
    assert check_gradients(loss, W, B, X, Y, gradient=by_hand).verdict == "agree"


def test_the_failure_names_input_index_got_and_wanted() -> None:
    def wrong(*args: Any) -> list[Any]:
        found = [np.array(each) for each in by_hand(*args)]
        found[2][3, 1] *= 1.5
        return found

    report = check_gradients(loss, W, B, X, Y, gradient=wrong)
    assert report.verdict == "disagree"
    assert report.worst is not None
    assert (report.worst.input, report.worst.index) == ("X", (3, 1))
    assert report.worst.got == pytest.approx(1.5 * report.worst.want)
    with pytest.raises(AssertionError, match=r"worst element: X\[3, 1\]: got .*, wanted ") as caught:
        report.raise_on_disagreement()
    assert "X[3, 1]" in str(caught.value)
    assert "rounding explains" in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        [[1.0, 2.0], [3.0, 4.0]],
        ([[1.0, 2.0], [3.0, 4.0]],),
        np.array([[1, 2], [3, 4]]),
        {"x": [[1.0, 2.0], [3.0, 4.0]]},
        lambda x: [[1.0, 2.0], [3.0, 4.0]],
    ],
    ids=["lists", "tuple", "integers", "by name", "function"],
)
def test_one_gradient_in_any_form(given: Any) -> None:
    weights = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert check_gradients(lambda x: np.sum(x * weights), np.ones((2, 2)), gradient=given).verdict == "agree"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (np.ones(3), r"gradient by x has shape \(3,\), and x has shape \(3, 1\); return one of shape \(3, 1\)"),
        (1.0, r"has shape \(\), and x has shape \(3, 1\)"),
        ([[1.0], [2.0]], r"\(2, 1\)"),
        ("one", "is no array of numbers"),
        ({"z": 1.0}, "has no x"),
    ],
)
def test_a_wrong_shape_is_refused_and_never_broadcast(given: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        check_gradients(lambda x: np.sum(x), np.ones((3, 1)), gradient=given)


def test_one_gradient_for_two_inputs_is_refused() -> None:
    with pytest.raises(InputError, match="for 4 inputs: W, b, X, y"):
        check_gradients(loss, W, B, X, Y, gradient=np.ones(3))


def test_nan_fails() -> None:
    report = check_gradients(lambda x: np.sum(x * x), np.ones(3), gradient=[2.0, np.nan, 2.0])
    assert report.verdict == "disagree"
    assert report.worst is not None
    assert report.worst.index == (1,)
    assert "got nan" in report.failure()


def test_a_gradient_that_raises_is_named_with_its_shapes() -> None:
    def broken(x: Any) -> Any:
        raise KeyError("weights")

    with pytest.raises(FunctionError, match=r"gradient broken raised KeyError.*x of shape \(2,\)") as caught:
        check_gradients(lambda x: np.sum(x), [1.0, 2.0], gradient=broken)
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_gradient_cannot_change_what_is_checked() -> None:
    x = np.array([1.0, 2.0])

    def greedy(x: Any) -> Any:
        x *= 2
        return x

    assert check_gradients(lambda x: np.sum(x * x), x, gradient=greedy).verdict == "agree"
    assert x.tolist() == [1.0, 2.0]


def test_a_reference_is_the_truth_of_what_cannot_be_traced() -> None:
    x = np.array([0.3, -0.4])
    report = check_gradients(None, x, reference=lambda x: np.sum(x**3), gradient=3 * x**2)  # type: ignore[arg-type]
    assert report.verdict == "agree"
    report = check_gradients(lambda x: np.sum(x**2), x, reference=lambda x: np.sum(x**3))
    assert report.verdict == "disagree"


def test_an_array_result_has_the_results_shape_in_front() -> None:
    x = np.array([1.0, 2.0, 3.0])
    assert check_gradients(lambda x: x * x, x, gradient=np.diag(2 * x)).verdict == "agree"
    with pytest.raises(InputError, match=r"the result's shape \(3,\) in front"):
        check_gradients(lambda x: x * x, x, gradient=2 * x)


def test_a_jacobian_that_is_too_large_is_refused_with_advice() -> None:
    with pytest.raises(InputError, match="sum or mean"):
        check_gradients("x * x", at={"x": np.ones(1000)})


def _network(params, x, scale):
    h = x
    for W, b in params:
        h = np.tanh(h @ W + b)
    return np.sum(h) * scale["s"]


NETWORK = (
    [(np.full((2, 2), 0.3), np.zeros(2)), (np.ones((2, 1)), np.array([0.5]))],
    np.array([[1.0, 2.0], [3.0, -1.0]]),
    {"s": 2.0, "name": "n"},
)


def test_containers_are_inputs_by_their_leaves():
    report = check_gradients(_network, *NETWORK)
    assert report.verdict == "agree"
    assert list(report.inputs) == [
        "params[0][0]", "params[0][1]", "params[1][0]", "params[1][1]", "x", 'scale["s"]',
    ]  # fmt: skip
    assert list(check_gradients(_network, *NETWORK, wrt=["params"]).inputs) == list(report.inputs)[:4]


def test_a_gradient_of_containers_is_judged_by_its_leaves():
    all_of = ad.grad(_network, argnums=(0, 1, 2))
    assert check_gradients(_network, *NETWORK, gradient=all_of).verdict == "agree"
    wrong = all_of(*NETWORK)
    wrong[0][0][0][0, 1] *= 2.0
    report = check_gradients(_network, *NETWORK, gradient=wrong)
    assert report.verdict == "disagree"
    assert report.worst.input == "params[0][0]"
    assert report.worst.index == (0, 1)


def test_a_gradient_is_called_with_all_that_the_function_was():
    def loss(x, kind, options):
        return np.sum(x**3 if kind == "cubes" else x**2) * options["factor"]

    def by_hand(x, kind, options):
        assert kind == "cubes"
        return 3 * x**2 * options["factor"], np.sum(x**3)

    given = (np.array([1.0, 2.0]), "cubes", {"factor": 2.0, "name": "n"})
    assert check_gradients(loss, *given, gradient=by_hand).verdict == "agree"


def test_second_derivatives_of_every_pair_of_inputs() -> None:
    report = check_gradients(
        lambda x, A: ad.sum(ad.tanh(A @ x) * x**2), np.array([0.3, -1.2]), np.array([[1.0, 2.0], [-1.0, 0.5]]), order=2
    )
    assert list(report.inputs) == ["x", "A", "x, x", "x, A", "A, x", "A, A"]
    assert report.inputs["x, A"].automatic.shape == (2, 2, 2)
    assert report.verdict == "agree"


def test_second_derivatives_that_are_given() -> None:
    x = np.array([0.3, -1.2])
    assert check_gradients("sum(x**3)", at={"x": x}, order=2, gradient=np.diag(6 * x)).verdict == "agree"
    wrong = check_gradients(lambda x: ad.sum(x**3), x, order=2, gradient=np.diag(7 * x))
    assert {name: str(each.verdict) for name, each in wrong.inputs.items()} == {"x": "agree", "x, x": "disagree"}


def test_what_has_no_second_derivatives_to_check_is_refused() -> None:
    x = np.ones(2)
    for function, args, order, words in (
        (lambda x: x * x, (x,), 2, "of a scalar"),
        (lambda p: ad.sum(p["x"]), ({"x": x},), 2, "part of a container"),
        (lambda x: ad.sum(x), (x,), 3, "of order 1 or 2"),
    ):
        with pytest.raises(InputError, match=words):
            check_gradients(function, *args, order=order)
