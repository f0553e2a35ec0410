"""The table of lax primitives: each entry's value is JAX's, and JAX's own gradient through it is judged right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import symdiff
from tests.frameworks import installed

jax = installed("jax")

from symdiff.frameworks.jax import framework  # noqa: E402 - of JAX, which may not be installed
from symdiff.frameworks.jax.lax import ENTRIES, EXACT, HOLDING, rows  # noqa: E402
from symdiff.frameworks.jax.recorder import OPENED, Recorder  # noqa: E402
from symdiff.frameworks.jax.values import numpy_of  # noqa: E402
from tests.frameworks.lax_samples import SAMPLES, Sample  # noqa: E402

ALIASES = frozenset(
    {
        "checkpoint",
        "closed_call",
        "composite",
        "copy_p",
        "core_call",
        "custom_vmap_call",
        "pjit",
        "pvary",
        "reduce_window",
        "remat2",
        "sharding_constraint",
    }
)
"""Other names of the same, of other versions or of several devices."""

CASES = [(name, place) for name, samples in SAMPLES.items() for place in range(len(samples))]


@contextmanager
def in_double() -> Iterator[None]:
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", before)


class Compared(Recorder):
    """A recorder that compares the value of every entry with JAX's."""

    seen: set[str]

    def _primitive(self, primitive: Any, given: Any, params: Any, eqn: Any = None) -> Any:
        self.seen.add(primitive.name)
        return super()._primitive(primitive, given, params, eqn)

    def _exact(self, primitive: Any, given: Any, ours: Any, params: Any) -> Any:
        found = super()._exact(primitive, given, ours, params)
        if found is not None:
            for each, value in zip(found, self.by_jax(primitive, given, params), strict=True):
                assert np.array_equal(np.asarray(each.ours.data), numpy_of(value)), primitive.name
                assert each.aval == jax.typeof(value)
        return found

    def _recorded(self, ours: Any, value: Any, name: str, tensors: Any) -> Any:
        if ours is not None:
            array = numpy_of(value)
            close = 64 * np.finfo(array.dtype).eps if array.dtype.kind == "f" else 0
            scale = float(np.max(np.abs(array), initial=0.0)) if array.dtype.kind == "f" else 0
            assert np.allclose(np.asarray(getattr(ours, "data", ours)), array, close, close * scale), name
        return super()._recorded(ours, value, name, tensors)


def judged(sample: Sample, dtype: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[symdiff.GradientReport, set[str]]:
    function, args = sample
    seen: set[str] = set()
    monkeypatch.setattr(Compared, "seen", seen, raising=False)
    monkeypatch.setattr(framework, "Recorder", Compared)
    given = [jax.numpy.asarray(each, dtype if each.dtype.kind == "f" else None) for each in args]
    return symdiff.check_gradients(function, *given), seen


@pytest.mark.parametrize(("name", "place"), CASES, ids=[f"{name}-{place}" for name, place in CASES])
def test_an_entrys_value_is_jaxs_and_jaxs_gradient_is_right(
    name: str, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with in_double():
        report, seen = judged(SAMPLES[name][place], np.float64, monkeypatch)
    assert name in seen
    assert report.verdict in ("agree", "imprecise"), report.failure()


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in EXACT])
def test_in_single_precision_as_well(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report, seen = judged(SAMPLES[name][0], np.float32, monkeypatch)
    assert name in seen
    assert report.verdict in ("agree", "imprecise"), report.failure()


def test_every_entry_has_a_sample() -> None:
    mapped = {*ENTRIES, *OPENED}
    assert not mapped - set(SAMPLES) - ALIASES
    assert not set(SAMPLES) - mapped
    assert set(ENTRIES) >= EXACT


def test_the_table_tells_every_entry() -> None:
    assert set(HOLDING) == set(OPENED)
    assert [name for name, said in rows() if not said] == []


def test_at_least_ninety_primitives_are_mapped() -> None:
    assert len({*ENTRIES, *OPENED} - ALIASES) >= 90
