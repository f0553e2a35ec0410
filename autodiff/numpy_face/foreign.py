"""Functions of other libraries that take numbers or plain arrays alone: which one was called, and what ours is called.

``math.exp(x)`` asks a tensor for a float, and SciPy's functions ask it for an array and hand that to compiled code.
Neither says who asks: the name stands in the frame of the caller.
"""

from __future__ import annotations

import linecache
import math
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from types import FrameType, TracebackType
from typing import Any

import numpy as np

from ..declare.objects import holds_tensors
from ..record.recording import Recorded

OURS = __name__.partition(".")[0]


class TakesNoTensors(TypeError):
    """A tensor came where numbers or plain arrays alone are taken.

    ``kind`` says what would have to stand in: for functions of ``"numbers"``, or for arrays whose ``"elements"`` are
    assigned (:mod:`.twins`).
    """

    def __init__(self, words: str, kind: str) -> None:
        super().__init__(words)
        self.kind = kind


# --- Python's math ----------------------------------------------------------------------------------------------------

ELSEWHERE = {
    "acos": "np.arccos", "acosh": "np.arccosh", "asin": "np.arcsin", "asinh": "np.arcsinh", "atan": "np.arctan",
    "atan2": "np.arctan2", "atanh": "np.arctanh", "pow": "np.power", "fsum": "np.sum", "dist": "np.linalg.norm(x - y)",
    "erf": "autodiff.erf", "erfc": "autodiff.erfc", "gamma": "autodiff.gamma", "lgamma": "autodiff.gammaln",
    "sumprod": "np.dot", "fmod": "np.fmod",
}  # fmt: skip
"""What functions of ``math`` are called where NumPy has another name for them."""

# Their answer is a truth value: there is no gradient to lose.
QUESTIONS = frozenset({"isnan", "isinf", "isfinite", "isclose"})


def called(frame: FrameType | None) -> str:
    """Return the name of the function that a frame is calling, as its line has it; "" where the line is not known."""
    if frame is None or not hasattr(frame.f_code, "co_positions"):
        return ""
    place = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), None)
    if place is None or place[0] is None or place[2] is None:
        return ""
    line = linecache.getline(frame.f_code.co_filename, place[0], frame.f_globals)
    text = line.encode()[place[2] :].decode(errors="replace")
    found = re.match(r"([A-Za-z_][\w.]*)\s*\(", text)
    return found[1] if found else ""


def of_math(frame: FrameType | None) -> str:
    """Return the name of the function of ``math`` that a frame is calling; "" where it is none of them."""
    name = called(frame)
    if frame is None or not name:
        return ""
    first, _, rest = name.partition(".")
    given = frame.f_locals.get(first, frame.f_globals.get(first))
    function = getattr(given, rest, None) if rest else given
    own = getattr(function, "__name__", "")
    return own if function is not None and getattr(math, own, None) is function else ""


def instead_of_math(name: str) -> str:
    """Return the sentence that says what to write for a function of ``math``."""
    ours = ELSEWHERE.get(name) or (f"np.{name}" if hasattr(np, name) else f"what np and {OURS} have for it")
    return (
        f"math.{name} takes numbers alone and would lose the gradient of a tensor; write {ours}, "
        "or .item() where only the number is meant"
    )


# --- SciPy ------------------------------------------------------------------------------------------------------------

BY_NUMPY = {
    "scipy.linalg.cholesky": "np.linalg.cholesky, which gives the lower triangle",
    "scipy.interpolate.interp1d": "np.interp",
    "scipy.spatial.distance.cdist": "np.linalg.norm(x[:, None] - y, axis=-1)",
    "scipy.special.comb": "scipy.special.binom",
}
_ADVICE = "compose it of NumPy's functions, or take the values alone, .detach().numpy()"


def frames_of(traceback: TracebackType | None) -> Iterator[FrameType]:
    """The frames that an error has passed through, the outermost first."""
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def frames_above(frame: FrameType | None) -> list[FrameType]:
    """The frames that have led to one, the outermost first, this one included."""
    found = []
    while frame is not None:
        found.append(frame)
        frame = frame.f_back
    return found[::-1]


def of_scipy(frames: Iterable[FrameType]) -> str:
    """Return the public name of the function of SciPy's that the user has called, given all frames; "" for none."""
    own: list[FrameType] = []
    library = ""
    for frame in frames:
        library = _library(frame)
        if library == "scipy":
            own.append(frame)
        elif library not in ("numpy", OURS):
            own = []  # the user's own code, which SciPy may have called in turn
    if library != OURS and not any(holds_tensor(list(frame.f_locals.values())) for frame in own):
        return ""  # what went wrong there has nothing to do with tensors
    for frame in own:
        name = _public_name(frame)
        if name:
            return name
    return ""


def holds_tensor(x: Any) -> bool:
    """Whether ``x`` is a tensor, or has one in it."""
    if isinstance(x, list | tuple | dict):
        return any(map(holds_tensor, x.values() if isinstance(x, dict) else x))
    return isinstance(x, Recorded) or holds_tensors(x)


def instead_of_scipy(name: str) -> str:
    """Return the sentence that says what to write for a function of SciPy's."""
    return f"{name} does not take tensors; {_way_out(name)}"


def refused_by_scipy(frame: FrameType | None) -> str:
    """Return the name of SciPy's function that asks for an array, where its compiled code takes none of tensors."""
    module = str(frame.f_globals.get("__name__")) if frame is not None else ""
    if not module.startswith("scipy."):
        return ""
    name = of_scipy(frames_above(frame))
    return name if name.startswith("scipy.linalg.") and name.split(".")[-1] in _COMPILED else ""


_NAMES = """
    cho_factor cho_solve cholesky det eig eigh eigvals eigvalsh expm inv logm lstsq lu lu_factor lu_solve pinv qr
    solve solve_banded solve_triangular sqrtm svd svdvals
"""
_COMPILED = frozenset(_NAMES.split())


def _library(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__")).partition(".")[0]


def _public_name(frame: FrameType) -> str:
    parts = str(frame.f_globals.get("__name__")).split(".")
    method = frame.f_code.co_name
    around = frame.f_locals.get("f")  # a decorator of SciPy's that takes stacks apart
    if around is not None and parts[1] == "_lib" and str(getattr(around, "__module__", "")).startswith("scipy."):
        parts, method = around.__module__.split("."), around.__name__
    itself = frame.f_locals.get("self")
    if itself is not None:
        itself = getattr(itself, "dist", itself)
        kind = getattr(itself, "name", None) or type(itself).__name__.removesuffix("_gen").removesuffix("_frozen")
        if not isinstance(kind, str) or not hasattr(sys.modules.get(f"scipy.{parts[1]}"), kind):
            return ""
        return f"scipy.{parts[1]}.{kind}" + ("" if method.startswith("_") else f".{method}")
    for depth in (3, 2):
        public = ".".join(parts[:depth])
        if not any(part.startswith("_") for part in parts[:depth]) and hasattr(sys.modules.get(public), method):
            return f"{public}.{method}"
    return ""


def _way_out(name: str) -> str:
    if name in BY_NUMPY:
        return f"write {BY_NUMPY[name]}"
    path = name.split(".")[1:]
    for ours in ([OURS, *path], [OURS, *path[1:]]):
        found: Any = sys.modules.get(OURS)
        for part in ours[1:]:
            found = getattr(found, part, None)
        if found is not None:
            return f"write {'.'.join(ours)}"
    if path[0] == "stats" and hasattr(getattr(sys.modules[OURS], "stats", None), path[1]):
        return f"autodiff.stats.{path[1]} has its density; {_ADVICE}"
    return _ADVICE
