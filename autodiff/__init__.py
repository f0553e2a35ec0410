"""Reverse-mode automatic differentiation of NumPy programs.

``tensor`` makes inputs; NumPy's functions, operators and the operations of this package record what is computed with
them; ``backward()``, ``grad`` and the other transforms walk back.  ``op`` declares an operation.
"""

from __future__ import annotations

from .declare.op import TABLE, Op, UNSUPPORTED, at, function, joint, op  # isort: skip
from . import ops as ops  # isort: skip - fills the table that the operators are installed from
from .creation import arange, array, asarray, eye, full, full_like, linspace, ones, ones_like, tensor, zeros, zeros_like
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
