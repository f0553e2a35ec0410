"""How a gradient that was given is asked: its behaviour, its cotangent, its containers, and other points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from symdiff import FunctionError, GradientReport, InputError, check_gradients
from symdiff.checking.call import Call
from symdiff.checking.cotangents import default_cotangent

RNG = np.random.default_rng(3)
X, W, B = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 2)), RNG.normal(size=2)


def findings(report: GradientReport) -> dict[str, bool]:
    return {each.what: each.ok for each in report.findings}


def squares(x: Any) -> Any:
    return np.sum(x * x)


def layer(x: Any, W: Any, b: Any) -> Any:
    return x @ W + b


def layer_backward(g: Any, x: Any, W: Any, b: Any) -> tuple[Any, ...]:
    return g @ W.T, x.T @ g, g.sum(axis=0)


# --- how it behaves ---------------------------------------------------------------------------------------------------


def test_a_right_gradient_has_a_line_for_everything_that_was_checked() -> None:
    report = check_gradients(squares, X, gradient=lambda x: 2 * x)
    assert findings(report) == dict.fromkeys(("value", "shape", "dtype", "inputs", "again", "points"), True)
    assert report.ok
    assert "second call: the same to the last bit" in str(report)
    assert "points: right at 3 others, too" in str(report)


def test_a_gradient_that_changes_its_input_is_right_and_not_ok() -> None:
    def greedy(x: Any) -> Any:
        x *= 2
        return x

    report = check_gradients(squares, X, gradient=greedy)
    assert (str(report.verdict), report.ok, findings(report)["inputs"]) == ("agree", False, False)
    with pytest.raises(AssertionError, match="inputs: the gradient function changed x"):
        report.raise_on_disagreement()


def test_inputs_in_containers_are_watched_too() -> None:
    def greedy(p: Any, k: Any) -> Any:
        p["w"][0] += 1.0
        return {"w": 2 * np.array([1.0, 2.0])}

    report = check_gradients(
        lambda p, k: np.sum(p["w"] ** 2) + 0 * k[0], {"w": np.array([1.0, 2.0])}, np.array([0, 1]),
        gradient=greedy, points=1, wrt=["p"],
    )  # fmt: skip
    assert 'changed p["w"]' in report.failure()


def test_another_answer_on_the_second_call_is_seen() -> None:
    calls = []

    def forgetful(x: Any) -> Any:
        calls.append(1)
        return 2 * x * (1 if len(calls) % 2 else 1 + 1e-15)

    report = check_gradients(squares, np.array([1.0, 3.0]), gradient=forgetful)
    assert not findings(report)["again"]
    assert "second call: the gradient is another one (x[" in report.failure()


def test_digits_that_a_narrower_dtype_loses() -> None:
    narrow = check_gradients(squares, X, gradient=lambda x: (2 * x).astype(np.float32), points=1)
    assert "dtype: the gradient by x is float32, and x is float64: digits are lost" in narrow.failure()
    wide = check_gradients(squares, X.astype(np.float32), gradient=lambda x: 2 * x.astype(float), points=1)
    assert wide.ok
    assert "more than it asks for" in str(wide)


def test_a_wrong_shape_of_a_function_is_found_and_never_broadcast() -> None:
    report = check_gradients(layer, X, W, B, gradient=lambda g, x, W, b: (g @ W.T, x.T @ g, g))
    assert {name: str(each.verdict) for name, each in report.inputs.items()} == {
        "x": "agree", "W": "agree", "b": "disagree",
    }  # fmt: skip
    assert report.inputs["b"].automatic.shape == (2,)
    assert "shape: the gradient by b has shape (4, 2), and b has shape (2,)" in report.failure()
    one = check_gradients(squares, np.array([3.0]), gradient=lambda x: 6.0)
    assert not one.ok


def test_the_value_of_a_function_is_compared_with_its_reference() -> None:
    right = check_gradients(lambda x: (x**2).sum(), X, reference=squares, gradient=lambda x: 2 * x)
    assert findings(right)["value"]
    shifted = check_gradients(lambda x: (x**2).sum() + 1e-9, X, reference=squares, gradient=lambda x: 2 * x)
    assert str(shifted.verdict) == "agree"
    assert not shifted.ok
    assert "they are two functions" in shifted.failure()
    with pytest.raises(FunctionError, match="on plain arrays"):
        check_gradients(lambda x: x.no_such, X, reference=squares, gradient=lambda x: 2 * x)


# --- cotangents -------------------------------------------------------------------------------------------------------


def test_a_backward_pass_gets_a_cotangent_that_is_not_uniform() -> None:
    report = check_gradients(layer, X, W, B, gradient=layer_backward)
    assert report.ok
    assert findings(report)["cotangent"]
    seen = []

    def watching(g: Any, x: Any, W: Any, b: Any) -> Any:
        seen.append(g)
        return layer_backward(g, x, W, b)

    check_gradients(layer, X, W, B, gradient=watching, points=1)
    assert seen[0].shape == (4, 2)
    assert len(np.unique(np.abs(seen[0]))) > 4
    assert (seen[0] < 0).any()


def test_a_backward_pass_that_ignores_its_cotangent() -> None:
    report = check_gradients(layer, X, W, B, gradient=lambda g, x, W, b: layer_backward(np.ones((4, 2)), x, W, b))
    assert str(report.verdict) == "disagree"
    assert "cotangent: not used: with another one the gradient is the same" in report.failure()
    scalar = check_gradients(squares, X, gradient=lambda g, x: 2 * x)
    assert not scalar.ok


def test_a_cotangent_that_is_given() -> None:
    g = RNG.normal(size=(4, 2))
    assert check_gradients(layer, X, W, B, gradient=layer_backward(g, X, W, B), cotangent=g).ok
    assert not check_gradients(layer, X, W, B, gradient=layer_backward(g, X, W, B), cotangent=2 * g).ok
    ours = check_gradients(layer, X, W, B, cotangent=g)
    assert np.allclose(ours.inputs["b"].symbolic, g.sum(axis=0))
    with pytest.raises(InputError, match=r"cotangent: it has shape \(2,\), and the result \(4, 2\)"):
        check_gradients(layer, X, W, B, cotangent=np.ones(2))


def two(x: Any, s: Any) -> Any:
    return s * x, {"a": x**2, "b": np.sum(x)}


def test_several_results() -> None:
    def backward(g: Any, x: Any, s: Any) -> tuple[Any, Any]:
        first, rest = g
        return s * first + 2 * x * rest["a"] + rest["b"], np.sum(first * x)

    x = np.array([1.0, -2.0, 0.5])
    assert check_gradients(two, x, 3.0).ok
    assert check_gradients(two, x, 3.0, gradient=backward).ok
    cotangents = (np.ones(3), {"a": np.arange(3.0), "b": 2.0})
    assert check_gradients(two, x, 3.0, gradient=backward, cotangent=cotangents).ok
    wrong = check_gradients(two, x, 3.0, gradient=lambda g, x, s: (g[0] * s + 2 * x * g[1]["a"], np.sum(g[0] * x)))
    assert {name: str(each.verdict) for name, each in wrong.inputs.items()} == {"x": "disagree", "s": "agree"}
    with pytest.raises(InputError, match="several results, and its gradient takes no cotangent"):
        check_gradients(two, x, 3.0, gradient=lambda x, s: (x, s))


def test_the_default_cotangent() -> None:
    assert float(default_cotangent(())) not in (1.0, -1.0)
    assert np.array_equal(default_cotangent((3, 2)), default_cotangent((3, 2)))
    assert not np.array_equal(default_cotangent((3,)), default_cotangent((3,), 1))
    assert np.array_equal(default_cotangent((50,)).astype(np.float32), default_cotangent((50,)))
    assert np.all(default_cotangent((200,)) != 0)


# --- inputs -----------------------------------------------------------------------------------------------------------


def test_inputs_by_name() -> None:
    report = check_gradients(layer, X, W=W, b=B, gradient=layer_backward)
    assert list(report.inputs) == ["x", "W", "b"]
    assert report.ok
    assert check_gradients("sum(x*w)", x=[1.0, 2.0], w=3.0, gradient=lambda x, w: (w * np.ones(2), np.sum(x))).ok
    swapped = check_gradients("sum(x*w)", x=[1.0, 2.0], w=3.0, gradient=lambda w, x: {"x": w * np.ones(2), "w": sum(x)})
    assert swapped.ok
    with pytest.raises(InputError, match="x is given twice"):
        check_gradients("sum(x)", at={"x": 1.0}, x=2.0)


def test_none_is_not_judged_and_said() -> None:
    report = check_gradients(layer, X, W, B, gradient=lambda g, x, W, b: (g @ W.T, x.T @ g, None))
    assert list(report.inputs) == ["x", "W"]
    assert report.ok
    assert "not judged: b (None was given)" in str(report)
    with pytest.raises(InputError, match="None for every input"):
        check_gradients(squares, X, gradient=lambda x: None)


def test_one_for_every_argument_where_some_are_whole_numbers() -> None:
    def picked(x: Any, k: Any) -> Any:
        return np.sum(np.take(x, k) ** 2)

    def backward(g: Any, x: Any, k: Any) -> tuple[Any, None]:
        dx = np.zeros_like(x)
        np.add.at(dx, k, 2 * g * x[k])
        return dx, None

    assert check_gradients(picked, np.arange(5.0), np.array([0, 2, 2]), gradient=backward).ok


# --- other points -----------------------------------------------------------------------------------------------------


def variance(x: Any) -> Any:
    return np.mean((x - np.mean(x)) ** 2)


def test_a_formula_that_is_right_at_this_point_only() -> None:
    centred = np.array([-1.0, 0.25, 0.75])
    report = check_gradients(variance, centred, gradient=lambda x: 2 * x / x.size)
    assert str(report.verdict) == "disagree"
    assert set(report.inputs["x"].verdicts) == {"agree"}
    assert report.worst is not None
    assert report.worst.point.startswith("x = [")
    assert report.elsewhere is not None
    assert ", at another point: x = [" in report.failure()
    assert check_gradients(variance, centred, gradient=lambda x: 2 * x / x.size, points=1).ok
    assert check_gradients(variance, centred, gradient=lambda x: 2 * (x - x.mean()) / x.size).ok


def test_points_is_how_often_it_is_asked() -> None:
    for points in (1, 2, 4, 6):
        seen = []
        check_gradients(squares, X, gradient=lambda x: (seen.append(x.copy()), 2 * x)[1], points=points)  # noqa: B023
        assert len({each.tobytes() for each in seen}) == points
    for points in (0, 1.5, -1):
        with pytest.raises(InputError, match="points="):
            check_gradients(squares, X, points=points)  # type: ignore[arg-type]


def test_what_stays_as_it_is_at_other_points() -> None:
    labels, mask, whole = np.eye(3)[[0, 2]], np.array([True, False]), np.array([3, 1])
    soft = np.array([[0.2, 0.8], [0.5, 0.5]])
    symmetric, lower = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([[2.0, 0.0], [1.0, 3.0]])
    call = Call((labels, mask, whole, soft, symmetric, lower, np.array([1.0, np.inf])), {"n": 3, "x": [np.ones(2) * 7]})
    for seed in range(6):
        moved = call.moved(seed)
        a, b, c, d, e, f, g = moved.args
        assert a is labels
        assert b is mask
        assert c is whole
        assert np.allclose(np.asarray(d).sum(axis=-1), 1.0)
        assert not np.array_equal(np.asarray(d), soft)
        assert np.array_equal(np.asarray(e), np.asarray(e).T)
        assert np.asarray(f)[0, 1] == 0
        assert np.isinf(np.asarray(g)[1])
        assert moved.named["n"] == 3
        assert not np.array_equal(moved.named["x"][0], np.ones(2) * 7)  # type: ignore[index]


def test_a_gradient_that_counts_on_labels_is_right() -> None:
    """p - t is the gradient of cross-entropy where every row of t adds up to 1, and nowhere else."""
    t = np.eye(3)[[0, 2, 1, 1]]

    def loss(z: Any, t: Any) -> Any:
        return -np.sum(t * ad.log_softmax(z, axis=1))

    def backward(z: Any, t: Any) -> tuple[Any, None]:
        p = np.exp(z - z.max(axis=1, keepdims=True))
        return p / p.sum(axis=1, keepdims=True) - t, None

    for labels in (t, np.full((4, 3), 1 / 3)):
        assert check_gradients(loss, X, labels, gradient=backward).ok


def test_points_outside_of_the_domain_are_said() -> None:
    def strict(x: Any) -> Any:
        if x[0] != 2.0:
            raise ValueError("only there")
        return 2 * x

    report = check_gradients(squares, np.array([2.0, 1.0]), gradient=strict)
    assert report.ok
    assert "points: asked nowhere else" in str(report)
