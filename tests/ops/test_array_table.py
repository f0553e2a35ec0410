"""Every operation on whole arrays at each of its samples: NumPy's values, differences of both orders, dtypes."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.declare.op import TABLE, Function, Op, Operation, Sample
from tests.ops.differences import central, engine, flat, is_floating, split, weighted

FAMILIES = {
    "reductions", "products", "extrema", "dispersion", "norms", "softmax", "sorting", "contractions", "einsum",
    "linear_algebra", "factorisations", "quotients", "moving", "joining", "indexing", "diagonals", "padding", "windows",
    "convolution", "pooling", "normalisation", "losses", "layers",
}  # fmt: skip
OURS = [entry for name, entry in sorted(TABLE.items()) if entry.family in FAMILIES and name == entry.name]

# Elements in an order that NumPy leaves open, or vectors of 2 that it no longer takes.
FREE_ORDER = {"partition"}
# NumPy's namesakes that refuse matrices, or vectors of 2, which the plain ones take (cross no longer, from 2.5 on).
STRICTER = {"linalg.outer", "linalg.cross"}
# Only the first derivative is supported at singular matrices of these.
SECOND_ONLY_INVERTIBLE = {"cofactors"}


CASES = [
    pytest.param(entry, sample, id=f"{entry.name}-{place}")
    for entry in OURS
    for place, sample in enumerate(entry.samples)
]


def numpy_function(name: str) -> Any:
    module: Any = np
    for part in name.split("."):
        module = getattr(module, part)
    return module


def listed(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple | list) else [result]


def test_every_family_is_in_the_table() -> None:
    assert {entry.family for entry in OURS} == FAMILIES


@pytest.mark.parametrize("entry", OURS, ids=lambda entry: entry.name)
def test_every_operation_has_samples_and_a_docstring(entry: Operation) -> None:
    assert entry.samples
    assert entry.__doc__


@pytest.mark.parametrize(("entry", "sample"), CASES)
def test_value_is_numpys(entry: Operation, sample: Sample) -> None:
    result = entry(*sample.operands, **sample.params)
    for name in entry.numpy:
        if name in STRICTER or (name == "cross" and np.shape(sample.operands[0])[-1] == 2):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # vectors of 2 in cross
            expected = numpy_function(name)(*sample.operands, **sample.params)
        for ours, theirs in zip(listed(result), listed(expected), strict=True):
            assert np.shape(ours) == np.shape(theirs)
            if entry.name in FREE_ORDER:
                ours, theirs = np.sort(ours), np.sort(theirs)
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("entry", "sample"), [case for case in CASES if case.values[0].numpy])
def test_numpys_own_function_on_tensors_is_ours(entry: Operation, sample: Sample) -> None:
    operands = [
        [tracked(x) for x in o] if isinstance(o, tuple) and entry.name != "einsum" else tracked(o)
        for o in sample.operands
    ]
    expected = entry(*operands, **sample.params)
    for name in entry.numpy:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            function = numpy_function(name)
            if isinstance(function, np.ufunc) and sample.params:
                continue  # a ufunc on tensors takes no axis
            found = function(*operands, **sample.params)
        for ours, theirs in zip(listed(expected), listed(found), strict=True):
            assert type(ours) is type(theirs)
            assert np.array_equal(ad.asarray(ours).data, ad.asarray(theirs).data, equal_nan=True)


def tracked(operand: Any) -> Any:
    """A floating operand as a tensor that requires a gradient; whole numbers and masks as they are."""
    return ad.tensor(np.asarray(operand), requires_grad=True) if is_floating(operand) else operand


@pytest.mark.parametrize(("entry", "sample"), CASES)
def test_gradient_is_that_of_differences(entry: Operation, sample: Sample) -> None:
    arrays, call = split(entry, sample)
    value = weighted(call, arrays) if arrays else None
    if value is None:
        assert not isinstance(entry, Op) or not entry.differentiable, "a sample without floating operands"
        return
    for got, want in zip(engine(value, arrays), central(value, arrays), strict=True):
        np.testing.assert_allclose(got, want, rtol=2e-6, atol=2e-7 * max(1.0, np.abs(want).max(initial=0)))


def tied(entry: Operation, sample: Sample) -> bool:
    """Whether a pick has equal elements to choose from: its derivative is not smooth there."""
    numbers = np.ravel(np.asarray(sample.operands[0], dtype=float)) if is_floating(sample.operands[0]) else np.empty(0)
    return bool(entry.kinks) and len(set(numbers)) < len(numbers)


@pytest.mark.parametrize(("entry", "sample"), CASES)
def test_second_derivative_is_that_of_differences(entry: Operation, sample: Sample) -> None:
    arrays, call = split(entry, sample)
    value = weighted(call, arrays) if arrays else None
    if value is None or tied(entry, sample):
        return
    if entry.name in SECOND_ONLY_INVERTIBLE and abs(np.linalg.det(arrays[0])).min() < 1e-6:
        return
    random = np.random.default_rng(3)
    directions = [random.uniform(0.5, 1.5, array.shape) for array in arrays]

    def slope(*xs: Any) -> Any:
        gradients = ad.grad(value, argnums=tuple(range(len(xs))))(*xs)
        return sum((ad.sum(g * v) for g, v in zip(gradients, directions, strict=True)), 0.0)

    for got, want in zip(engine(slope, arrays), central(slope, arrays), strict=True):
        np.testing.assert_allclose(got, want, rtol=2e-5, atol=2e-6 * max(1.0, np.abs(want).max(initial=0)))


def in_float32(operand: Any) -> Any:
    if isinstance(operand, tuple):
        return tuple(map(in_float32, operand))
    return np.asarray(operand, np.float32) if is_floating(operand) else operand


@pytest.mark.parametrize(("entry", "sample"), CASES)
def test_float32_stays_float32(entry: Operation, sample: Sample) -> None:
    params = {
        name: value.astype(np.float32) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value
        for name, value in sample.params.items()
    }
    narrow = Sample(tuple(map(in_float32, sample.operands)), params)
    results = flat(entry(*narrow.operands, **params))
    assert all(np.asarray(result).dtype == np.float32 for result in results)
    operands: list[Any] = [[leaf(x) for x in o] if isinstance(o, tuple) else leaf(o) for o in narrow.operands]
    outcome = entry(*operands, **params)
    total: Any = 0.0
    for result in flat(outcome):
        if isinstance(result, ad.Tensor):
            assert result.dtype == np.float32
            total = total + ad.sum(result)
    if isinstance(total, ad.Tensor) and total.requires_grad:
        total.backward()
        leaves = [x for o in operands for x in (o if isinstance(o, list) else [o]) if isinstance(x, ad.Tensor)]
        assert all(x.grad is None or x.grad.dtype == np.float32 for x in leaves)


def leaf(operand: Any) -> Any:
    return (
        ad.tensor(operand, requires_grad=True) if isinstance(operand, np.ndarray) and is_floating(operand) else operand
    )


@pytest.mark.parametrize("entry", [e for e in OURS if isinstance(e, Op) and e.linear], ids=lambda entry: entry.name)
def test_linear_operations_are_linear(entry: Op) -> None:
    for sample in entry.samples:
        arrays, call = split(entry, sample)
        if sample.params.get("value"):
            continue  # a margin that is not 0: affine
        one, two = call(*arrays), call(*(3.0 * a for a in arrays))
        np.testing.assert_allclose(np.asarray(two), 3.0 * np.asarray(one), rtol=1e-13)


@pytest.mark.parametrize("entry", [e for e in OURS if not isinstance(e, Function)], ids=lambda entry: entry.name)
def test_operands_are_never_written_to(entry: Op) -> None:
    for sample in entry.samples:
        arrays, call = split(entry, sample)
        before = [a.copy() for a in arrays]
        for array in arrays:
            array.flags.writeable = False
        call(*arrays)
        assert all(np.array_equal(a, b) for a, b in zip(arrays, before, strict=True))
