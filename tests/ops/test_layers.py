"""Layers: normalisation, linear, embedding, dropout, attention."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autodiff as ad
from tests.ops.refusals import refuses


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(2, 5)), elements=st.integers(-9, 9).map(float)))
def test_normalised_rows(x: Any) -> None:
    y = ad.layer_norm(x, x.shape[1])
    expected = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-13)
    # neither a shift nor (but for eps) a stretch of the row changes the result
    slope = np.asarray(ad.grad(lambda t: ad.sum(ad.layer_norm(t, x.shape[1]) ** 3))(x))
    np.testing.assert_allclose(slope.sum(1), 0.0, atol=1e-9 * max(1.0, np.abs(slope).max()))


def test_equal_elements_are_normalised_to_zero() -> None:
    x = np.full((1, 4), 7.0)
    assert ad.layer_norm(x).tolist() == [[0.0] * 4]
    assert np.isfinite(np.asarray(ad.grad(lambda t: ad.sum(ad.layer_norm(t) * np.arange(4.0)))(x))).all()


def test_batch_norm_with_running_statistics_is_a_straight_line() -> None:
    x, mean, var = np.arange(6.0).reshape(3, 2), np.array([1.0, 2.0]), np.array([4.0, 9.0])
    y = ad.batch_norm(x, mean, var, eps=0.0)
    np.testing.assert_allclose(y, (x - mean) / np.sqrt(var))
    np.testing.assert_allclose(ad.grad(lambda t: ad.sum(ad.batch_norm(t, mean, var, eps=0.0)))(x), [[0.5, 1 / 3]] * 3)
    assert mean.tolist() == [1.0, 2.0]
    training = ad.batch_norm(x, mean, var, training=True)
    np.testing.assert_allclose(np.mean(training, axis=0), 0.0, atol=1e-15)


def test_batch_norm_of_images_is_by_channel() -> None:
    x = np.random.default_rng(1).normal(size=(2, 3, 4, 5))
    y = ad.batch_norm(x, weight=np.array([1.0, 2.0, 3.0]), bias=np.array([0.0, 0.0, 1.0]), eps=0.0)
    np.testing.assert_allclose(y.mean(axis=(0, 2, 3)), [0.0, 0.0, 1.0], atol=1e-14)
    np.testing.assert_allclose(y.std(axis=(0, 2, 3)), [1.0, 2.0, 3.0], rtol=1e-13)


def test_rms_norm_has_pytorchs_default() -> None:
    x = np.array([[3.0, 4.0]])
    np.testing.assert_allclose(ad.rms_norm(x, 2), x / np.sqrt(12.5), rtol=1e-15)
    assert ad.rms_norm(np.zeros((1, 2)), 2).tolist() == [[0.0, 0.0]]


def test_linear_and_embedding() -> None:
    w = np.arange(6.0).reshape(3, 2)
    assert ad.linear(np.array([1.0, 10.0]), w, np.ones(3)).tolist() == [11.0, 33.0, 55.0]
    slope = ad.grad(lambda t: ad.sum(ad.embedding(np.array([2, 0, 2]), t)))(w)
    assert np.asarray(slope).tolist() == [[1.0, 1.0], [0.0, 0.0], [2.0, 2.0]]
    refuses(
        ValueError, "linear: x has shape (4,), the weight (3, 2); x must end in (2,)", lambda: ad.linear(np.ones(4), w)
    )  # fmt: skip


def test_dropout_with_a_given_mask() -> None:
    x, mask = np.array([1.0, 2.0, 3.0]), np.array([True, False, True])
    assert ad.dropout(x, mask, p=0.5).tolist() == [2.0, 0.0, 6.0]
    assert np.asarray(ad.grad(lambda t: ad.sum(ad.dropout(t, mask)))(x)).tolist() == [2.0, 0.0, 2.0]
    refuses(ValueError, "dropout: p=1 must be from 0 on and below 1", lambda: ad.dropout(x, mask, p=1))


def reference(q: Any, k: Any, v: Any, seen: Any = True) -> Any:
    scores = np.where(seen, q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1]), -np.inf)
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True) @ v


@pytest.mark.parametrize("lead", [(), (2,), (2, 3)])
def test_attention_is_its_definition(lead: tuple[int, ...]) -> None:
    random = np.random.default_rng(3)
    q, k, v = (random.normal(size=(*lead, n, m)) for n, m in ((4, 3), (5, 3), (5, 2)))
    np.testing.assert_allclose(ad.scaled_dot_product_attention(q, k, v), reference(q, k, v), rtol=1e-13)
    seen = random.random((4, 5)) > 0.3
    seen[:, 0] = True
    np.testing.assert_allclose(ad.scaled_dot_product_attention(q, k, v, seen), reference(q, k, v, seen), rtol=1e-13)
    causal = ad.scaled_dot_product_attention(q, k, v, is_causal=True)
    np.testing.assert_allclose(causal, reference(q, k, v, np.tri(4, 5, dtype=bool)), rtol=1e-13)


def test_what_attention_does_not_see_has_no_influence() -> None:
    random = np.random.default_rng(4)
    q, k, v = (random.normal(size=(3, 2)) for _ in range(3))
    slope = ad.grad(lambda t: ad.sum(ad.scaled_dot_product_attention(q, k, t, is_causal=True)[0]))(v)
    assert np.asarray(slope)[1:].tolist() == [[0.0, 0.0], [0.0, 0.0]]
    v[2] = np.inf  # not even where it is not finite
    keys = ad.grad(lambda t: ad.sum(ad.scaled_dot_product_attention(q, t, v[:2], None)[:1]))(k[:2])
    assert np.isfinite(np.asarray(keys)).all()
