"""The discrete Fourier transform of real arrays as two real arrays, and its transpose: pairs for complex results.

``np.fft``'s functions are composed of the two, see ``numpy_face/complex_pairs.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare.meanings import Structure
from ..declare.op import op
from ..declare.samples import CUBE, MATRIX, ROW, at
from ..kernels import floating


def waves(length: int, count: int) -> Any:
    """Cosines and sines of ``2 pi j k / length`` for every place j and frequency k; 0 and 1 where they are that."""
    turns = np.outer(np.arange(length), np.arange(count)) % length
    quarter, rest = np.divmod(4 * turns, length)  # the angle is a quarter turn times (quarter + rest / length)
    beyond = 2 * rest > length
    angle = np.where(beyond, length - rest, rest) * (np.pi / (2 * length))
    c, s = np.cos(angle), np.sin(angle)
    c, s = np.where(beyond, s, c), np.where(beyond, c, s)
    return np.choose(quarter, [c, -s, -c, s]), np.choose(quarter, [s, c, -s, -c])


def dft_meaning(m: Any, x: Any, count: int) -> Any:
    """The sums with cosines and sines."""
    cosines, sines = waves(x.shape[-1], count)
    return m.program("stack([x @ cosines, x @ sines], axis=-1)", cosines=cosines, sines=-sines)


def dft_transposed_meaning(m: Any, h: Any, length: int) -> Any:
    """The same sums, over the frequencies."""
    cosines, sines = waves(length, h.shape[-2])
    return m.program("h[..., 0] @ cosines + h[..., 1] @ sines", cosines=cosines.T, sines=-sines.T)


@op(
    meaning=Structure(dft_meaning),
    vjp=[lambda g, y, x, count: dft_transposed(g, x.shape[-1])],
    linear=True,
    numpy=(),
    language=False,
    samples=[at(ROW, count=3), at(ROW, count=4), at(MATRIX, count=2), at(CUBE, count=1)],
)
def dft(x, /, count):
    """The first ``count`` values of the Fourier transform along the last axis: real and imaginary parts last."""
    x = floating(x)
    n = x.shape[-1]
    z = np.fft.rfft(x)[..., :count] if count <= n // 2 + 1 else np.fft.fft(x)[..., :count]
    return np.stack([z.real, z.imag], axis=-1).astype(x.dtype, copy=False)


@op(
    meaning=Structure(dft_transposed_meaning),
    vjp=[lambda g, y, h, length: dft(g, h.shape[-2])],
    linear=True,
    numpy=(),
    language=False,
    samples=[at(MATRIX[:, :2], length=4), at(CUBE[..., :2], length=5)],
)
def dft_transposed(h, /, length):
    """The transpose of ``dft``: ``sum over k of h[k, 0] cos(2 pi j k / length) - h[k, 1] sin(...)`` for every place."""
    h = floating(h)
    return (length * np.fft.ifft(h[..., 0] + 1j * h[..., 1], length).real).astype(h.dtype, copy=False)
