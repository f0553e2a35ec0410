"""NumPy functions that are no operation of their own: on tensors they are composed of operations.

They have NumPy's names and parameters.  Each stands under the function it answers for.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from .op import TABLE

COMPOSED: dict[Any, Callable[..., Any]] = {}


def answers(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the composition that answers for NumPy's functions ``names``, as far as this NumPy has them."""

    def register(composition: Callable[..., Any]) -> Callable[..., Any]:
        for name in names:
            owner = np.linalg if name.startswith("linalg.") else np
            function = getattr(owner, name.removeprefix("linalg."), None)
            if function is not None:
                COMPOSED[function] = composition
        return composition

    return register


def _op(name: str) -> Any:
    return TABLE[name]


@answers("divmod")
def divmod_(x: Any, y: Any) -> tuple[Any, Any]:
    return _op("floor_divide")(x, y), _op("remainder")(x, y)


@answers("modf")
def modf(x: Any) -> tuple[Any, Any]:
    whole = _op("trunc")(x)
    return x - whole, whole


@answers("fmod")
def fmod(x: Any, y: Any) -> Any:
    return x - _op("trunc")(x / y) * y


@answers("rint")
def rint(x: Any) -> Any:
    return _op("round")(x)


@answers("float_power")
def float_power(x: Any, y: Any) -> Any:
    return _op("power")(_as_double(x), _as_double(y))


def _as_double(x: Any) -> Any:
    return x.astype(np.float64) if hasattr(x, "astype") else np.asarray(x, np.float64)


@answers("real", "conj")  # conj and conjugate are one ufunc
def itself(x: Any) -> Any:
    return x


@answers("imag")
def imag(val: Any) -> Any:
    return np.zeros(val.shape, val.dtype)


def _mask(x: Any) -> Any:
    if not isinstance(x, bool) and getattr(x, "dtype", None) != np.bool_:
        raise TypeError("the bits of numbers have no derivative; & | ^ ~ on tensors join masks (x > 0)")
    return x


@answers("bitwise_and")
def bitwise_and(x: Any, y: Any) -> Any:
    return _op("logical_and")(_mask(x), _mask(y))


@answers("bitwise_or")
def bitwise_or(x: Any, y: Any) -> Any:
    return _op("logical_or")(_mask(x), _mask(y))


@answers("bitwise_xor")
def bitwise_xor(x: Any, y: Any) -> Any:
    return _op("logical_xor")(_mask(x), _mask(y))


@answers("invert")
def invert(x: Any) -> Any:
    return _op("logical_not")(_mask(x))


@answers("append")
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    if axis is None:
        return _op("concatenate")([_op("ravel")(arr), _op("ravel")(values)])
    return _op("concatenate")([arr, values], axis=axis)


@answers("ediff1d")
def ediff1d(ary: Any) -> Any:
    return _op("diff")(_op("ravel")(ary))


@answers("cumulative_sum")
def cumulative_sum(x: Any, /, *, axis: int | None = None) -> Any:
    return _op("cumsum")(x, axis=_only_axis("cumulative_sum", x, axis))


@answers("cumulative_prod")
def cumulative_prod(x: Any, /, *, axis: int | None = None) -> Any:
    return _op("cumprod")(x, axis=_only_axis("cumulative_prod", x, axis))


def _only_axis(name: str, x: Any, axis: int | None) -> int:
    if axis is None and x.ndim != 1:
        raise ValueError(f"np.{name}: x has shape {x.shape}; axis must say along which axis")
    return 0 if axis is None else axis


@answers("linspace")
def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True) -> Any:
    share = np.linspace(0.0, 1.0, num, endpoint=endpoint)
    share = share.reshape((num,) + (1,) * max(np.ndim(start), np.ndim(stop)))
    return start * (1.0 - share) + stop * share


@answers("select")
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    result = default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        result = _op("where")(condition, choice, result)
    return result


@answers("trapezoid")
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y = _op("moveaxis")(y, axis, -1)
    if x is not None:
        dx = _op("diff")(x if np.ndim(x) == 1 else _op("moveaxis")(x, axis, -1))
    return _op("sum")(dx * (y[..., 1:] + y[..., :-1]) / 2.0, axis=-1)


@answers("polyval")
def polyval(p: Any, x: Any) -> Any:
    return reduce(lambda value, coefficient: value * x + coefficient, p, x * 0.0)


@answers("vander")
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    powers = np.arange(len(x) if N is None else N)
    return _op("power")(x[:, None], powers if increasing else powers[::-1])


@answers("convolve")
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    a, v = (v, a) if len(v) > len(a) else (a, v)
    n, m = len(a), len(v)
    padded = _op("pad")(a, (m - 1, m - 1))
    whole = reduce(operator.add, [v[k] * padded[m - 1 - k : m - 1 - k + n + m - 1] for k in range(m)])
    ends = {"full": (0, n + m - 1), "same": ((m - 1) // 2, (m - 1) // 2 + n), "valid": (m - 1, n)}
    if mode not in ends:
        raise ValueError(f"np.convolve(mode={mode!r}): mode must be 'full', 'same' or 'valid'")
    return whole[slice(*ends[mode])]


@answers("gradient")
def gradient(f: Any, *varargs: Any, axis: int | None = None) -> Any:
    if len(varargs) > 1 or (varargs and np.ndim(varargs[0])) or (axis is None and f.ndim != 1):
        raise TypeError("np.gradient on a tensor takes one spacing, a number, and one axis")
    y = _op("moveaxis")(f, 0 if axis is None else axis, -1)
    inner = (y[..., 2:] - y[..., :-2]) / 2.0
    slopes = _op("concatenate")([y[..., 1:2] - y[..., :1], inner, y[..., -1:] - y[..., -2:-1]], axis=-1)
    return _op("moveaxis")(slopes / (varargs[0] if varargs else 1.0), -1, 0 if axis is None else axis)


@answers("cov")
def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None) -> Any:
    rows = m if m.ndim == 2 else m[None]
    rows = rows if rowvar or m.ndim == 1 else rows.T
    if y is not None:
        rows = _op("concatenate")([rows, y if np.ndim(y) == 2 else y[None]])
    centred = rows - _op("mean")(rows, axis=1, keepdims=True)
    product = centred @ centred.T / (rows.shape[1] - (ddof if ddof is not None else 0 if bias else 1))
    return product[0, 0] if product.size == 1 else product


@answers("corrcoef")
def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    products = cov(x, y, rowvar)
    if not products.ndim:
        return products / products
    deviations = _op("sqrt")(_op("diagonal")(products))
    return products / deviations[:, None] / deviations


@answers("nansum")
def nansum(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _op("sum")(_op("where")(np.isnan(a), 0.0, a), axis=axis, keepdims=keepdims)


@answers("nanmean")
def nanmean(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    count = np.sum(~np.isnan(a.data), axis=axis, keepdims=keepdims)
    return nansum(a, axis, keepdims) / count


@answers("matvec")
def matvec(x1: Any, x2: Any) -> Any:
    return _op("matmul")(x1, x2[..., None])[..., 0]


@answers("vecmat")
def vecmat(x1: Any, x2: Any) -> Any:
    return _op("matmul")(x1[..., None, :], x2)[..., 0, :]


@answers("linalg.trace")
def linalg_trace(x: Any, /, *, offset: int = 0) -> Any:
    return _op("trace")(x, offset=offset, axis1=-2, axis2=-1)


@answers("linalg.diagonal")
def linalg_diagonal(x: Any, /, *, offset: int = 0) -> Any:
    return _op("diagonal")(x, offset=offset, axis1=-2, axis2=-1)
