"""Moves: every index form, joins and splits, padding; each gradient is the move of ones run backwards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autodiff as ad
from tests.ops.refusals import refuses

SHAPES = hnp.array_shapes(min_dims=1, max_dims=4, max_side=4)


def transposed(move: Any, shape: tuple[int, ...], weights: Any) -> Any:
    """What the transpose of a move makes of ``weights``, from NumPy's own move of positions."""
    positions = move(np.arange(int(np.prod(shape))).reshape(shape))
    return np.bincount(np.ravel(positions), np.ravel(weights), int(np.prod(shape))).reshape(shape)


def check(ours: Any, numpys: Any, shape: tuple[int, ...]) -> None:
    """Value and gradient of a move."""
    x = np.arange(float(np.prod(shape))).reshape(shape)
    expected = numpys(x)
    y = ours(x)
    assert np.array_equal(y, expected)
    assert np.shape(y) == np.shape(expected)
    weights = np.random.default_rng(1).integers(1, 9, np.shape(expected)).astype(float)
    gradient = ad.grad(lambda t: ad.sum(ours(t) * weights))(x)
    assert np.array_equal(gradient, transposed(numpys, shape, weights))


@given(SHAPES, st.data())
def test_basic_indexing(shape: tuple[int, ...], data: Any) -> None:
    index = data.draw(hnp.basic_indices(shape, allow_newaxis=True))
    check(lambda x: ad.getitem(x, index), lambda x: x[index], shape)
    check(lambda x: x[index], lambda x: x[index], shape)


@given(SHAPES, st.data())
def test_indexing_by_arrays_adds_up_repeats(shape: tuple[int, ...], data: Any) -> None:
    count = data.draw(st.integers(1, len(shape)))
    index = tuple(
        data.draw(
            hnp.arrays(np.intp, data.draw(st.sampled_from([(3,), (2, 1), (2, 3), ()])), elements=st.integers(-n, n - 1))
        )
        for n in shape[:count]
    )
    check(lambda x: ad.getitem(x, index), lambda x: x[index], shape)
    check(lambda x: ad.getitem(x, (..., index[0])), lambda x: x[..., index[0]], (2, *shape[:1]))


@given(SHAPES, st.data())
def test_indexing_by_masks(shape: tuple[int, ...], data: Any) -> None:
    mask = data.draw(hnp.arrays(bool, shape))
    check(lambda x: ad.getitem(x, mask), lambda x: x[mask], shape)
    first = mask.reshape(shape[0], -1)[:, 0]
    check(lambda x: ad.getitem(x, (first, ...)), lambda x: x[first, ...], shape)


def test_indexing_by_a_comparison_of_tensors() -> None:
    x = ad.tensor([1.0, -2.0, 3.0], requires_grad=True)
    ad.sum(x[x > 0]).backward()
    assert x.grad.tolist() == [1.0, 0.0, 1.0]


@given(SHAPES, st.data())
def test_take_and_take_along_axis(shape: tuple[int, ...], data: Any) -> None:
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    n = shape[axis]
    indices = data.draw(
        hnp.arrays(np.intp, data.draw(st.sampled_from([(), (3,), (2, 2)])), elements=st.integers(-n, n - 1))
    )
    check(lambda x: ad.take(x, indices, axis=axis), lambda x: np.take(x, indices, axis=axis), shape)
    wide = tuple(3 if k == axis % len(shape) else m for k, m in enumerate(shape))
    along = data.draw(hnp.arrays(np.intp, wide, elements=st.integers(-n, n - 1)))
    check(lambda x: ad.take_along_axis(x, along, axis=axis), lambda x: np.take_along_axis(x, along, axis=axis), shape)


@given(SHAPES, st.data())
def test_rearranging(shape: tuple[int, ...], data: Any) -> None:
    order = tuple(data.draw(st.permutations(range(len(shape)))))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    shift = data.draw(st.integers(-9, 9))
    for name, arguments in {
        "transpose": (order,), "flip": (axis,), "roll": (shift, axis), "expand_dims": (axis,), "moveaxis": (axis, 0),
        "repeat": (2, axis), "ravel": (), "reshape": (-1,),
    }.items():  # fmt: skip
        ours, numpys = getattr(ad, name), getattr(np, name)
        check(lambda x, f=ours, a=arguments: f(x, *a), lambda x, f=numpys, a=arguments: f(x, *a), shape)
    reps = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=len(shape) + 1).map(tuple))
    check(lambda x: ad.tile(x, reps), lambda x: np.tile(x, reps), shape)
    check(lambda x: ad.roll(x, (1, shift), (0, axis)), lambda x: np.roll(x, (1, shift), (0, axis)), shape)


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3))
def test_broadcasting(drawn: Any) -> None:
    shape, target = drawn.input_shapes[0], drawn.result_shape
    check(lambda x: ad.broadcast_to(x, target), lambda x: np.broadcast_to(x, target), shape)


