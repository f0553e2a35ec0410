"""NumPy functions that are no operation of their own: on tensors they are composed of operations.

They have NumPy's names and parameters.  Each stands under the function it answers for.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from ..declare.op import TABLE

COMPOSED: dict[Any, Callable[..., Any]] = {}


def answers(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the composition that answers for NumPy's functions ``names``, as far as this NumPy has them."""

    def register(composition: Callable[..., Any]) -> Callable[..., Any]:
        for name in names:
            function: Any = np
            for part in name.split("."):
                function = getattr(function, part, None)
            if function is not None:
                COMPOSED[function] = composition
        return composition

    return register


def operation(name: str) -> Any:
    """The operation of a name, which may be declared later."""
    return TABLE[name]


def _as_double(x: Any) -> Any:
    return x.astype(np.float64) if hasattr(x, "astype") else np.asarray(x, np.float64)


def _mask(x: Any) -> Any:
    if not isinstance(x, bool) and getattr(x, "dtype", None) != np.bool_:
        raise TypeError("the bits of numbers have no derivative; & | ^ ~ on tensors join masks (x > 0)")
    return x


ONE_LINERS: dict[str, Callable[..., Any]] = {
    "divmod": lambda x, y: (operation("floor_divide")(x, y), operation("remainder")(x, y)),
    "fmod": lambda x, y: x - operation("trunc")(x / y) * y,
    "rint": lambda x: operation("round")(x),
    "float_power": lambda x, y: operation("power")(_as_double(x), _as_double(y)),
    "real": lambda val: val,
    "conj": lambda x: x,  # conj and conjugate are one ufunc
    "imag": lambda val: np.zeros(val.shape, val.dtype),
    "bitwise_and": lambda x, y: operation("logical_and")(_mask(x), _mask(y)),
    "bitwise_or": lambda x, y: operation("logical_or")(_mask(x), _mask(y)),
    "bitwise_xor": lambda x, y: operation("logical_xor")(_mask(x), _mask(y)),
    "invert": lambda x: operation("logical_not")(_mask(x)),
    "ediff1d": lambda ary: operation("diff")(operation("ravel")(ary)),
    "polyval": lambda p, x: reduce(lambda value, coefficient: value * x + coefficient, p, x * 0.0),
    "matvec": lambda x1, x2: operation("matmul")(x1, x2[..., None])[..., 0],
    "vecmat": lambda x1, x2: operation("matmul")(x1[..., None, :], x2)[..., 0, :],
    "linalg.trace": lambda x, offset=0: operation("trace")(x, offset=offset, axis1=-2, axis2=-1),
    "linalg.diagonal": lambda x, offset=0: operation("diagonal")(x, offset=offset, axis1=-2, axis2=-1),
}

for _name, _composition in ONE_LINERS.items():
    answers(_name)(_composition)


@answers("modf")
def modf(x: Any) -> tuple[Any, Any]:
    whole = operation("trunc")(x)
    return x - whole, whole


@answers("reshape")
def reshape(a: Any, shape: Any = None, order: str | None = "C", *, newshape: Any = None) -> Any:
    shape = newshape if shape is None else shape
    if order not in ("F", "f"):
        return operation("reshape")(a, shape)
    lengths = tuple(shape) if np.iterable(shape) else (shape,)
    return operation("transpose")(operation("reshape")(operation("transpose")(a), lengths[::-1]))


@answers("ravel")
def ravel(a: Any, order: str | None = "C") -> Any:
    return reshape(a, (-1,), order)


@answers("diff")
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    if prepend is not None or append is not None:
        parts = [x for x in (prepend, a, append) if x is not None]
        line = tuple(1 if k == axis % a.ndim else length for k, length in enumerate(a.shape))
        wide = [operation("broadcast_to")(x, line) if np.ndim(x) == 0 else x for x in parts]
        a = operation("concatenate")(wide, axis=axis)
    return operation("diff")(a, n=n, axis=axis)


@answers("append")
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    if axis is None:
        return operation("concatenate")([operation("ravel")(arr), operation("ravel")(values)])
    return operation("concatenate")([arr, values], axis=axis)


@answers("cumulative_sum")
def cumulative_sum(x: Any, /, *, axis: int | None = None) -> Any:
    return operation("cumsum")(x, axis=_only_axis("cumulative_sum", x, axis))


