"""Eighteen kinds of damage to a right gradient; whether one made it wrong, only the reference decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Damage = Callable[[Array, np.random.Generator], Array]


def _one(change: Callable[[Any, Array], Any]) -> Damage:
    """A change of one element, drawn."""

    def damaged(gradient: Array, generator: np.random.Generator) -> Array:
        out = gradient.copy()
        k = int(generator.integers(out.size))
        out.reshape(-1)[k] = change(out.reshape(-1)[k], gradient)
        return out

    return damaged


def _swapped(gradient: Array, generator: np.random.Generator) -> Array:
    out = gradient.copy()
    flat = out.reshape(-1)
    if flat.size > 1:
        i, j = generator.choice(flat.size, 2, replace=False)
        flat[[i, j]] = flat[[j, i]]
    return out


def _transposed(gradient: Array, generator: np.random.Generator) -> Array:
    square = gradient.ndim > 1 and gradient.shape[-1] == gradient.shape[-2]
    return (
        np.ascontiguousarray(np.swapaxes(gradient, -1, -2))
        if square
        else gradient[::-1].copy()
        if gradient.ndim
        else gradient
    )


def _largest(gradient: Array) -> Any:
    return np.max(np.abs(gradient)) if gradient.size else 1.0


def _as_float16(gradient: Array, generator: np.random.Generator) -> Array:
    """Rounded to 24 bits, or to 11 where it had 24 (the exponent is kept)."""
    fraction, exponent = np.frexp(gradient)
    bits = 2.0 ** (11 if gradient.dtype == np.float32 else 24)
    return np.ldexp(np.round(fraction * bits) / bits, exponent).astype(gradient.dtype)


DAMAGES: dict[str, Damage] = {
    "times 1 + 1e-10": lambda g, r: g * (1 + 1e-10),
    "one times 1 + 1e-8": _one(lambda v, g: v * (1 + 1e-8)),
    "one times 1.001": _one(lambda v, g: v * 1.001),
    "half": lambda g, r: g / 2,
    "twice": lambda g, r: g * 2,
    "sign": lambda g, r: -g,
    "one sign": _one(lambda v, g: -v),
    "zero": lambda g, r: np.zeros_like(g),
    "one zero": _one(lambda v, g: 0.0),
    "one 1e15 times": _one(lambda v, g: v * 1e15),
    "swapped": _swapped,
    "rolled": lambda g, r: np.roll(g, 1),
    "transposed": _transposed,
    "mean": lambda g, r: np.full_like(g, np.mean(g)),
    "n/(n-1)": lambda g, r: g * (g.size / max(g.size - 1, 0.5)),
    "one plus 1e-6 of the largest": _one(lambda v, g: v + 1e-6 * _largest(g)),
    "one nan": _one(lambda v, g: np.nan),
    "half the digits": _as_float16,
}
"""By name; each gets a gradient and a generator and gives another array."""