@given(SHAPES, st.data())
def test_joining_and_splitting_are_inverse(shape: tuple[int, ...], data: Any) -> None:
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    parts = data.draw(st.integers(1, 4))
    check(
        lambda x: ad.concatenate(ad.array_split(x, parts, axis=axis)[::-1], axis=axis),
        lambda x: np.concatenate(np.array_split(x, parts, axis=axis)[::-1], axis=axis),
        shape,
    )
    check(lambda x: ad.stack(ad.unstack(x, axis=axis), axis=axis), lambda x: x, shape)
    check(lambda x: ad.concatenate([x, 2 * 0 + x], axis=None), lambda x: np.concatenate([x, x], axis=None), shape)


@given(SHAPES, st.sampled_from(["edge", "reflect", "symmetric", "wrap"]), st.data())
def test_padding_with_the_arrays_own_elements(shape: tuple[int, ...], mode: str, data: Any) -> None:
    widths = tuple((data.draw(st.integers(0, 6)), data.draw(st.integers(0, 6))) for _ in shape)
    check(lambda x: ad.pad(x, widths, mode=mode), lambda x: np.pad(x, widths, mode=mode), shape)  # type: ignore[call-overload]


def test_padding_with_a_number() -> None:
    x = np.ones((2, 3))
    for width in (1, (1, 2), ((0, 1), (2, 0))):
        assert np.array_equal(ad.pad(x, width, constant_values=5.0), np.pad(x, width, constant_values=5.0))
    assert np.asarray(ad.grad(lambda t: ad.sum(ad.pad(t, 1, constant_values=5.0) ** 2))(x)).tolist() == [[2.0] * 3] * 2


def test_diagonals_and_triangles() -> None:
    for k in (-3, -1, 0, 1, 4):
        check(lambda x, k=k: ad.diagonal(x, k), lambda x, k=k: np.diagonal(x, k), (3, 4))
        check(lambda x, k=k: ad.diagonal(x, k, 2, 0), lambda x, k=k: np.diagonal(x, k, 2, 0), (3, 2, 4))
        for name in ("tril", "triu", "diag", "trace"):
            x = np.arange(1.0, 13).reshape(3, 4)
            assert np.array_equal(getattr(ad, name)(x, k), getattr(np, name)(x, k))
    assert np.asarray(ad.grad(lambda t: ad.sum(ad.triu(t)))(np.ones((2, 2)))).tolist() == [[1.0, 1.0], [0.0, 1.0]]
    assert ad.tril(np.array([[1.0, np.inf], [2.0, 3.0]])).tolist() == [[1.0, 0.0], [2.0, 3.0]]


def test_grids() -> None:
    x, y, z = np.arange(3.0), np.arange(2.0), np.arange(4.0)
    for indexing in ("xy", "ij"):
        for sparse in (False, True):
            for arrays in ((x,), (x, y), (x, y, z)):
                expected = np.meshgrid(*arrays, indexing=indexing, sparse=sparse)
                found = ad.meshgrid(*arrays, indexing=indexing, sparse=sparse)
                assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("call", "kind", "line"),
    [
        (lambda x: ad.reshape(x, (3, 2)), ValueError, "reshape: 4 elements do not fit (3, 2)"),
        (lambda x: x.transpose((0, 1)), ValueError,
         "transpose(x, axes=(0, 1)): x has shape (4,); axes must name each of 0 ... 0 once"),
        (lambda x: ad.broadcast_to(x, (3, 3)), ValueError, "broadcast_to: shape (4,) does not stretch to (3, 3)"),
        (lambda x: ad.concatenate([x, np.ones((2, 2))]), ValueError,
         "concatenate: shapes (4,), (2, 2) may differ along axis 0 only"),
        (lambda x: ad.concatenate([]), ValueError, "concatenate: no arrays to join"),
        (lambda x: ad.stack([x, np.ones(3)]), ValueError, "stack: the arrays must have one shape, got (4,), (3,)"),
        (lambda x: ad.split(x, 3), ValueError, "split(x, 3, axis=0): 4 elements do not divide into 3 parts"),
        (lambda x: x[10], IndexError, "x[10]: x has shape (4,); index 10 is out of bounds for axis 0 with size 4"),
        (lambda x: ad.take(x, 9), IndexError, "take: 9 is outside of 4 elements (x has shape (4,))"),
        (lambda x: ad.take(x, [0.5]), TypeError, "take: positions are whole numbers, not [0.5]"),
        (lambda x: ad.pad(x, -1), ValueError, "pad: the margin -1 must not be negative"),
        (lambda x: ad.squeeze(x, 0), ValueError, "squeeze(x, axis=0): x has shape (4,); axis 0 has length 4"),
        (lambda x: ad.diagonal(x), ValueError, "diagonal: x has shape (4,); a diagonal needs at least 2 axes"),
        (lambda x: ad.tile(x, -1), ValueError, "tile: reps=-1 must not be negative"),
        (lambda x: ad.repeat(x, (1, 2)), ValueError,
         "repeat: 4 elements need one count or 4, none negative; got (1, 2)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_words(call: Any, kind: type[Exception], line: str) -> None:
    refuses(kind, line, lambda: call(ad.tensor(np.arange(4.0), requires_grad=True)))
