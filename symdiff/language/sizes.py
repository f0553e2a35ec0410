"""How many elements a call will make, known before it makes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from symdiff.errors import InputError
from symdiff.language.limits import Limits

Estimate = Callable[..., float]


def check(name: str, args: tuple[Any, ...], params: Mapping[str, Any], limits: Limits) -> float:
    """The number of elements that ``name(*args, **params)`` makes, at most.

    Raises:
        InputError: it is more than the limit on one array made out of nothing, or on all arrays.
    """
    for value in _integers((args, tuple(params.values()))):
        if abs(value) > limits.created:
            raise InputError(
                f"{name}: the number {value} is too large here; the limit is {limits.created} (Limits.created)"
            )
    estimate = _ESTIMATES.get(name)
    if estimate is None:
        return _broadcast(args)
    try:
        elements = estimate(*args, **params)
    except (TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError):
        return _broadcast(args)  # wrong arguments: the call itself says what is wrong with them
    if elements > limits.created and elements > 4 * _largest(args):
        raise InputError(
            f"{name}: the result would have {elements:.3g} elements; the limit is {limits.created} (Limits.created)"
        )
    return elements


def _integers(values: Any) -> Iterable[int]:
    for value in values:
        if isinstance(value, int) and not isinstance(value, bool):
            yield value
        elif isinstance(value, tuple | list):
            yield from _integers(value)


def _size(value: Any) -> int:
    return math.prod(np.shape(value)) if not hasattr(value, "shape") else math.prod(value.shape)


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(value.shape) if hasattr(value, "shape") else np.shape(value)


def flat(values: Iterable[Any]) -> Iterable[Any]:
    """The values inside nested tuples and lists."""
    for value in values:
        if isinstance(value, tuple | list):
            yield from flat(value)
        else:
            yield value


def _largest(args: Iterable[Any]) -> int:
    return max((_size(value) for value in flat(args) if hasattr(value, "shape")), default=0)


def _broadcast(args: tuple[Any, ...]) -> float:
    shapes = [value.shape for value in args if hasattr(value, "shape")]
    try:
        return float(math.prod(np.broadcast_shapes(*shapes)))
    except ValueError:
        return float(max(map(math.prod, shapes)))


def _of_shape(shape: Any, *_: Any, **__: Any) -> float:
    return float(math.prod(shape) if isinstance(shape, tuple | list) else shape)


def _arange(start: Any, stop: Any = None, step: Any = 1, **_: Any) -> float:
    low, high = (0, start) if stop is None else (start, stop)
    return (float(high) - float(low)) / float(step)


def _eye(rows: int, columns: int | None = None, **_: Any) -> float:
    return float(rows) * float(rows if columns is None else columns)


def _product(*args: Any, **_: Any) -> float:
    return math.prod(float(_size(value)) for value in args)


def _matmul(a: Any, b: Any, **_: Any) -> float:
    left, right = _shape(a), _shape(b)
    batch = max(math.prod(left[:-2]), math.prod(right[:-2]))
    return float(batch * (left[-2] if len(left) > 1 else 1) * (right[-1] if len(right) > 1 else 1))


def _dot(a: Any, b: Any, **_: Any) -> float:
    left, right = _shape(a), _shape(b)
    kept = right[:-2] + right[-1:] if len(right) > 1 else ()
    return float(math.prod(left[:-1]) * math.prod(kept)) if left and right else _product(a, b)


def _inner(a: Any, b: Any, **_: Any) -> float:
    return float(math.prod(_shape(a)[:-1]) * math.prod(_shape(b)[:-1]))


def _tensordot(a: Any, b: Any, axes: Any = 2, **_: Any) -> float:
    if isinstance(axes, int):
        left, right = _shape(a), _shape(b)
        return float(math.prod(left[: len(left) - axes]) * math.prod(right[axes:]))
    summed = axes[0] if isinstance(axes[0], tuple | list) else (axes[0],)
    contracted = math.prod(_shape(a)[axis] for axis in summed) or 1
    return _product(a, b) / contracted**2


def _einsum(subscripts: str, *operands: Any, **_: Any) -> float:
    inputs, _arrow, output = subscripts.replace(" ", "").partition("->")
    sizes = {
        letter: length
        for term, operand in zip(inputs.split(","), operands, strict=False)
        for letter, length in zip(term, _shape(operand), strict=False)
    }
    letters = output or {letter for letter in inputs if inputs.count(letter) == 1}
    return float(math.prod(sizes.get(letter, 1) for letter in letters))


def _tile(x: Any, reps: Any, **_: Any) -> float:
    return _size(x) * _of_shape(reps)


def _repeat(x: Any, repeats: Any, **_: Any) -> float:
    return _size(x) * float(repeats if isinstance(repeats, int) else max(repeats, default=0))


def _pad(x: Any, pad_width: Any, *_: Any, **__: Any) -> float:
    widest = 2 * max((abs(width) for width in _integers((pad_width,))), default=0)
    return math.prod(float(length + widest) for length in _shape(x))


def _broadcast_to(x: Any, shape: Any, **_: Any) -> float:
    return _of_shape(shape)


def _like(x: Any, *_: Any, **__: Any) -> float:
    return float(_size(x))


def _meshgrid(*args: Any, **_: Any) -> float:
    return _product(*args) * max(len(args), 1)


def _diag(x: Any, k: int = 0, **_: Any) -> float:
    return float((_size(x) + abs(k)) ** 2) if len(_shape(x)) == 1 else float(_size(x))


def _split(x: Any, sections: Any, *_: Any, **__: Any) -> float:
    return max(float(_size(x)), 100.0 * sections) if isinstance(sections, int) else float(_size(x))


def _diff(x: Any, n: int = 1, **_: Any) -> float:
    return float(_size(x)) * max(n, 1)


_ESTIMATES: dict[str, Estimate] = {
    "zeros": _of_shape, "ones": _of_shape, "full": _of_shape, "eye": _eye, "arange": _arange,
    "linspace": lambda start, stop, num=50, **_: float(num), "zeros_like": _like, "ones_like": _like,
    "full_like": _like,
    "outer": _product, "kron": _product, "matmul": _matmul, "dot": _dot, "inner": _inner, "tensordot": _tensordot,
    "einsum": _einsum, "tile": _tile, "repeat": _repeat, "pad": _pad, "broadcast_to": _broadcast_to,
    "meshgrid": _meshgrid,
    "diag": _diag, "split": _split, "array_split": _split, "hsplit": _split, "vsplit": _split, "diff": _diff,
}  # fmt: skip
