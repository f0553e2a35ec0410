"""NumPy's own functions on tensors: values, gradients, and refusals that name the way out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.declare.op import TABLE
from autodiff.numpy_face.compositions import COMPOSED
from autodiff.numpy_face.protocol import operations_by_function
from tests.engine.test_numpy_rest import FUNCTIONS
from tests.engine.test_writing import WRITTEN

A = np.array([[0.5, -1.4, 2.2], [0.1, -0.8, 1.3]])
ROW = np.array([0.3, 1.2, 2.5, 0.7])


def same(f: Any, *arrays: np.ndarray) -> None:
    """``f`` gives on tensors what it gives on arrays, and its gradient is that of differences."""
    tensors = [ad.tensor(array, requires_grad=True) for array in arrays]
    got, want = f(*tensors), f(*arrays)
    assert isinstance(got, ad.Tensor)
    np.testing.assert_allclose(got.data, want, rtol=1e-13, atol=1e-15)
    assert got.shape == np.shape(want)
    weights = np.cos(np.arange(np.size(want))).reshape(np.shape(want))
    gradients = ad.grad(lambda *xs: np.sum(f(*xs) * weights), tuple(range(len(arrays))))(*arrays)
    for place, (x, g) in enumerate(zip(arrays, gradients, strict=True)):
        for index in np.ndindex(x.shape):
            step = np.zeros_like(x)
            step[index] = 1e-6
            up, down = ([*arrays[:place], x + sign * step, *arrays[place + 1 :]] for sign in (1, -1))
            slope = (np.sum(f(*up) * weights) - np.sum(f(*down) * weights)) / 2e-6
            assert g[index] == pytest.approx(slope, rel=1e-6, abs=1e-7)


CALLS: dict[str, Any] = {
    "tanh": np.tanh,
    "keywords": lambda x: np.sum(x, axis=0, keepdims=True),
    "positions": lambda x: np.sum(x, 1),
    "a by name": lambda x: np.mean(a=x, axis=1),
    "none": lambda x: np.sum(x, axis=None, dtype=None, out=None),
    "std": lambda x: np.std(x, axis=1, ddof=1),
    "clip": lambda x: np.clip(x, -1.0, 1.0),
    "clip by name": lambda x: np.clip(x, a_min=-1.0, a_max=1.0),
    "reshape": lambda x: np.reshape(x, (3, 2)),
    "transpose": np.transpose,
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "concatenate": lambda x: np.concatenate([x, x * 2.0], axis=1),
    "concatenate by position": lambda x: np.concatenate((x, x), 1),
    "stack": lambda x: np.stack([x, x], axis=-1),
    "vstack": lambda x: np.vstack([x, x]),
    "where": lambda x: np.where(x > 0, x, -2.0 * x),
    "einsum": lambda x: np.einsum("ij,kj->ik", x, x),
    "dot": lambda x: np.dot(x, x.T),
    "tensordot": lambda x: np.tensordot(x, x, axes=[[1], [1]]),
    "outer": lambda x: np.outer(x, x),
    "norm": lambda x: np.linalg.norm(x, axis=1),
    "linalg.trace": lambda x: np.linalg.trace(x @ x.T),
    "linalg.diagonal": lambda x: np.linalg.diagonal(x),
    "cumsum": lambda x: np.cumsum(x, axis=1),
    "max": lambda x: np.max(x, axis=0),
    "roll": lambda x: np.roll(x, 1, axis=1),
    "tile": lambda x: np.tile(x, (2, 1)),
    "pad": lambda x: np.pad(x, ((1, 0), (0, 2))),
    "take": lambda x: np.take(x, [0, 2], axis=1),
    "add.reduce": lambda x: np.add.reduce(x),
    "add.reduce keepdims": lambda x: np.add.reduce(x, axis=1, keepdims=True),
    "multiply.reduce": lambda x: np.multiply.reduce(x, axis=1),
    "maximum.reduce": lambda x: np.maximum.reduce(x, axis=1),
    "add.accumulate": lambda x: np.add.accumulate(x, axis=1),
    "multiply.outer": lambda x: np.multiply.outer(x, ROW),
    "subtract.outer": lambda x: np.subtract.outer(ROW, x),
    "float64 first": lambda x: np.float64(2.0) * x,
    "array first": lambda x: A * x - A,
    "divmod": lambda x: np.divmod(x, 0.9)[1],
    "modf": lambda x: np.modf(x)[0],
    "fmod": lambda x: np.fmod(x, 0.9),
    "float_power": lambda x: np.float_power(np.abs(x), 1.5),
    "real": np.real,
    "append": lambda x: np.append(x, x),
    "append along": lambda x: np.append(x, x, axis=1),
    "ediff1d": np.ediff1d,
    "cumulative_sum": lambda x: np.cumulative_sum(x, axis=1),
    "cumulative_prod": lambda x: np.cumulative_prod(x, axis=1),
    "linspace": lambda x: np.linspace(x, 2.0, 4),
    "linspace without end": lambda x: np.linspace(x[0, 0], x[0, 1], 4, endpoint=False),
    "select": lambda x: np.select([x > 1, x > 0], [x * x, 3.0 * x], -x),
    "trapezoid": lambda x: np.trapezoid(x, dx=0.5),
    "trapezoid with positions": lambda x: np.trapezoid(x, np.array([0.0, 1.0, 3.0])),
    "polyval": lambda x: np.polyval([2.0, -1.0, 0.5], x),
    "vander": lambda x: np.vander(x[0]),
    "vander increasing": lambda x: np.vander(x[0], 4, increasing=True),
    "convolve": lambda x: np.convolve(x[0], ROW),
    "convolve same": lambda x: np.convolve(ROW, x[0], mode="same"),
    "convolve valid": lambda x: np.convolve(x[0], ROW, "valid"),
    "gradient": lambda x: np.gradient(x[0], 0.5),
    "gradient along": lambda x: np.gradient(x, axis=1),
    "cov": np.cov,
    "cov of a row": lambda x: np.cov(x[0]),
    "corrcoef": lambda x: np.corrcoef(x.T[:2]),
    "nansum": lambda x: np.nansum(x, axis=0),
    "nanmean": lambda x: np.nanmean(x, axis=0) if isinstance(x, ad.Tensor) else np.mean(x, axis=0),
    "linalg.cross": lambda x: np.linalg.cross(x[0], x[1]),
    "linalg.outer": lambda x: np.linalg.outer(x[0], x[1]),
    "linalg.vecdot": lambda x: np.linalg.vecdot(x, x),
    "linalg.tensordot": lambda x: np.linalg.tensordot(x, x, axes=((1,), (1,))),
    "linalg.matrix_transpose": np.linalg.matrix_transpose,
    "linalg.matmul": lambda x: np.linalg.matmul(x, x.T),
    "compress": lambda x: np.compress([True, False, True], x, axis=1),
    "extract": lambda x: np.extract(np.arange(6).reshape(2, 3) % 2 == 0, x),
    "extract by a tensor's mask": lambda x: np.extract(x > 0, x),
    "delete": lambda x: np.delete(x, 1, axis=1),
    "delete several": lambda x: np.delete(x, [0, -1]),
    "rollaxis": lambda x: np.rollaxis(x[None], 2, 1),
    "rollaxis back": lambda x: np.rollaxis(x[None], 0, -1),
    "correlate": lambda x: np.correlate(x[0], ROW[:2], "full"),
    "correlate with a longer one": lambda x: np.correlate(x[0, :2], np.arange(1.0, 6.0), "valid"),
    "nanquantile": lambda x: np.nanquantile(x, 0.3),
    "nanpercentile": lambda x: np.nanpercentile(x, 30, axis=1),
    "nanmedian": lambda x: np.nanmedian(x, axis=0),
    "nan_to_num": lambda x: np.nan_to_num(x, True, 1.0),
    "angle": lambda x: np.angle(x) * x,
    "quantile": lambda x: np.quantile(x, 0.3),
    "quantiles": lambda x: np.quantile(x, [0.1, 0.5, 1.0], axis=1),
    "quantiles kept": lambda x: np.quantile(x, [0.0, 0.7], axis=0, keepdims=True),
    "percentile": lambda x: np.percentile(x, 85.0, axis=1, keepdims=True),
    "choose": lambda x: np.choose([0, 1, 2], [x, 2.0 * x, x * x]),
    "interp": lambda x: np.interp(x, [-1.0, 0.2, 0.9, 1.4], [3.0, -1.0, 2.0, 0.5]),
    "interp in the heights": lambda x: np.interp([-9.0, 0.5, 1.2, 9.0], [0.0, 1.0, 2.0], x[0]),
    "interp with ends": lambda x: np.interp(x, [-0.6, 0.6], [1.0, 2.0], left=-7.0, right=7.0),
    "maximum.accumulate": lambda x: np.maximum.accumulate(x, axis=1),
    "minimum.accumulate": lambda x: np.minimum.accumulate(x),
}
for name, call in {"matvec": lambda x: np.matvec(x, x[0]), "vecmat": lambda x: np.vecmat(x[:, 0], x)}.items():
    if hasattr(np, name):
        CALLS[name] = call


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_calls_agree_with_numpy_and_differentiate(call: Any) -> None:
    same(call, A)


INDICES = {
    "number": 1, "negative": -1, "slice": slice(None, None, -1), "pair": (0, 2), "column": (slice(None), 1),
    "ellipsis": (..., 0), "new axis": (None, slice(None), None), "numbers": [1, 0, 1],
    "array": np.array([[0, 1], [1, 1]]),
    "pairs": ([0, 1, 1], [2, 0, 0]), "mask": A > 0, "row mask": (np.array([True, False]),),
    "mixed": (slice(None), [2, 2, 0]),
    "empty": (), "none selected": (slice(0, 0),), "numpy integer": np.int64(1),
}  # fmt: skip


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
def test_indexing_in_all_forms(index: Any) -> None:
    same(lambda x: x[index], A)


def test_indexing_errors() -> None:
    x = ad.tensor(A, requires_grad=True)
    with pytest.raises(IndexError, match=r"x has shape \(2, 3\)"):
        _ = x[5]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda x: np.add(x, 1.0, out=np.zeros((2, 3))), r"np\.add: out= would write the result into an array"),
        (lambda x: np.sum(x, out=np.zeros(())), r"np\.sum: out= would write"),
        (lambda x: np.add(x, 1.0, where=A > 0), r"np\.add: where= is not supported"),
        (lambda x: np.sum(x, dtype=np.float32), r"np\.sum: dtype= is not supported on tensors; write x\.astype"),
        (lambda x: np.hypot.reduceat(x, [0]), r"np\.hypot\.reduceat has no derivative here"),
        (lambda x: np.add.at(x, 0, 1.0), "the elements of an input cannot be assigned"),
        (lambda x: np.spacing(x), r"np\.spacing has no derivative here"),
        (lambda x: np.frexp(x), r"np\.frexp has no derivative here"),
        (lambda x: np.full(3, x[0, 0], dtype=float), r"np\.copyto"),
        (lambda x: np.copyto(np.zeros(3), x[0]), r"np\.copyto"),
        (lambda x: np.linalg.eigvals(x @ x.T), r"np\.linalg\.eigvals has no derivative here"),
        (lambda x: np.unique(x), r"np\.unique has no derivative here"),
        (lambda x: np.save("x.npy", x), r"np\.save would write a tensor without its gradient"),
    ],
)
def test_what_is_refused_says_why_by_its_numpy_name(call: Any, error: str) -> None:
    with pytest.raises(TypeError, match=error):
        call(ad.tensor(A, requires_grad=True))


def test_augmented_assignment_gives_the_only_name_of_an_array_a_tensor() -> None:
    x = ad.tensor(A, requires_grad=True)
    a = A.copy()
    a += x
    a *= x
    a.sum().backward()
    np.testing.assert_array_equal(x.grad.data, 3.0 * A)
    holder = {"a": np.zeros((2, 3))}
    holder["a"] -= x
    assert isinstance(holder["a"], ad.Tensor)


def _with_two_names(a: Any, x: Any) -> None:
    a += x  # the caller has a name for it as well


def _of_a_view(a: Any, x: Any) -> None:
    row = np.zeros((2, 2, 3))[0]
    row += x


def _stretched(a: Any, x: Any) -> None:
    narrow = np.zeros((1, 3))
    narrow += x


def _by_out(a: Any, x: Any) -> None:
    np.add(a, x, out=a)


@pytest.mark.parametrize("statement", [_with_two_names, _of_a_view, _stretched, _by_out])
def test_augmented_assignment_is_refused_where_somebody_would_miss_it(statement: Any) -> None:
    a = A.copy()
    with pytest.raises(TypeError, match=r"a = a \+ x rather than a \+= x"):
        statement(a, ad.tensor(A, requires_grad=True))
    np.testing.assert_array_equal(a, A)


def test_questions_about_values_are_answered() -> None:
    x = ad.tensor(A, requires_grad=True)
    assert np.shape(x) == (2, 3)
    assert np.ndim(x) == 2
    assert np.size(x) == 6
    assert np.allclose(x, A)
    assert np.array_equal(x, A)
    assert np.argsort(x, axis=1).tolist() == np.argsort(A, axis=1).tolist()
    assert np.result_type(x, np.float32) == np.float64
    assert type(np.zeros_like(x)) is ad.Tensor
    assert type(np.zeros_like(x, dtype=int)) is np.ndarray
    assert np.nonzero(x > 0)[0].tolist() == np.nonzero(A > 0)[0].tolist()
    assert np.iscomplexobj(x) is False


def test_constants_may_go_anywhere() -> None:
    x = ad.tensor(A)
    np.testing.assert_array_equal(np.unique(x), np.unique(A))
    np.testing.assert_array_equal(np.spacing(x), np.spacing(A))


def test_where_with_a_mask_alone_finds_positions() -> None:
    x = ad.tensor(A, requires_grad=True)
    rows, columns = np.where(x > 0)
    np.testing.assert_array_equal(x[rows, columns].data, A[A > 0])
    np.testing.assert_array_equal(np.where(x > 0, x, 0.0).data, np.where(A > 0, A, 0.0))


def test_running_extremes_keep_nan_and_send_ties_to_the_first() -> None:
    values = np.array([1.0, 2.0, 2.0, np.nan, 5.0])
    running = np.maximum.accumulate(ad.tensor(values, requires_grad=True))
    np.testing.assert_array_equal(running.data, np.maximum.accumulate(values))
    assert ad.grad(lambda x: np.maximum.accumulate(x).sum())(np.array([1.0, 2.0, 2.0])).tolist() == [1.0, 2.0, 0.0]


def test_every_declared_numpy_name_exists() -> None:
    functions = operations_by_function()
    for entry in TABLE.values():
        for name in entry.numpy:
            owner: Any = np
            for part in name.split("."):
                owner = getattr(owner, part, None)
            assert owner is None or functions[owner] is entry, (entry.name, name)


def test_no_function_is_answered_twice() -> None:
    assert not set(COMPOSED) & set(operations_by_function())


def test_masks_and_rounding() -> None:
    x = ad.tensor(A, requires_grad=True)
    np.testing.assert_array_equal(np.bitwise_and(x > 0, A < 1).data, (A > 0) & (A < 1))
    np.testing.assert_array_equal(np.bitwise_or(A > 1, x < 0).data, (A > 1) | (A < 0))
    np.testing.assert_array_equal(np.bitwise_xor(A > 1, x < 0).data, (A > 1) ^ (A < 0))
    np.testing.assert_array_equal(np.invert(x > 0).data, ~(A > 0))
    np.testing.assert_array_equal(np.rint(x).data, np.rint(A))
    np.testing.assert_array_equal(np.conj(x).data, A)
    np.testing.assert_array_equal(np.imag(x), np.zeros((2, 3)))


def test_the_array_namespace_has_the_functions_of_the_package() -> None:
    x = ad.tensor(A, requires_grad=True)
    xp = x.__array_namespace__()
    assert xp.exp is ad.exp
    np.testing.assert_allclose(xp.sum(xp.exp(x)).data, np.exp(A).sum())
    np.testing.assert_array_equal(xp.cumulative_sum(x, axis=0).data, A.cumsum(axis=0))
    assert xp.empty((2, 3), dtype=xp.float32).dtype == xp.empty_like(x, dtype=xp.float32).dtype == np.float32
    with pytest.raises(AttributeError, match="autodiff has no function fft"):
        _ = xp.fft
    with pytest.raises(ValueError, match=r"api_version='1999\.12'"):
        x.__array_namespace__(api_version="1999.12")


STANDARD = [
    "abs",
    "acos",
    "acosh",
    "add",
    "all",
    "any",
    "arange",
    "argmax",
    "argmin",
    "asarray",
    "asin",
    "asinh",
    "astype",
    "atan",
    "atan2",
    "atanh",
    "broadcast_arrays",
    "broadcast_to",
    "ceil",
    "clip",
    "concat",
    "copysign",
    "cos",
    "cosh",
    "cumulative_prod",
    "cumulative_sum",
    "diff",
    "divide",
    "equal",
    "exp",
    "expand_dims",
    "expm1",
    "eye",
    "flip",
    "floor",
    "floor_divide",
    "full",
    "full_like",
    "greater",
    "greater_equal",
    "hypot",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "linspace",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "matmul",
    "matrix_transpose",
    "max",
    "maximum",
    "mean",
    "meshgrid",
    "min",
    "minimum",
    "moveaxis",
    "multiply",
    "negative",
    "not_equal",
    "ones",
    "ones_like",
    "permute_dims",
    "positive",
    "pow",
    "prod",
    "reciprocal",
    "remainder",
    "repeat",
    "reshape",
    "roll",
    "round",
    "sign",
    "sin",
    "sinh",
    "sort",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "subtract",
    "sum",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tensordot",
    "tile",
    "tril",
    "triu",
    "trunc",
    "unstack",
    "var",
    "vecdot",
    "where",
    "zeros",
    "zeros_like",
    "e",
    "pi",
    "inf",
    "nan",
    "newaxis",
    "float32",
    "float64",
    "int64",
    "bool",
    "isdtype",
    "result_type",
]


@pytest.mark.parametrize("name", STANDARD)
def test_names_of_the_array_api_standard(name: str) -> None:
    assert hasattr(ad.tensor(1.0).__array_namespace__(), name)


SIGNAL, KERNEL = np.array([1.0, 0.5, -2.0, 3.0, 0.3]), np.array([0.5, 0.2, 0.1, 0.0, 0.0])
FOURIER = {
    "power spectrum": lambda x: np.sum(np.abs(np.fft.rfft(x)) ** 2 * np.arange(3)),
    "convolution": lambda x: np.sum(np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(KERNEL), 5) ** 3),
    "longer": lambda x: np.sum(np.fft.irfft(np.fft.rfft(KERNEL, 8) * np.fft.rfft(x, 8), 8)[:5] ** 3),
    "whole": lambda x: np.sum(np.real(np.fft.ifft(np.fft.fft(x) * np.conj(np.fft.fft(KERNEL)))) ** 2),
    "planes": lambda x: np.sum(np.abs(np.fft.fft2(np.outer(x, x))) ** 2 * np.arange(5)),
    "shifted": lambda x: np.sum(np.fft.fftshift(x) * np.arange(5.0) * np.fft.ifftshift(x)),
    "angles": lambda x: np.sum(np.angle(np.fft.rfft(x))[1:]),
    "orthonormal": lambda x: np.sum(np.fft.rfft(x, norm="ortho").imag ** 3),
    "autocorrelation": lambda x: np.fft.irfft(np.abs(np.fft.rfft(x)) ** 2, 5)[1],
    "quotient": lambda x: np.sum(np.abs(1 / (2 + np.fft.fft(x)))),
    "along an axis": lambda x: np.sum(np.fft.rfft(np.outer(x, x[:2]), axis=0).real ** 2),
    "times a tensor": lambda x: np.sum(np.abs(x[:3] * np.fft.rfft(x) - np.multiply(x[1:4], np.fft.rfft(x))) ** 2),
    "of what is real": lambda x: np.sum(np.fft.irfft(x) ** 2 * np.arange(8)) + np.sum(np.real(np.fft.ifft(x)) ** 3),
    "there and back": lambda x: np.sum(np.fft.irfft(np.fft.rfft(x[:4])) ** 3),
}


@pytest.mark.parametrize("name", FOURIER)
def test_fourier_transforms_lead_back_to_real_numbers(name: str) -> None:
    f = FOURIER[name]
    steps = 1e-6 * np.eye(5)
    want = [(f(SIGNAL + step) - f(SIGNAL - step)) / 2e-6 for step in steps]
    np.testing.assert_allclose(ad.grad(f)(SIGNAL), want, rtol=1e-6, atol=1e-6)
    assert f(ad.tensor(SIGNAL)).item() == pytest.approx(f(SIGNAL))


def test_other_functions_of_complex_numbers_are_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"np\.exp of complex numbers has no derivative here"):
        ad.grad(lambda x: np.sum(np.exp(np.fft.fft(x))))(SIGNAL)


CHOSEN = np.array([True, False, True, True, False])
PLANE = np.arange(12.0).reshape(3, 4) / 7 + 1
MORE = {
    "sum where": (lambda x: np.log(np.sum(np.exp(x), where=CHOSEN)), SIGNAL),
    "mean where": (lambda x: np.mean(x * x, where=CHOSEN), SIGNAL),
    "var where": (lambda x: np.var(x, where=CHOSEN, ddof=1), SIGNAL),
    "std where": (lambda x: np.sum(np.std(x, axis=0, where=PLANE > 1.2)), PLANE),
    "max where": (lambda x: np.max(x, where=CHOSEN, initial=-5.0), SIGNAL),
    "prod where": (lambda x: np.prod(x, where=CHOSEN, initial=2.0), SIGNAL),
    "sum initial": (lambda x: np.sum(x, initial=3.0) ** 2, SIGNAL),
    "bincount": (lambda x: np.sum(np.bincount([0, 2, 2, 1, 0], weights=x) ** 2), SIGNAL),
    "block": (lambda m: np.sum(np.block([[m, np.ones((3, 1))], [np.ones((1, 5))]]) ** 3), PLANE),
    "apply_along_axis": (lambda m: np.sum(np.apply_along_axis(lambda v: np.cumsum(v) * v[0], 1, m) * PLANE), PLANE),
    "apply_along_axis 0": (lambda m: np.sum(np.apply_along_axis(np.linalg.norm, 0, m) ** 3), PLANE),
    "sliding_window_view": (
        lambda x: np.sum(np.lib.stride_tricks.sliding_window_view(x, 3) @ np.array([1.0, 2.0, 3.0]) ** 2), SIGNAL,
    ),
    "sliding planes": (
        lambda m: np.sum(np.lib.stride_tricks.sliding_window_view(m, (2, 2)).sum((2, 3)) ** 2), PLANE,
    ),
    "piecewise": (lambda x: np.sum(np.piecewise(x, [x < 0, x >= 0.9], [lambda v: -v, lambda v: v**2, 3.0])), SIGNAL),
    "cond": (lambda m: np.linalg.cond(m[:, :3] + np.eye(3)), PLANE),
    "cond 1": (lambda m: np.linalg.cond(m[:, :3] + np.eye(3), 1), PLANE),
    "lstsq": (lambda m: np.sum(np.linalg.lstsq(m.T + np.eye(4, 3), np.arange(4.0), rcond=None)[0] ** 2), PLANE),
    "atleast_2d": (lambda x: np.sum(np.atleast_2d(x, 2 * x)[1] ** 2), SIGNAL),
    "real_if_close": (lambda x: np.sum(np.real_if_close(x) ** 2), SIGNAL),
}  # fmt: skip


@pytest.mark.parametrize("name", MORE)
def test_more_of_numpy(name: str) -> None:
    f, at = MORE[name]
    want = np.zeros(at.shape)
    for place in np.ndindex(*at.shape):
        step = np.zeros(at.shape)
        step[place] = 1e-6
        want[place] = (f(at + step) - f(at - step)) / 2e-6
    np.testing.assert_allclose(ad.grad(f)(at), want, rtol=2e-5, atol=1e-5)


def test_functions_of_scipy_special_are_the_operations() -> None:
    special = pytest.importorskip("scipy.special")
    x = np.array([0.3, 1.2])
    for function, ours in (
        (special.expit, ad.sigmoid), (special.gammaln, ad.gammaln), (special.psi, ad.digamma), (special.erf, ad.erf),
    ):  # fmt: skip
        got = ad.grad(lambda x: np.sum(function(x)))(x)  # noqa: B023
        np.testing.assert_array_equal(got, ad.grad(lambda x: ad.sum(ours(x)))(x))  # noqa: B023
    np.testing.assert_allclose(ad.grad(lambda x: np.sum(special.entr(x)))(x), -np.log(x) - 1)
    np.testing.assert_allclose(ad.grad(lambda x: np.sum(special.kl_div(x, 2.0)))(x), np.log(x / 2))
    with pytest.raises(TypeError, match=r"np\.wright_bessel has no derivative here"):
        ad.grad(lambda x: np.sum(special.wright_bessel(1.0, 1.0, x)))(x)


@pytest.mark.parametrize("function", COMPOSED, ids=lambda function: function.__name__)
def test_every_composition_has_a_call(function: Any) -> None:
    names = " ".join([*CALLS, *MORE, *FUNCTIONS, *WRITTEN])
    known = {
        "bitwise_and",
        "bitwise_or",
        "bitwise_xor",
        "invert",
        "rint",
        "imag",
        "conjugate",
    }  # in test_masks_and_rounding
    assert function.__name__ in known or function.__name__ in names
