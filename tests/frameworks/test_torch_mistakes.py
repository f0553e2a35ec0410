"""Backward passes with one mistake each: the text of the failure alone leads to it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import symdiff
from tests.frameworks import installed
from tests.frameworks.torch_mistakes import MISTAKES, Function, Mistake, Softmax, Square, W, X, t

torch = installed("torch")


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.culprit)
def test_the_failure_leads_to_the_mistake(mistake: Mistake) -> None:
    report = symdiff.check_gradients(mistake.function, *mistake.tensors)
    with pytest.raises(AssertionError) as caught:
        report.raise_on_disagreement()
    text = str(caught.value)
    assert f"{mistake.culprit} (torch_mistakes.py:" in text
    assert mistake.line in text.partition("whose backward pass returns at torch_mistakes.py:")[2].splitlines()[0]
    assert mistake.says in text


def test_most_mistakes_are_named_and_not_only_placed() -> None:
    assert len(MISTAKES) >= 20
    assert sum(bool(mistake.says) for mistake in MISTAKES) >= 16


class Exp(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        y = torch.exp(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (y,) = ctx.saved_tensors
        return g * y


class Cube(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return 2 * g * x**2


cube = Cube.apply


def network(x: Any, w: Any) -> Any:
    h = Exp.apply(x @ w)
    r = cube(h)
    return Exp.apply(-r).mean()


def test_of_three_functions_the_wrong_one_is_named_with_its_lines() -> None:
    report = symdiff.check_gradients(network, t(0.5, -1.0, 0.25), W)
    blame = report.blame
    assert report.verdict == "disagree"
    assert blame is not None
    lines, first = inspect.getsourcelines(network)
    called = first + next(k for k, line in enumerate(lines) if "cube(h)" in line)
    assert (blame.operation, blame.place, blame.source) == (
        "Cube",
        f"test_torch_mistakes.py:{called}",
        "r = cube(h)",
    )
    assert blame.written_source == "return 2 * g * x**2"
    assert "Cube: the gradient by x is 0.666666667 times what it should be" in report.failure()


def test_a_right_function_is_not_blamed_for_what_a_hook_does() -> None:
    def hooked(x: Any) -> Any:
        y = Exp.apply(x)
        y.register_hook(lambda g: 2 * g)
        return y.sum()

    report = symdiff.check_gradients(hooked, X)
    assert (report.verdict, report.blame) == ("disagree", None)
    assert "the gradient by x is twice as large as it should be" in report.failure()


@pytest.mark.parametrize(
    "function", [lambda x: Softmax.apply(x).sum() * 0, lambda x: Exp.apply(x).detach().sum() + x.sum()]
)
def test_what_the_result_does_not_depend_on_is_right(function: Callable[..., Any]) -> None:
    assert symdiff.check_gradients(function, X).verdict == "agree"


def test_a_function_is_judged_beyond_the_point_it_is_used_at() -> None:
    ones = symdiff.check_gradients(lambda x: Square.apply(x).sum(), torch.zeros(3))
    assert (ones.verdict, ones.ok) == ("agree", False)
    assert "not that of Square" in ones.failure()
    assert "Square: the gradient by x is half of what it should be" in ones.failure()


def test_a_result_is_multiplied_by_a_cotangent_that_is_called_g() -> None:
    report = symdiff.check_gradients(Softmax.apply, X, cotangent=t(1.0, 2.0, 3.0, 4.0))
    assert "gᵢpᵢ" in report.failure()


def test_a_backward_that_gives_another_answer_along_the_same_graph_is_told() -> None:
    class Spent(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.twice = 2 * x.detach()
            return x * x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            found = g * ctx.twice
            ctx.twice.mul_(2.0)
            return found

    report = symdiff.check_gradients(lambda x: Spent.apply(x).sum(), X)
    assert (report.verdict, report.ok) == ("agree", False)
    assert "Spent: second call: the gradient is another one" in report.failure()
