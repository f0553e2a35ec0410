"""Functions of JAX's own that are one operation of ours: their programs are not opened."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import numpy as np

import autodiff as ad
from autodiff.tensor import Tensor

__all__ = ["NAMED", "of_jax", "whole"]

_HOME = os.path.dirname(jax.__file__) + os.sep


def of_jax(jaxpr: Any) -> bool:
    """Whether a program was traced from a function in JAX's own files."""
    source = str(jaxpr.debug_info.func_src_info or "")
    return source.rpartition(" at ")[2].startswith(_HOME)


def whole(jaxpr: Any, operands: Sequence[Any]) -> Callable[[], Any] | None:
    """What computes the same as a function of JAX's own by one operation; None where the program is opened."""
    entry = NAMED.get(str(jaxpr.debug_info.func_name)) if of_jax(jaxpr) else None
    if entry is None or not any(isinstance(each, Tensor) for each in operands):
        return None
    return lambda: entry(jaxpr, *operands)


def reduced(jaxpr: Any) -> tuple[int, ...] | None:
    """The axes of a program's first reduction."""
    return next((tuple(eqn.params["axes"]) for eqn in jaxpr.eqns if eqn.primitive.name.startswith("reduce_")), None)


def on_axes(function: Callable[..., Any]) -> Callable[..., Any]:
    """An operation over the axes that the program reduces, which are kept where its result says so."""

    def entry(jaxpr: Any, x: Any, *others: Any) -> Any:
        axes = reduced(jaxpr)
        if axes is None or any(isinstance(each, Tensor) for each in others):
            raise ValueError("no reduction")
        keepdims = len(jaxpr.outvars[0].aval.shape) == x.ndim
        return function(x, axis=None if len(axes) == x.ndim else axes, keepdims=keepdims)

    return entry


def along_axis(function: Callable[..., Any]) -> Callable[..., Any]:
    """An operation along the one axis that the program reduces."""

    def entry(jaxpr: Any, x: Any) -> Any:
        axes = reduced(jaxpr)
        if axes is None or len(axes) != 1:
            raise ValueError("no axis")
        return function(x, axis=axes[0] if x.ndim > 1 else None if function is ad.softmax else -1)

    return entry


def spread(function: Callable[..., Any]) -> Callable[..., Any]:
    """Variance or deviation, with what is taken from the number of elements."""

    def entry(jaxpr: Any, x: Any, ddof: Any = 0) -> Any:
        number = np.asarray(ddof)
        return on_axes(lambda x, **params: function(x, ddof=int(number), **params))(jaxpr, x)

    return entry


def elementwise(function: Callable[..., Any]) -> Callable[..., Any]:
    """An operation of the same operands."""
    return lambda jaxpr, *operands: function(*operands)


def softplus(jaxpr: Any, *operands: Any) -> Any:
    """``logaddexp(x, 0)``."""
    (x,) = (each for each in operands if isinstance(each, Tensor))
    return ad.softplus(x)


NAMED: Mapping[str, Callable[..., Any]] = {
    "_std": spread(ad.std),
    "_var": spread(ad.var),
    "det": elementwise(ad.det),
    "inv": elementwise(ad.inv),
    "log_sigmoid": elementwise(ad.log_sigmoid),
    "log_softmax": along_axis(ad.log_softmax),
    "logaddexp": elementwise(ad.logaddexp),
    "relu": elementwise(ad.relu),
    "silu": elementwise(ad.silu),
    "slogdet": lambda jaxpr, x: list(ad.slogdet(x)),
    "softplus": softplus,
    "solve": lambda jaxpr, a, b: (
        ad.solve(a, b) if b.ndim > 1 or a.ndim > 2 else ad.solve(a, ad.expand_dims(b, axis=-1))[..., 0]
    ),
    "xlog1py": elementwise(ad.xlog1py),
    "xlogy": elementwise(ad.xlogy),
}
"""By the function's name in JAX's files; the program says which axes."""
