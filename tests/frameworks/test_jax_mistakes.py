"""Derivative rules with a mistake: the text of the failure alone leads to the function, its line and the mistake."""

from __future__ import annotations

from typing import Any

import pytest

import symdiff
from tests.frameworks import installed

jax = installed("jax")

from jax._src.interpreters import ad  # noqa: E402 - of JAX, which may not be installed

from tests.frameworks.jax_mistakes import MISTAKES, Mistake, X, square  # noqa: E402 - of JAX, which may not be installed

jnp = jax.numpy


@pytest.mark.parametrize("mistake", MISTAKES, ids=[each.what for each in MISTAKES])
def test_a_mistake_is_found_and_named(mistake: Mistake) -> None:
    report = symdiff.check_gradients(mistake.function, *map(jnp.asarray, mistake.arrays))
    assert report.verdict == "disagree"
    assert report.blame is not None
    assert report.blame.operation == mistake.culprit
    text = report.failure()
    assert mistake.line in text
    assert f"{mistake.culprit}: " in text
    assert mistake.says in text


@pytest.mark.parametrize("around", [jax.jit, jax.vmap, jax.checkpoint, lambda f: lambda x: jax.lax.map(f, x)])
def test_a_mistake_is_found_through_transformations(around: Any) -> None:
    report = symdiff.check_gradients(lambda x: jnp.sum(around(square)(x)), jnp.asarray(X))
    assert report.blame is not None
    assert (report.blame.operation, report.blame.operand) == ("square", "x")
    assert "twice as large" in report.failure()


def test_a_primitive_of_jaxs_own_is_blamed_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(primals: Any, tangents: Any, **params: Any) -> Any:
        (x,), (t,) = primals, tangents
        return jnp.sin(x), 2 * jnp.cos(x) * t

    monkeypatch.setitem(ad.primitive_jvps, jax.lax.sin_p, doubled)
    monkeypatch.delitem(ad.primitive_linearizations, jax.lax.sin_p, raising=False)
    report = symdiff.check_gradients(lambda x: jnp.sum(jnp.exp(jnp.sin(x) * x)), jnp.asarray(X))
    assert report.blame is not None
    assert report.blame.operation == "sin"
    assert "sin: the gradient by x is twice as large as it should be" in report.failure()


def test_what_is_wrong_only_elsewhere_is_found() -> None:
    @jax.custom_vjp
    def squared(x: Any) -> Any:
        return x * x

    squared.defvjp(lambda x: (x * x, x), lambda x, g: (g * (x + 2),))
    report = symdiff.check_gradients(lambda x: jnp.sum(squared(x)), jnp.array([2.0, 2.0]))
    assert not report.ok
    assert "squared" in report.failure()
