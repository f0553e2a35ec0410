"""What the accurate forward kernels share: evaluation in blocks, and trigonometry in half turns."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Elements that go through a kernel together: their few buffers stay in the cache between its passes.
BLOCK = 16384

Kernel = Callable[..., Any]


def floating(x: Any) -> NDArray[Any]:
    """``x`` as an array of floating numbers; integers and masks become float64."""
    array = np.asarray(x)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def blocked(kernel: Kernel) -> Kernel:
    """Run ``kernel(x, **params)``, which may write into what it allocates, on one array a block at a time.

    The kernel gets a non-empty array of at least one axis of floating numbers; numbers and scalars are given one.
    """

    @wraps(kernel)
    def evaluate(x: Any, **params: Any) -> Any:
        array = x if type(x) is np.ndarray and x.dtype.kind == "f" else floating(x)
        if array.ndim == 0:
            return kernel(array.reshape(1), **params)[0]
        if array.size <= BLOCK or not array.flags.c_contiguous:
            return kernel(array, **params) if params else kernel(array)
        flat = array.reshape(-1)
        result = np.empty_like(flat)
        for start in range(0, flat.size, BLOCK):
            stop = start + BLOCK
            result[start:stop] = kernel(flat[start:stop], **params)
        return result.reshape(array.shape)

    return evaluate


def masked(condition: Any, x: Any) -> Any:
    """``where(condition, x, 0.0)``: by masking bits, several times faster than ``np.where`` on a mask without order."""
    word = WORDS.get(x.dtype.char) if type(x) is np.ndarray and x.size >= BLOCK else None
    if word is None or type(condition) is not np.ndarray or condition.shape != x.shape or condition.dtype != np.bool_:
        return np.where(condition, x, 0.0)
    bits = np.negative(condition.view(np.int8), dtype=np.int8).astype(word)
    bits &= x.view(word)
    return bits.view(x.dtype)


WORDS = {"f": np.int32, "d": np.int64}


def decay(x: NDArray[Any]) -> NDArray[Any]:
    """``exp(-abs(x))`` in a buffer of its own: at most 1, so that nothing built on it overflows."""
    e: NDArray[Any] = np.abs(x)
    np.negative(e, out=e)
    np.exp(e, out=e)
    return e


def rounded_off(x: NDArray[np.float64], constant: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ``x * constant`` and what rounding took off it, exactly (Dekker, 1971); for ``abs(x)`` below 1e290."""
    product = x * constant
    high = x * SPLITTER
    high -= high - x
    low = x - high
    constant_high = constant * SPLITTER - (constant * SPLITTER - constant)
    constant_low = constant - constant_high
    lost = high * constant_high - product
    lost += high * constant_low
    lost += low * constant_high
    lost += low * constant_low
    return product, lost


SPLITTER = 2.0**27 + 1.0


def largest_to_square(dtype: np.dtype[Any]) -> float:
    """A number whose square is still far from overflow in ``dtype``."""
    return SQUARABLE[dtype.char]


SQUARABLE = {"e": 128.0, "f": 2.0**62, "d": 2.0**510, "g": 2.0**510}


def half_turns(x: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the angle of ``x`` half turns less its whole ones, in [-pi/2, pi/2], and where those are odd in number.

    ``pi * x`` would be rounded before the half turns are taken off; here they are taken off first, exactly.
    """
    whole = np.rint(x)
    odd = whole - 2.0 * np.floor(0.5 * whole) == 1.0
    return (x - whole) * np.pi, odd


def sine_of_half_turns(x: NDArray[Any]) -> NDArray[Any]:
    """``sin(pi*x)``, 0 at whole numbers however large ``x`` is."""
    angle, odd = half_turns(x)
    sine: NDArray[Any] = np.sin(angle)
    np.negative(sine, out=sine, where=odd)
    return sine


def cosine_of_half_turns(x: NDArray[Any]) -> NDArray[Any]:
    """``cos(pi*x)``, 1 or -1 at whole numbers however large ``x`` is."""
    angle, odd = half_turns(x)
    cosine: NDArray[Any] = np.cos(angle)
    np.negative(cosine, out=cosine, where=odd)
    return cosine
