"""Products: every pair of ranks and broadcast stacks; einsum against NumPy's on drawn subscripts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autodiff as ad
from tests.ops.differences import central
from tests.ops.refusals import refuses

RANDOM = np.random.default_rng(4)


def draw(*shape: int) -> Any:
    return RANDOM.normal(size=shape)


def check(f: Any, numpys: Any, *arrays: Any) -> None:
    """Value against NumPy's, gradient against differences."""
    expected = numpys(*arrays)
    np.testing.assert_allclose(f(*arrays), expected, rtol=1e-12, atol=1e-13)
    weights = RANDOM.uniform(0.5, 1.5, np.shape(expected))

    def value(*xs: Any) -> Any:
        return ad.sum(f(*xs) * weights)

    gradients = ad.grad(value, argnums=tuple(range(len(arrays))))(*arrays)
    for got, want in zip(gradients, central(value, list(arrays)), strict=True):
        np.testing.assert_allclose(np.asarray(got), want, rtol=1e-7, atol=1e-7)


MATMULS = [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)), ((5, 2, 3), (3,)), ((3,), (5, 3, 2)), ((1, 2, 3), (5, 3, 4)), ((0, 3), (3, 2)),
    ((2, 0), (0, 3)), ((1, 1), (1, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), MATMULS)
def test_matmul(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    check(ad.matmul, np.matmul, draw(*left), draw(*right))
    check(lambda a, b: a @ b, np.matmul, draw(*left), draw(*right))


DOTS = [((), (3,)), ((3,), ()), ((), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)),
        ((2, 3), (4, 3, 5)), ((4, 2, 3), (3,)), ((2, 2, 3), (2, 3, 2)), ((2, 0), (0, 3))]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), DOTS)
