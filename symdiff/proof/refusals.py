"""Whether the engine can use a rule at all: what its walk back raises at the samples."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from autodiff.declare.op import Op, Sample
from autodiff.tensor import Tensor, leaf
from autodiff.walk.walk import walk_back
from symdiff.proof.trial import is_unsupported


def refusal(op: Op, sample: Sample) -> str:
    """The error that the walk back through an operation ends in, in words; "" where it ends well."""
    operands, params = op.binding.bind(sample.operands, dict(sample.params))
    tensors = [_tensor(op, place, operand) for place, operand in enumerate(operands)]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        arguments = (tuple(tensors),) if op.sequence else tuple(tensors)
        y: Any = op(*arguments, **params)
        if not isinstance(y, Tensor) or y.node is None:
            return ""
        inputs = [t.node for t in tensors if isinstance(t, Tensor) and t.node is not None]
        try:
            walk_back(y.node, np.ones(y.shape), inputs)
        except Exception as error:  # whatever a wrong rule does
            return f"{type(error).__name__}: {error}"
    return ""


def _tensor(op: Op, place: int, operand: Any) -> Any:
    """An operand to differentiate by as a tensor, any other as it is."""
    array = np.asarray(operand)
    if operand is None or array.dtype.kind != "f" or is_unsupported(op, place):
        return operand
    return leaf(array, requires_grad=True)
