"""Python functions -> Graph: names of parameters and variables, whole numbers, conditions, and what is refused."""

from __future__ import annotations

import contextlib
import functools
import io
import operator
import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from symdiff.errors import FunctionError, InputError
from symdiff.tracing.function_trace import at_of, trace_function
from symdiff.tracing.trace import Traced, trace

X = np.array([0.5, 2.0, -1.5])


def names_of(traced: Traced) -> list[str]:
    return [node.name for node in traced.graph.nodes if node.name and node.op]


def perceptron(x: Any, W: Any, b: Any, V: Any) -> Any:
    hidden = np.tanh(W @ x + b)
    scores = V @ hidden
    p = np.exp(scores) / np.sum(np.exp(scores))
    loss = -np.log(p[0])
    return loss  # noqa: RET504 - its name is what is tested


def test_a_function_of_numpy_with_its_authors_names() -> None:
    traced = trace_function(perceptron, [X, np.ones((2, 3)), [0.1, 0.2], np.eye(2)])
    assert tuple(traced.graph.inputs) == ("x", "W", "b", "V")
    assert traced.graph.wrt == ("x", "W", "b", "V")
    assert names_of(traced) == ["hidden", "scores", "p", "loss"]
    assert traced.graph.text == "perceptron(x, W, b, V)"
    assert traced.graph.nodes[traced.graph.result].value == pytest.approx(
        perceptron(X, np.ones((2, 3)), np.array([0.1, 0.2]), np.eye(2))
    )


def test_names_of_nested_functions_where_they_are_unambiguous() -> None:
    def layer(t: Any) -> Any:
        inner = t * t
        return inner + 1

    def once(x: Any) -> Any:
        out = layer(x)
        return np.sum(out)

    def twice(x: Any) -> Any:
        return layer(layer(x))

    assert names_of(trace_function(once, [X])) == ["inner", "out"]
    assert "inner" not in names_of(trace_function(twice, [X]))


def test_a_name_given_to_two_values_names_neither() -> None:
    def rebinding(x: Any) -> Any:
        x = x * 2
        y = x + 1
        return y  # noqa: RET504 - as above

    assert names_of(trace_function(rebinding, [X])) == ["y"]


class Model:
    scale = 3.0

    def loss(self, w: Any) -> Any:
        return np.sum(w * self.scale)

    def __call__(self, w: Any) -> Any:
        return np.sum(w)


class Unsigned:
    """Has no signature to read, as builtins have none."""

    @property
    def __signature__(self) -> None:
        raise ValueError("no signature")

    def __call__(self, *args: Any) -> Any:
        return args[0] * args[1]


def starred(x: Any, *rest: Any) -> Any:
    return x + rest[0] * rest[1]


def with_options(x: Any, axis: int = 0, kind: str = "sum") -> Any:
    return np.sum(x, axis=axis) if kind == "sum" else np.mean(x, axis=axis)


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "names"),
    [
        (lambda x: x * x, [X], {}, ["x"]),
        (lambda x, y: x * y, [X], {"y": 2.0}, ["x", "y"]),
        (np.tanh, [X], {}, ["x"]),
        # what has no signature calls its one argument x; from Python 3.13 on this one has
        (operator.attrgetter("T"), [X], {}, ["obj" if sys.version_info >= (3, 13) else "x"]),
        (Unsigned(), [X, X], {}, ["x_1", "x_2"]),
        (ad.tanh, [X], {}, ["x"]),
        (Model().loss, [X], {}, ["w"]),
        (Model(), [X], {}, ["w"]),
        (functools.partial(starred, 2.0), [X, X], {}, ["rest_1", "rest_2"]),
        (starred, [X, 2.0, 3.0], {}, ["x", "rest_1", "rest_2"]),
        (with_options, [X], {"kind": "mean"}, ["x"]),
        (lambda pair: pair[0] * pair[1], [[2.0, 3.0]], {}, ["pair"]),
    ],
)
def test_inputs_by_the_names_of_the_parameters(
    function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any], names: list[str]
) -> None:
    assert list(trace_function(function, args, kwargs).graph.inputs) == names


def test_whole_numbers_become_floats_but_for_what_only_indexes() -> None:
    traced = trace_function(lambda W, i: np.sum(W[i] ** 2), [[[1, 2], [3, 4]], [0, 1, 1]])
    assert traced.graph.wrt == ("W",)
    assert traced.tensors["W"].dtype == np.float64
    assert traced.tensors["i"].dtype == np.int64
    traced = trace_function(lambda x, axis: np.sum(x**20, axis=axis), [[[10, 1]], 0])
    assert traced.graph.wrt == ("x",)
    assert traced.result.tolist() == [1e20, 1.0]
    assert trace_function(lambda n, m: n * m, [2, 3]).graph.wrt == ("n", "m")


def test_masks_and_options_are_passed_on() -> None:
    traced = trace_function(lambda x, m, flip: np.sum(np.where(m, x, 0)) * (-1 if flip else 1), [X, X > 0, True])
    assert traced.graph.wrt == ("x",)
    assert traced.result.item() == -2.5


def test_conditions_are_recorded() -> None:
    def branch(x: Any) -> Any:
        if x > 1:
            return x * 2
        return x * 3

    (condition,) = trace_function(branch, [2.0]).graph.conditions
    graph = trace_function(branch, [0.5]).graph
    assert condition.taken
    assert not graph.conditions[0].taken
    assert graph.nodes[graph.conditions[0].node].op.name == "greater"
    assert graph.nodes[graph.result].op.name == "multiply"


