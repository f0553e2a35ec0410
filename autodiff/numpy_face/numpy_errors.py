"""What NumPy and SciPy say about arrays of tensors that they cannot carry on with, in words that name the way out."""

from __future__ import annotations

import re

from .foreign import TakesNoTensors, frames_of, instead_of_scipy, of_scipy

_WAY_OUT = "make one tensor of them before: np.stack([...]), autodiff.tensor([[...]]) or autodiff.stack([...])"

_OTYPES = "np.vectorize(otypes=...) would turn tensors into plain numbers and lose their gradient; leave the otypes out"

WORDS: tuple[tuple[str, str], ...] = (
    (
        r"loop of ufunc does not support argument \d+ of type \w+ which has no callable (\w+) method",
        "np.{0} of an array in which tensors and plain numbers are mixed; " + _WAY_OUT,
    ),
    (
        r"ufunc '(\w+)' not supported for the input types",
        "np.{0} does not take an array or a list of tensors; " + _WAY_OUT,
    ),
    (
        r"Cannot cast ufunc '(\w+)' input from dtype\('O'\)",
        "np.linalg.{0} does not take an array or a list of tensors; " + _WAY_OUT,
    ),
)
"""Patterns of NumPy's messages, and what is said instead of them."""


def in_our_words(error: Exception) -> Exception | None:
    """Return the error that says what to write instead; None where NumPy's own is as good."""
    kind = type(error)
    if kind not in (TypeError, ValueError, AttributeError, RuntimeError) and not kind.__module__.endswith(
        "_exceptions"
    ):
        return None
    if name := of_scipy(frames_of(error.__traceback__)):
        return TakesNoTensors(instead_of_scipy(name), "numbers")
    # NumPy says "setting an array element with a sequence" over what a tensor says
    cause = error.__cause__
    if isinstance(cause, TypeError) and "lose" in str(cause):
        in_vectorize = any(f.f_code.co_name.startswith("_vectorize_call") for f in frames_of(error.__traceback__))
        return TypeError(_OTYPES) if in_vectorize else cause
    for pattern, words in WORDS:
        found = re.search(pattern, str(error))
        if found is not None:
            return TypeError(words.format(*found.groups()))
    return None
