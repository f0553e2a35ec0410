"""Wrong rules, seeded, are refuted with a counterexample; right ones in another form are proved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff.declare.op import TABLE, Composite, Op, Sample, Structure, at, joint
from autodiff.declare.samples import MATRIX, OTHER_MATRIX, POSITIVE_ROW, ROW, Kink
from autodiff.ops.contractions import matmul
from autodiff.ops.exponential import exp, log
from autodiff.ops.hyperbolic import tanh
from autodiff.ops.logistic import sigmoid
from autodiff.ops.moving import broadcast_to, expand_dims, transpose
from autodiff.ops.piecewise import where
from autodiff.ops.reductions import mean, sum
from symdiff.proof import Counterexample, Proof, Status, prove

SQUARES = [at(ROW), at(MATRIX)]


def operation(forward: Callable[..., Any], meaning: Any, vjp: Any, samples: list[Sample], **fields: Any) -> Op:
    return Op(forward, meaning=meaning, vjp=vjp, samples=samples, numpy=(), **fields)


def squared(rule: Callable[..., Any] | None, **fields: Any) -> Proof:
    def square(x: Any, /) -> Any:
        return x * x

    return prove(operation(square, "x**2", [rule], SQUARES, **fields))


def hyperbolic(rule: Callable[..., Any]) -> Proof:
    def tangent(x: Any, /) -> Any:
        return np.tanh(x)

    return prove(operation(tangent, "tanh(x)", [rule], SQUARES))


def summed(rule: Callable[..., Any]) -> Proof:
    def total(x: Any, /, axis: Any = None) -> Any:
        return np.sum(x * x, axis)

    meaning = Composite("sum(x * x, axis=axis)")
    return prove(operation(total, meaning, [rule], [at(ROW), at(MATRIX, axis=0), at(MATRIX, axis=1)]))


def product(left: Callable[..., Any], right: Callable[..., Any]) -> Proof:
    def times(x: Any, y: Any, /) -> Any:
        return x @ y

    return prove(operation(times, Structure(lambda m, x, y: m.matmul(x, y)), [left, right], [at(MATRIX, MATRIX.T)]))


def restored(g: Any, x: Any, axis: Any) -> Any:
    return g if axis is None else expand_dims(g, axis)


def counterexample(proof: Proof) -> Counterexample:
    assert proof.status is Status.REFUTED, str(proof)
    found = next(finding.counterexample for finding in proof.findings if finding.counterexample is not None)
    assert float(found.got) != float(found.wanted)
    assert str(proof).startswith("refuted: at ")
    return found


WRONG: dict[str, Callable[[], Proof]] = {
    "sign": lambda: squared(lambda g, y, x: -g * 2.0 * x),
    "factor": lambda: squared(lambda g, y, x: g * 3.0 * x),
    "factor in the last digits": lambda: squared(lambda g, y, x: g * 2.000000000001 * x),
    "no cotangent": lambda: squared(lambda g, y, x: 2.0 * x),
    "the cotangent squared": lambda: squared(lambda g, y, x: g * g * 2.0 * x),
    "the result for the operand": lambda: squared(lambda g, y, x: g * 2.0 * y),
    "no rule where there is a derivative": lambda: squared(None),
    "dropped term": lambda: hyperbolic(lambda g, y, x: g * (0.0 - y * y)),
    "another function": lambda: hyperbolic(lambda g, y, x: g * sigmoid(x)),
    "right for positive numbers only": lambda: squared(lambda g, y, x: where(x > 0.0, g * 2.0 * x, -g * x)),
    "an even function of another sign": lambda: squared(lambda g, y, x: g * 2.0 * TABLE["abs"](x)),
    "averaged where it is repeated": lambda: summed(
        lambda g, y, x, axis: 2.0 * mean(restored(g, x, axis) * x, axis=0, keepdims=True)
    ),
    "a length as a number": lambda: summed(lambda g, y, x, axis: restored(g, x, axis) * x * (x.size / 2.0)),
    "left and right exchanged": lambda: product(
        lambda g, y, x, z: transpose(matmul(z, transpose(g))) * 2.0, lambda g, y, x, z: matmul(transpose(x), g)
    ),
    "not transposed": lambda: product(
        lambda g, y, x, z: matmul(g, transpose(z)), lambda g, y, x, z: matmul(transpose(x), g) - z
    ),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_rule_is_refuted(fault: str) -> None:
    counterexample(WRONG[fault]())


def test_the_counterexample_says_what_is_wrong() -> None:
    found = counterexample(squared(lambda g, y, x: g * 3.0 * x))
    x, g = (fraction(str(found.point[name])) for name in ("x", "g"))
    assert found.operand == "x"
    assert float(found.got) == pytest.approx(3 * g * x, rel=1e-15)
    assert float(found.wanted) == pytest.approx(2 * g * x, rel=1e-15)


def fraction(text: str) -> float:
    over, _, under = text.partition("/")
    return float(over) / float(under or 1)


def test_a_counterexample_in_an_array_says_where() -> None:
    found = counterexample(summed(lambda g, y, x, axis: restored(g, x, axis) * x))
    assert found.where.startswith("[")
    assert float(found.wanted) == pytest.approx(2 * float(found.got), rel=1e-12)


def test_a_missing_sum_over_stretched_axes_is_refuted() -> None:
    """``y = x + b`` for rows b, as an operation on arrays whose rule must add up the rows itself."""

    def shifted(x: Any, b: Any, /) -> Any:
        return x + b

    def proof(rule: Callable[..., Any]) -> Proof:
        rules = [lambda g, y, x, b: g, rule]
        return prove(operation(shifted, Composite("x + b"), rules, [at(MATRIX, ROW)], elementwise=False))

    assert proof(lambda g, y, x, b: sum(g, axis=0)).status is Status.PROVED
    counterexample(proof(lambda g, y, x, b: mean(g, axis=0)))
    counterexample(proof(lambda g, y, x, b: g[0]))


def test_a_rule_right_for_numbers_and_wrong_for_arrays_is_refuted() -> None:
    counterexample(squared(lambda g, y, x: g * 2.0 * x if x.ndim < 2 else g * x))
    counterexample(squared(lambda g, y, x: sum(g) * 2.0 * x))


def test_a_rule_right_for_the_sampled_lengths_only_is_not_proved_for_every_length() -> None:
    def average(x: Any, /) -> Any:
        return np.mean(x)

    meaning = Structure(lambda m, x: m.reduce(x, None, False, "x / count"))
    rules = [lambda g, y, x: broadcast_to(g / 4.0, x.shape)]
    proof = prove(operation(average, meaning, rules, [at(ROW)]))
    assert proof.status is Status.PROVED
    assert "the lengths sampled: (4,)" in proof.extent
    counterexample(prove(operation(average, meaning, rules, [at(ROW), at(ROW[:3])])))


def test_one_wrong_cotangent_of_several_is_refuted() -> None:
    def times(x: Any, y: Any, /) -> Any:
        return x * y

    rules = joint(lambda g, out, x, y: (g * y, g * y))
    found = counterexample(prove(operation(times, "x * y", rules, [at(ROW, MATRIX), at(0.5, 2.0)])))
    assert found.operand == "y"


def test_a_wrong_value_at_a_border_is_left_to_the_kinks() -> None:
    def positive_part(x: Any, /) -> Any:
        return np.maximum(x, 0.0)

    rules = [lambda g, y, x: where(x > 0.0, g, where(x == 0.0, 0.5 * g, 0.0))]
    kinks = [Kink("x = 0", ours="1/2")]
    proof = prove(operation(positive_part, "where(x > 0, x, 0)", rules, SQUARES, kinks=kinks))
    assert proof.status is Status.PROVED
    assert "off x = 0" in proof.extent


def test_a_mask_that_is_false_is_no_border() -> None:
    def chosen(mask: Any, x: Any, /) -> Any:
        return np.where(mask, x, 0.0)

    def proof(rule: Callable[..., Any]) -> Proof:
        return prove(operation(chosen, "where(mask, x, 0)", [None, rule], [at(ROW > 0, ROW), at(True, 0.5)]))

    assert proof(lambda g, y, mask, x: where(mask, g, 0.0)).status is Status.PROVED
    assert " off " not in proof(lambda g, y, mask, x: where(mask, g, 0.0)).extent
    counterexample(proof(lambda g, y, mask, x: where(x, g, 0.0)))
    counterexample(proof(lambda g, y, mask, x: g))


@pytest.mark.parametrize(
    "rule",
    [
        lambda g, y, x: g * (1.0 - y * y),
        lambda g, y, x: g * (1.0 - y) * (1.0 + y),
        lambda g, y, x: 4.0 * g * sigmoid(2.0 * x) * sigmoid(-2.0 * x),
        lambda g, y, x: g * (exp(x + x) * 4.0) / (exp(x + x) + 1.0) ** 2,
        lambda g, y, x: g - g * tanh(x) ** 2,
    ],
)
def test_the_same_in_another_form_is_proved(rule: Callable[..., Any]) -> None:
    assert hyperbolic(rule).status is Status.PROVED


def test_a_rule_with_a_domain_is_proved_on_it() -> None:
    def logarithm(x: Any, /) -> Any:
        return np.log(x)

    rules = [lambda g, y, x: g * exp(-log(x))]
    assert prove(operation(logarithm, "log(x)", rules, [at(POSITIVE_ROW)], domain="x > 0")).status is Status.PROVED


def test_what_cannot_run_on_symbols_is_checked_at_points_with_the_reason() -> None:
    def square(x: Any, /) -> Any:
        return x * x

    rules = [lambda g, y, x: g * 2.0 * x if float(x) > 0 else g]
    proof = prove(operation(square, "x**2", rules, [at(0.3)]))
    assert proof.status is Status.POINTS
    assert "asks for a number" in proof.reason


def test_a_rule_that_the_engine_cannot_use_is_refuted() -> None:
    proof = product(lambda g, y, x, z: matmul(g, z), lambda g, y, x, z: matmul(transpose(x), g))
    assert proof.status is Status.REFUTED
    assert "it raises ValueError: " in str(proof)
    assert squared(lambda g, y, x: g.nothing).status is Status.REFUTED
    assert "shape (2,)" in str(squared(lambda g, y, x: TABLE["getitem"](g, slice(2)) if x.ndim == 1 else 2.0 * g * x))


def test_what_has_no_meaning_says_so() -> None:
    def mystery(x: Any, /) -> Any:
        return np.sort(x * x)

    proof = prove(operation(mystery, None, [lambda g, y, x: g * x], [at(ROW)]))
    assert str(proof) == "checked at points only: mystery has no meaning"


def _damaged(op: Op, change: Callable[[Any], Any]) -> Op:
    """The same operation, every cotangent of its rules changed."""
    fields = {name: getattr(op, name) for name in ("samples", "domain", "kinks", "selects", "linear", "sequence")}

    def damaged(rule: Any) -> Any:
        return None if rule is None else lambda g, y, *xs, **params: change(rule(g, y, *xs, **params))

    made = Op(op.forward, meaning=op.meaning, vjp=op.vjp, elementwise=op.elementwise, numpy=(), name=op.name, **fields)
    made.rules = tuple(map(damaged, op.rules))
    if op.joint_rule is not None:
        whole = op.joint_rule
        made.joint_rule = lambda g, y, *xs, **params: tuple(map(change, whole(g, y, *xs, **params)))
    return made


@pytest.mark.parametrize(
    "name",
    ["softplus", "arctan2", "power", "sum", "prod", "softmax", "matmul", "max", "getitem", "standardize", "convolution",
     "concatenate", "inv", "cumsum", "sort", "contraction", "logsumexp", "reshape", "erfinv", "hypot"],
)  # fmt: skip
def test_a_damaged_rule_of_the_table_is_refuted(name: str) -> None:
    names = {one.name: one for one in TABLE.values() if isinstance(one, Op)}
    counterexample(prove(_damaged(names[name], lambda cotangent: cotangent * 1.000001)))
    counterexample(prove(_damaged(names[name], lambda cotangent: -cotangent)))


def test_matrices_are_told_apart() -> None:
    """A rule that is right for symmetric matrices only."""

    def form(x: Any, a: Any, /) -> Any:
        return x @ a @ x

    meaning = Composite("x @ a @ x")
    right = [
        lambda g, y, x, a: g * (matmul(a, x) + matmul(x, a)),
        lambda g, y, x, a: g * expand_dims(x, 1) * expand_dims(x, 0),
    ]
    sample = [at(ROW[:3], (MATRIX @ OTHER_MATRIX.T))]
    assert prove(operation(form, meaning, right, sample)).status is Status.PROVED
    wrong = [lambda g, y, x, a: 2.0 * g * matmul(a, x), right[1]]
    assert counterexample(prove(operation(form, meaning, wrong, sample))).operand == "x"
