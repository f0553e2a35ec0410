"""What the statement that NumPy is working for does: some assign, and a tensor must answer them in another way.

NumPy calls ``__array_ufunc__`` alike for ``a += x`` and for ``np.add(a, x, out=a)``, and ``__array__`` alike for
``np.asarray(x)`` and for ``a[i] = x``.  Which of them it is stands in the instruction of the calling frame.
"""

from __future__ import annotations

import dis
import sys
from functools import cache
from inspect import currentframe
from types import FrameType
from typing import Any

import numpy as np

_STORE = dis.opmap.get("STORE_SUBSCR")
_BINARY = dis.opmap.get("BINARY_OP")
_IN_PLACE = frozenset(k for k, (name, _) in enumerate(getattr(dis, "_nb_ops", ())) if name.startswith("NB_INPLACE"))


def caller(depth: int) -> FrameType | None:
    """Return the frame so many calls above the function that asks."""
    frame = currentframe()
    for _ in range(depth + 1):
        frame = frame and frame.f_back
    return frame


def _instruction(frame: FrameType | None) -> tuple[int, int]:
    if frame is None:
        return -1, -1
    code, place = frame.f_code.co_code, frame.f_lasti
    return (code[place], code[place + 1]) if 0 <= place < len(code) - 1 else (-1, -1)


def assigns_elements(frame: FrameType | None) -> bool:
    """Whether a frame stands at ``a[i] = ...``."""
    return _instruction(frame)[0] == _STORE


def makes_a_number(frame: FrameType | None) -> bool:
    """Whether a frame is NumPy's mean or variance, which makes a number of what it has by ``ret.dtype.type(ret / n)``.

    It does so where the result has a dtype; of what has none, such as a Fraction, it returns ``ret / n``.
    """
    return (
        frame is not None
        and frame.f_code.co_name in ("_mean", "_var", "_std")
        and str(frame.f_globals.get("__name__")).endswith("core._methods")
    )


def rebinds(frame: FrameType | None, array: Any) -> bool:
    """Whether a frame stands at ``a += ...`` where ``a`` is the only name for its array, which is no view.

    Then the statement may give the name something else: nobody sees that the array itself stays as it was.
    """
    operation, kind = _instruction(frame)
    if operation != _BINARY or kind not in _IN_PLACE or type(array) is not np.ndarray or array.base is not None:
        return False
    return _references(array) <= _references_to_one_name()


def _references(array: Any) -> int:
    return sys.getrefcount(array)


class _Probe:
    """What a tensor is to NumPy in ``a += x``, and counts the references that there are then."""

    count = 0

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        (out,) = options["out"]
        self.count = self.counted(out)
        return out

    @staticmethod
    def counted(array: Any) -> int:
        return _references(array)


@cache
def _references_to_one_name() -> int:
    """How many references Python and NumPy hold to an array of one name while they work at ``a += x``."""
    probe, a = _Probe(), np.zeros(1)
    a += probe  # type: ignore[call-overload]
    return probe.count
