"""Fourier transforms by the names of ``numpy.fft``, of which these are the functions: they take tensors.

A complex result is a pair of real tensors; ``abs``, ``.real``, ``.imag`` and ``irfft`` lead back to real numbers.
"""

from __future__ import annotations

from numpy.fft import (
    fft,
    fft2,
    fftfreq,
    fftn,
    fftshift,
    ifft,
    ifft2,
    ifftn,
    ifftshift,
    irfft,
    rfft,
    rfftfreq,
)

__all__ = [
    "fft", "fft2", "fftfreq", "fftn", "fftshift", "ifft", "ifft2", "ifftn", "ifftshift", "irfft", "rfft", "rfftfreq",
]  # fmt: skip