def test_dot(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    check(ad.dot, np.dot, draw(*left), draw(*right))


@pytest.mark.parametrize(
    ("left", "right"), [((2, 3), (4, 3)), ((3,), (3,)), ((2, 3), (3,)), ((), (2,)), ((2, 2, 3), (4, 3))]
)
def test_inner_and_outer(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    check(ad.inner, np.inner, draw(*left), draw(*right))
    check(ad.outer, np.outer, draw(*left), draw(*right))


@pytest.mark.parametrize(
    ("left", "right", "axis"), [((3,), (3,), -1), ((2, 3), (3,), -1), ((2, 3), (2, 3), 0), ((4, 1, 3), (2, 3), -1)]
)
def test_vecdot(left: tuple[int, ...], right: tuple[int, ...], axis: int) -> None:
    check(lambda a, b: ad.vecdot(a, b, axis=axis), lambda a, b: np.vecdot(a, b, axis=axis), draw(*left), draw(*right))


@pytest.mark.parametrize(
    ("left", "right", "axes"),
    [((2, 3), (3, 4), 1), ((2, 3), (2, 3), 2), ((2,), (3,), 0), ((2, 3, 4), (4, 2), ((0, 2), (1, 0))),
     ((2, 3), (3, 2), (1, 0)),
     ((2, 3, 2), (2, 5), (-1, 0))],
)  # fmt: skip
def test_tensordot(left: tuple[int, ...], right: tuple[int, ...], axes: Any) -> None:
    check(lambda a, b: ad.tensordot(a, b, axes), lambda a, b: np.tensordot(a, b, axes), draw(*left), draw(*right))


@pytest.mark.parametrize(
    ("left", "right"), [((2,), (3,)), ((2, 2), (3,)), ((2, 3), (2, 2)), ((2,), (2, 1, 2)), ((), (3,))]
)
def test_kron(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    check(ad.kron, np.kron, draw(*left), draw(*right))


@pytest.mark.parametrize(
    ("left", "right", "axis"), [((3,), (3,), -1), ((2, 3), (3,), -1), ((3, 2), (3, 2), 0), ((4, 1, 3), (2, 3), -1)]
)
def test_cross(left: tuple[int, ...], right: tuple[int, ...], axis: int) -> None:
    check(lambda a, b: ad.cross(a, b, axis=axis), lambda a, b: np.cross(a, b, axis=axis), draw(*left), draw(*right))


@st.composite
def subscripts(draw_from: st.DrawFn) -> tuple[str, list[Any]]:
    """A sum of products over few letters, with repeats, lengths of 1, an ellipsis and an implied result."""
    letters = "ijkl"
    lengths = {c: draw_from(st.integers(1, 3)) for c in letters}
    terms, arrays = [], []
    for _ in range(draw_from(st.integers(1, 3))):
        term = draw_from(st.text(letters, max_size=3))
        dots = draw_from(st.booleans())
        shape = [2] * (draw_from(st.integers(0, 2)) if dots else 0)
        # a letter that an operand names twice is a diagonal, which numpy does not stretch
        shape += [1 if term.count(c) == 1 and draw_from(st.integers(0, 4)) == 0 else lengths[c] for c in term]
        terms.append(("..." if dots else "") + term)
        arrays.append(np.random.default_rng(len(terms)).normal(size=shape))
    text = ",".join(terms)
    if draw_from(st.booleans()):
        used = sorted(set("".join(terms)) - {"."})
        kept = draw_from(st.permutations(used))[: draw_from(st.integers(0, len(used)))]
        text += "->" + ("..." if "..." in text else "") + "".join(kept)
    return text, arrays


@given(subscripts())
def test_einsum_as_numpys(drawn: tuple[str, list[Any]]) -> None:
    text, arrays = drawn
    expected = np.einsum(text, *arrays)
    found = ad.einsum(text, *arrays)
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)
    # a contraction is linear in each factor: its gradient by the factor, times the factor, is its value
    weights = np.random.default_rng(9).uniform(0.5, 1.5, np.shape(expected))
    for place, array in enumerate(arrays):
        gradient = ad.grad(lambda *xs: ad.sum(ad.einsum(text, *xs) * weights), argnums=place)(*arrays)
        assert gradient.shape == array.shape
        np.testing.assert_allclose(
            np.sum(np.asarray(gradient) * array), np.sum(expected * weights), rtol=1e-9, atol=1e-10
        )


@pytest.mark.parametrize(
    ("text", "shapes"),
    [("ij,jk->ik", ((2, 3), (3, 2))), ("ii->i", ((3, 3),)), ("iij,j->i", ((2, 2, 3), (3,))),
     ("...i,...i", ((2, 1, 3), (4, 3))),
     ("ij,ij->j", ((1, 3), (2, 3))), ("i,j,k->", ((2,), (3,), (2,))), ("ij->", ((2, 3),)), ("iii", ((2, 2, 2),))],
)  # fmt: skip
def test_einsum_against_differences(text: str, shapes: Any) -> None:
    check(lambda *xs: ad.einsum(text, *xs), lambda *xs: np.einsum(text, *xs), *(draw(*s) for s in shapes))


def test_misfits_are_refused_in_words() -> None:
    refuses(ValueError, "matmul: (2, 2) @ (3,) needs 2 = 3", lambda: ad.matmul(np.ones((2, 2)), np.ones(3)))
    refuses(ValueError, "matmul: () @ (3,): a number has no matrix product; use *", lambda: ad.matmul(2.0, np.ones(3)))
    refuses(ValueError, "dot: shapes (2,) and (3,) need 2 = 3", lambda: ad.dot(np.ones(2), np.ones(3)))
    refuses(
        ValueError, "einsum: 'j' is 2 long in one operand and 3 in another",
        lambda: ad.einsum("ij,jk", np.ones((2, 2)), np.ones((3, 2))),
    )  # fmt: skip
    refuses(ValueError, "einsum('ij,jk'): 2 operands named, 1 given", lambda: ad.einsum("ij,jk", np.ones((2, 2))))


def test_a_chain_of_matrices_is_multiplied_in_the_cheapest_order() -> None:
    a, b, c = draw(2, 30), draw(30, 3), draw(3, 40)
    check(lambda *xs: ad.multi_dot(list(xs)), lambda *xs: np.linalg.multi_dot(xs), a[:, :4], b[:4], c[:, :2])
    check(lambda *xs: ad.multi_dot(list(xs)), lambda *xs: np.linalg.multi_dot(xs), draw(3), draw(3, 2), draw(2))
