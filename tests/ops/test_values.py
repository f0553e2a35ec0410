"""Values of the elementwise operations: NumPy's own where NumPy has the function, for every kind of operand."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, mutually_broadcastable_shapes

import autodiff as ad
from autodiff.declare.op import TABLE, Op
from tests.ops.test_accuracy import FAMILIES

ENTRIES = [e for n, e in TABLE.items() if n == e.name and e.family in FAMILIES]
IN_NUMPY = [(entry, name) for entry in ENTRIES for name in entry.numpy]
# Ours are exact at whole numbers; of whole numbers ours is a fraction.
OTHERWISE = {"sinc", "reciprocal", "i0"}
WARNINGS = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def numpy_function(name: str) -> Any:
    return getattr(np, name)


@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning")  # from NumPy 2.5 on
@pytest.mark.parametrize(("entry", "name"), IN_NUMPY, ids=[name for _, name in IN_NUMPY])
def test_values_are_numpys_and_reached_through_numpy(entry: Any, name: str) -> None:
    function = numpy_function(name)
    for sample in entry.samples:
        expected = function(*sample.operands, **sample.params)
        ours = entry(*sample.operands, **sample.params)
        np.testing.assert_allclose(ours, expected, rtol=4e-15 if entry.name not in OTHERWISE else 1e-12, atol=1e-15)
        tensors = [ad.tensor(x) if isinstance(x, float | np.ndarray) else x for x in sample.operands]
        through = function(*tensors, **sample.params)
        assert isinstance(through, ad.Tensor)
        np.testing.assert_array_equal(np.asarray(through), np.asarray(ours))


HOSTILE = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 5e-324, 1e308, -1e308])


@WARNINGS
@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning")  # from NumPy 2.5 on
@pytest.mark.parametrize(("entry", "name"), IN_NUMPY, ids=[name for _, name in IN_NUMPY])
def test_nan_and_infinities_come_out_as_numpys(entry: Any, name: str) -> None:
    if entry.name in OTHERWISE:
        return
    arity = entry.arity if isinstance(entry, Op) else 1
    if entry.name == "where":
        return
    operands = (HOSTILE,) if arity == 1 else (HOSTILE[:, None], HOSTILE)
    np.testing.assert_allclose(entry(*operands), numpy_function(name)(*operands), rtol=1e-14)


@pytest.mark.parametrize("entry", [e for e in ENTRIES if isinstance(e, Op)], ids=lambda e: e.name)
def test_no_elements_give_no_elements(entry: Op) -> None:
    empty = [np.zeros((0, 3))] * entry.arity
    params = entry.samples[0].params
    assert np.shape(entry(*empty, **params)) == (0, 3)


@pytest.mark.parametrize("entry", [e for e in ENTRIES if isinstance(e, Op)], ids=lambda e: e.name)
def test_operands_are_never_written_to_and_large_arrays_are_as_small_ones(entry: Op) -> None:
    sample = entry.samples[0]
    small = [np.asarray(x).flat[0] for x in sample.operands]
    large = [np.full((3, 7000), x) for x in small]
    for array in large:
        array.flags.writeable = False
    value = entry(*small, **sample.params)
    np.testing.assert_allclose(entry(*large, **sample.params), np.full((3, 7000), value), rtol=1e-14)
    turned = [np.full((7000, 3), x).T for x in small]
    np.testing.assert_allclose(entry(*turned, **sample.params), np.full((3, 7000), value), rtol=1e-14)


PAIRS = [e for e in ENTRIES if isinstance(e, Op) and e.arity == 2 and e.differentiable and not e.extra]


@given(data=st.data(), entry=st.sampled_from(PAIRS))
def test_cotangents_have_the_shapes_of_their_operands(data: Any, entry: Op) -> None:
    shapes = data.draw(mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)).input_shapes
    elements = st.floats(0.125, 0.875, width=16)
    x, y = (data.draw(arrays(np.float64, shape, elements=elements)) for shape in shapes)
    gradients = ad.grad(lambda a, b: ad.sum(entry(a, b)), argnums=(0, 1))(x, y)
    assert [np.shape(g) for g in gradients] == [x.shape, y.shape]
    full = np.broadcast_shapes(x.shape, y.shape)
    spread = ad.grad(lambda a, b: ad.sum(entry(a, b)), argnums=(0, 1))(
        np.broadcast_to(x, full).copy(), np.broadcast_to(y, full).copy()
    )
    for narrow, wide, operand in zip(gradients, spread, (x, y), strict=True):
        assert float(np.sum(narrow)) == pytest.approx(float(np.sum(wide)), rel=1e-12, abs=1e-12), operand.shape


@given(x=arrays(np.float64, array_shapes(max_dims=2, max_side=4), elements=st.floats(-1e3, 1e3)))
def test_identities(x: Any) -> None:
    np.testing.assert_allclose(ad.sigmoid(x) + ad.sigmoid(-x), 1.0, rtol=4e-16)
    np.testing.assert_allclose(ad.softplus(x) - ad.softplus(-x), x, rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(ad.log_sigmoid(x), -ad.softplus(-x), rtol=4e-16)
    np.testing.assert_array_equal(ad.clip(x, -1.0, 1.0), ad.hardtanh(x))
    np.testing.assert_array_equal(ad.relu(x) - ad.relu(-x), x)
    np.testing.assert_array_equal(ad.sinc(np.rint(x)), np.rint(x) == 0.0)


def test_numbers_and_integers() -> None:
    assert ad.sigmoid(0) == 0.5
    assert ad.reciprocal(4) == 0.25
    assert float(ad.sech(0)) == 1.0
    np.testing.assert_array_equal(ad.power([2, 3], 2), [4, 9])
    assert np.asarray(ad.add(1, 2)).dtype.kind == "i"


def test_scipy_is_imported_when_it_is_needed_and_asked_for_in_words() -> None:
    program = """
import sys
import autodiff as ad
assert "scipy" not in sys.modules
ad.sigmoid(0.5), ad.gelu(0.5), ad.logit(0.5), ad.xlogy(1.0, 2.0)
assert "scipy" not in sys.modules
sys.modules["scipy"] = None
try:
    ad.erf(0.5)
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == 'erf needs SciPy: pip install "symdiff-explain[scipy]"\n'
