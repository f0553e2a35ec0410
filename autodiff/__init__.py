"""Reverse-mode automatic differentiation of NumPy programs.

``tensor`` makes inputs; NumPy's functions, operators and the operations of this package record what is computed with
them; ``backward()``, ``grad`` and the other transforms walk back.  ``op`` declares an operation.
"""

from __future__ import annotations

import builtins as _builtins

from .declare.op import TABLE, Op, UNSUPPORTED, at, function, joint, op  # isort: skip
from . import ops as ops  # isort: skip - fills the table that the operators are installed from
from . import fft as fft
from . import linalg as linalg
from . import stats as stats
from .creation import arange, array, asarray, eye, full, full_like, linspace, ones, ones_like, tensor, zeros, zeros_like
from .linalg import cho_factor, cho_solve
from .operators import install
from .record.modes import enable_grad, no_grad, recording
from .tensor import Tensor
from .transforms import elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from .trees import flatten

try:
    from .speed import plug_in
except ModuleNotFoundError as missing:
    if missing.name != f"{__name__}.speed":
        raise
else:
    plug_in()
install()
globals().update({name: entry for name, entry in TABLE.items() if name not in globals()})

__version__ = "0.1.0"

# What ``from autodiff import *`` gives: no name of Python's own, such as sum, is hidden by it.
__all__ = [
    "Op", "TABLE", "Tensor", "UNSUPPORTED", "arange", "array", "asarray", "at", "cho_factor", "cho_solve",
    "elementwise_grad", "enable_grad", "eye", "fft", "flatten", "full", "full_like", "function", "grad", "hessian",
    "hvp", "jacobian", "joint", "jvp", "linalg", "linspace", "no_grad", "ones", "ones_like", "op", "recording", "stats",
    "tensor", "value_and_grad", "vjp", "zeros", "zeros_like",
]  # fmt: skip
__all__ += [name for name, entry in TABLE.items() if (entry.language or entry.numpy) and not hasattr(_builtins, name)]