def test_a_result_that_does_not_depend_on_the_input_is_allowed_and_noted() -> None:
    traced = trace_function(lambda x: 3.0, [X])
    assert traced.result.item() == 3.0
    assert [note.kind for note in traced.graph.notes] == ["independent"]


def test_printing_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    def chatty(x: Any) -> Any:
        print("called")
        return x * 2

    trace_function(chatty, [X])
    assert capsys.readouterr() == ("", "called\n")
    assert "print" not in globals()
    trace_function(chatty, [np.arange(3)])  # whole numbers are tried first
    assert capsys.readouterr() == ("", "called\n")


def test_a_function_may_catch_what_it_prints_itself(capsys: pytest.CaptureFixture[str]) -> None:
    caught = io.StringIO()

    def careful(x: Any) -> Any:
        print("to a file", file=caught)
        with contextlib.redirect_stdout(caught):
            print("caught")
        return x * 2

    trace_function(careful, [X])
    assert capsys.readouterr() == ("", "")
    assert caught.getvalue().startswith("to a file\ncaught\n")


def test_what_is_printed_before_a_function_raises_is_seen_once(capsys: pytest.CaptureFixture[str]) -> None:
    def fails(x: Any) -> Any:
        print("so far")
        raise ValueError

    for x in (X, np.arange(3)):
        with pytest.raises(FunctionError):
            trace_function(fails, [x])
        assert capsys.readouterr() == ("", "so far\n")


def unlucky(x: Any) -> Any:
    return x * random.random()


class Counter:
    count = 0

    def __call__(self, x: Any) -> Any:
        self.count += 1
        return x * self.count


def mutating(x: Any) -> Any:
    x[0] = 5.0
    return x * 2


FILLED = np.zeros(3)


def fills(x: Any) -> Any:
    FILLED[0] = x[0]
    return FILLED


@pytest.mark.parametrize(
    ("function", "args", "words"),
    [
        (unlucky, [X], "two different values"),
        (Counter(), [X], "two different values"),
        (lambda x: None, [X], "returns nothing"),
        (lambda x: (x, x), [X], "returns a tuple of 2"),
        (lambda x: [x], [X], "returns a list of 1"),
        (lambda x: "text", [X], "returns str"),
        (lambda x: x > 0, [X], "mask"),
        (lambda x: x, [], "the parameter x has no value"),
        (lambda x: x, [X, X], "takes 1 arguments, and 2"),
        (lambda x: x, [None], "no argument is a number"),
        (lambda x: x, [np.zeros((0,))], "no elements"),
        (lambda x: x, [[[1, 2], [3]]], "row 0 has length 2"),
        ("not a function", [X], "not by place"),
        (3, [X], "not int"),
    ],
)
def test_refused(function: Any, args: list[Any], words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        trace(function, args)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("function", "words"), [(mutating, "cannot be assigned"), (fills, "stack|where|float")])
def test_what_would_lose_the_gradient_says_the_way_out(function: Callable[..., Any], words: str) -> None:
    with pytest.raises(FunctionError, match=words):
        trace_function(function, [X])
    assert X[0] == 0.5


def test_an_exception_of_the_users_comes_with_their_own_traceback() -> None:
    def failing(x: Any) -> Any:
        raise ValueError("not today")

    with pytest.raises(
        FunctionError, match=r"failing\(x\) raises ValueError at x of shape \(3,\): not today"
    ) as caught:
        trace_function(failing, [X])
    cause = caught.value.__cause__
    assert isinstance(cause, ValueError)
    frames = [] if cause.__traceback__ is None else [cause.__traceback__]
    while frames[-1].tb_next is not None:
        frames.append(frames[-1].tb_next)
    assert frames[-1].tb_frame.f_code.co_name == "failing"


def test_values_by_name() -> None:
    def f(x: Any, /, w: Any, b: Any = 0.0) -> Any:
        return x * w + b

    assert at_of(f, {"w": 2.0, "x": 3.0}) == ((3.0,), {"w": 2.0})
    assert trace(f, at={"w": 2.0, "x": 3.0}).result.item() == 6.0
    with pytest.raises(InputError, match="no parameter v; it takes b, w, x"):
        at_of(f, {"x": 1, "w": 1, "v": 1})
    with pytest.raises(InputError, match="the parameter w has no value"):
        at_of(f, {"x": 1})


def test_the_profiler_that_was_there_is_put_back() -> None:
    import sys

    def profiler(*_: object) -> None: ...

    sys.setprofile(profiler)
    try:
        trace_function(lambda x: x * 2, [X])
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(None)


class OfTheirOwn(BaseException):
    """What a user's function may raise as well."""


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OfTheirOwn("stop"), "raises OfTheirOwn at x of shape (3,): stop"),
        (Unspeakable(), "raises Unspeakable at x of shape (3,): (its message cannot be shown: __str__ raises Runtime"),
        (GeneratorExit(), "raises GeneratorExit"),
        (SystemExit(3), "raises SystemExit at x of shape (3,): 3"),
        (ValueError("\x1b[31mred\nand \x07"), r"raises ValueError at x of shape (3,): \x1b[31mred and \x07"),
        (ValueError("long " * 10_000), "raises ValueError"),
        (RecursionError(), "raises RecursionError"),
        (MemoryError(), "raises MemoryError"),
    ],
)
def test_whatever_a_function_raises_is_one_line_that_a_terminal_shows(error: BaseException, words: str) -> None:
    def fails(x: Any) -> Any:
        raise error

    with pytest.raises(FunctionError) as caught:
        trace_function(fails, [X])
    assert words in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000
    assert caught.value.__cause__ is error


def test_control_c_in_a_function_is_no_error_of_its() -> None:
    def interrupted(x: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trace_function(interrupted, [X])
