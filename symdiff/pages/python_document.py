"""The gradient as Python code, for ``--format python``."""

from __future__ import annotations

from symdiff.explained.explained import Explained
from symdiff.viewing.view import View

__all__ = ["python_document"]


def python_document(explained: Explained, view: View) -> str:
    """A function of NumPy that returns the gradient, and stands alone.

    Raises:
        InputError: an operation cannot be written, which is named.
    """
    return explained.code("numpy")