@answers("cumulative_prod")
def cumulative_prod(x: Any, /, *, axis: int | None = None) -> Any:
    return operation("cumprod")(x, axis=_only_axis("cumulative_prod", x, axis))


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
        result = operation("where")(condition, choice, result)
    return result


@answers("trapezoid")
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y = operation("moveaxis")(y, axis, -1)
    if x is not None:
        dx = operation("diff")(x if np.ndim(x) == 1 else operation("moveaxis")(x, axis, -1))
    return operation("sum")(dx * (y[..., 1:] + y[..., :-1]) / 2.0, axis=-1)


@answers("vander")
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    powers = np.arange(len(x) if N is None else N)
    return operation("power")(x[:, None], powers if increasing else powers[::-1])


@answers("convolve")
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    a, v = (v, a) if len(v) > len(a) else (a, v)
    n, m = len(a), len(v)
    padded = operation("pad")(a, (m - 1, m - 1))
    whole = reduce(operator.add, [v[k] * padded[m - 1 - k : m - 1 - k + n + m - 1] for k in range(m)])
    ends = {"full": (0, n + m - 1), "same": ((m - 1) // 2, (m - 1) // 2 + n), "valid": (m - 1, n)}
    if mode not in ends:
        raise ValueError(f"np.convolve(mode={mode!r}): mode must be 'full', 'same' or 'valid'")
    return whole[slice(*ends[mode])]


@answers("compress")
def compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    places = np.flatnonzero(getattr(condition, "data", condition))
    return operation("take")(a, places, axis=axis)


@answers("extract")
def extract(condition: Any, arr: Any) -> Any:
    return compress(np.ravel(getattr(condition, "data", condition)), operation("ravel")(arr))


@answers("delete")
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    length = arr.size if axis is None else arr.shape[axis]
    return operation("take")(arr, np.delete(np.arange(length), obj), axis=axis)


@answers("rollaxis")
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    axis, start = axis % a.ndim, start + a.ndim if start < 0 else start
    return operation("moveaxis")(a, axis, start - (axis < start))


@answers("correlate")
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    return COMPOSED[np.convolve](a, operation("flip")(v), mode=mode)


@answers("choose")
def choose(a: Any, choices: Sequence[Any]) -> Any:
    places = np.asarray(getattr(a, "data", a))
    if places.size and not 0 <= places.min() <= places.max() < len(choices):
        raise ValueError(f"choose: the positions must be 0 ... {len(choices) - 1}")
    first = choices[0] + 0.0 * places  # in the common shape
    return reduce(lambda y, k: operation("where")(places == k, choices[k], y), range(1, len(choices)), first)


@answers("interp")
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    """By straight lines between the points, which must rise; ``left`` and ``right`` of them constant."""
    known, at = np.asarray(getattr(xp, "data", xp)), getattr(x, "data", x)
    place = np.clip(np.searchsorted(known, at, side="right") - 1, 0, len(known) - 2)
    take = operation("take")
    x0, y0, y1 = take(xp, place, axis=0), take(fp, place, axis=0), take(fp, place + 1, axis=0)
    inside = y0 + (y1 - y0) * ((x - x0) / (take(xp, place + 1, axis=0) - x0))
    before, after = (fp[0] if left is None else left), (fp[-1] if right is None else right)
    return operation("where")(at < known[0], before, operation("where")(at > known[-1], after, inside))


@answers("where")
def where(condition: Any, *sides: Any, **named: Any) -> Any:
    if not sides and not named:
        return np.nonzero(getattr(condition, "data", condition))
    return operation("where")(condition, *sides, **named)


@answers("bincount")
def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    places = np.asarray(getattr(x, "data", x))
    counts = np.bincount(places, minlength=minlength)
    return counts if weights is None else operation("add_at")(weights, index=places, shape=(len(counts),))


@answers("block")
def block(arrays: Any) -> Any:
    """Nested lists of arrays: the innermost are joined along the last axis, those around them along the one before."""

    def depth(x: Any) -> int:
        return 1 + max(map(depth, x)) if isinstance(x, list) else 0

    def most_axes(x: Any) -> int:
        return max(map(most_axes, x)) if isinstance(x, list) else np.ndim(x)

    ndim = max(depth(arrays), most_axes(arrays))

    def joined(x: Any, axis: int) -> Any:
        if isinstance(x, list):
            return operation("concatenate")([joined(each, axis + 1) for each in x], axis=axis)
        return operation("reshape")(x, (1,) * (ndim - np.ndim(x)) + tuple(np.shape(x)))

    return joined(arrays, -depth(arrays))


@answers("apply_along_axis")
def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    lines = operation("moveaxis")(arr, axis, -1)
    lead = lines.shape[:-1]
    results = [func1d(lines[place], *args, **kwargs) for place in np.ndindex(*lead)]
    inner = np.shape(results[0])
    made = operation("reshape")(operation("stack")(results), (*lead, *inner))
    for k in range(len(inner)):
        made = operation("moveaxis")(made, len(lead) + k, axis % arr.ndim + k)
    return made


@answers("lib.stride_tricks.sliding_window_view")
def sliding_window_view(x: Any, window_shape: Any, axis: Any = None, **ignored: Any) -> Any:
    sizes = tuple(window_shape) if np.iterable(window_shape) else (window_shape,)
    axes = tuple(range(x.ndim)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    if len(sizes) != len(axes):
        raise ValueError(f"sliding_window_view: {len(sizes)} lengths for {len(axes)} axes; give one for each")
    places = [k % x.ndim for k in axes]
    for size, k in zip(sizes, places, strict=True):
        if size > x.shape[k]:
            raise ValueError(f"sliding_window_view: a window of {size} is longer than axis {k} of shape {x.shape}")
    n, inner = len(sizes), range(x.ndim, x.ndim + len(sizes))
    found = operation("windows")(
        operation("moveaxis")(x, places, range(-n, 0)), kernel=sizes, stride=(1,) * n, dilation=(1,) * n
    )
    # from (..., *kernel, *positions): the positions where the axes were, the windows last
    found = operation("moveaxis")(found, range(x.ndim - n, x.ndim), inner)
    return operation("moveaxis")(found, range(x.ndim - n, x.ndim), places)


@answers("piecewise")
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    conditions = condlist if isinstance(condlist, list | tuple) and np.ndim(condlist[0]) == x.ndim else [condlist]
    functions = list(funclist)
    otherwise = functions.pop() if len(functions) == len(conditions) + 1 else 0.0
    values = [each(x, *args, **kw) if callable(each) else each for each in (*functions, otherwise)]
    y = values.pop() + 0.0 * x
    for condition, value in zip(conditions, values, strict=True):
        y = operation("where")(condition, value, y)
    return y


@answers("angle")
def angle(z: Any, deg: bool = False) -> Any:
    """Of real numbers: 0, or a half turn for negative ones."""
    y = operation("arctan2")(np.zeros(np.shape(z)), z)
    return operation("degrees")(y) if deg else y


@answers("nan_to_num")
def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    return operation("nan_to_num")(x, nan, posinf, neginf)


@answers("cross")
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    y = operation("cross")(*(operation("moveaxis")(x, k, -1) for x, k in ((a, axisa), (b, axisb))))
    of_numbers = a.shape[axisa] == b.shape[axisb] == 2
    return y if of_numbers else operation("moveaxis")(y, -1, axisc)


@answers("real_if_close")
def real_if_close(a: Any, tol: float = 100) -> Any:
    return a


def _running(ufunc: np.ufunc) -> Callable[..., Any]:
    """The largest (or smallest) element so far; of equal ones the first."""

    def running(x: Any, axis: int = 0) -> Any:
        values = np.moveaxis(x.data, axis, 0)
        so_far = ufunc.accumulate(values)
        fresh = np.ones(values.shape, np.bool_)
        fresh[1:] = (so_far[1:] != so_far[:-1]) & ~np.isnan(so_far[:-1])
        places = np.arange(len(values)).reshape(-1, *(1,) * (values.ndim - 1))
        latest = np.maximum.accumulate(np.where(fresh, places, 0))
        return operation("take_along_axis")(x, np.moveaxis(latest, 0, axis), axis=axis)

    return running


ACCUMULATED = {np.maximum: _running(np.maximum), np.minimum: _running(np.minimum)}
