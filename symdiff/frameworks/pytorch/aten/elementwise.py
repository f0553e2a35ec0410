"""Functions of one element, or of the elements that stand together: arithmetic, powers, comparisons, activations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad
from symdiff.frameworks.missing import Missing


def div(x: Any, y: Any, rounding_mode: str | None = None) -> Any:
    """The quotient, or the whole numbers below it or nearer to 0."""
    match rounding_mode:
        case None:
            return ad.divide(x, y)
        case "floor":
            return ad.floor(ad.divide(x, y))
        case _:
            return ad.trunc(ad.divide(x, y))


def fmod(x: Any, y: Any) -> Any:
    """The remainder with the sign of ``x``."""
    return x - y * ad.trunc(x / y)


def clamp(x: Any, min: Any = None, max: Any = None) -> Any:
    """``x`` between two bounds, of which one may be left out."""
    if min is not None:
        x = ad.maximum(x, min)
    return x if max is None else ad.minimum(x, max)


def softplus(x: Any, beta: float = 1, threshold: float = 20) -> Any:
    """``log(1 + exp(beta*x))/beta``, and ``x`` itself above the threshold."""
    smooth = ad.softplus(x) if beta == 1 else ad.softplus(beta * x) / beta
    straight = np.asarray(getattr(x, "data", x)) * beta > threshold
    return ad.where(straight, x, smooth) if straight.any() else smooth


def gelu(x: Any, approximate: str = "none") -> Any:
    """PyTorch's default is the exact one; the other is computed with ``1 + tanh(...)``: few digits stay below 0."""
    if approximate == "tanh" and bool(np.any(np.asarray(getattr(x, "data", x)) < -1.0)):
        return 0.5 * x * (1.0 + ad.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return ad.gelu(x, approximate=approximate)


def elu(x: Any, alpha: float = 1, scale: float = 1, input_scale: float = 1) -> Any:
    """ELU and, by their constants, SELU and CELU."""
    if input_scale != 1:
        return scale * ad.where(x > 0, x, alpha * ad.expm1(x * input_scale))
    return ad.elu(x, alpha=alpha) if scale == 1 else scale * ad.elu(x, alpha=alpha)


def hardsigmoid(x: Any) -> Any:
    """``clamp(x + 3, 0, 6)/6``."""
    return ad.hardtanh(x + 3.0, min_val=0.0, max_val=6.0) / 6.0


def logit(x: Any, eps: float | None = None) -> Any:
    """``log(x/(1 - x))``, of ``x`` kept away from 0 and 1 by ``eps``."""
    return ad.logit(x if eps is None else clamp(x, eps, 1 - eps))


def softshrink(x: Any, lambd: float = 0.5) -> Any:
    """``x`` moved towards 0 by ``lambd``, and no further."""
    return ad.where(x > lambd, x - lambd, ad.where(x < -lambd, x + lambd, 0.0 * x))


def nan_to_num(x: Any, nan: float | None = None, posinf: float | None = None, neginf: float | None = None) -> Any:
    """What is not finite replaced by numbers."""
    return ad.nan_to_num(x, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf)


def logical(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Bits of truth values are their logic; those of whole numbers are nothing of ours."""

    def entry(*masks: Any) -> Any:
        if any(np.asarray(getattr(mask, "data", mask)).dtype.kind != "b" for mask in masks):
            raise Missing("whole numbers")
        return rule(*masks)

    return entry


def pow(x: Any, y: Any) -> Any:
    """Squares and roots by their own names: what people write as ``x**2`` is one."""
    return ad.square(x) if isinstance(y, int | float) and y == 2 else ad.power(x, y)


ENTRIES: dict[str, Callable[..., Any]] = {
    "abs": ad.abs,
    "acos": ad.arccos,
    "acosh": ad.arccosh,
    "add": lambda x, y, alpha=1: x + (y if alpha == 1 else alpha * y),
    "addcdiv": lambda x, a, b, value=1: x + (a / b if value == 1 else value * (a / b)),
    "addcmul": lambda x, a, b, value=1: x + (a * b if value == 1 else value * (a * b)),
    "asin": ad.arcsin,
    "asinh": ad.arcsinh,
    "atan": ad.arctan,
    "atan2": ad.arctan2,
    "atanh": ad.arctanh,
    "bitwise_and": logical(ad.logical_and),
    "bitwise_not": logical(ad.logical_not),
    "bitwise_or": logical(ad.logical_or),
    "bitwise_xor": logical(ad.logical_xor),
    "ceil": ad.ceil,
    "celu": lambda x, alpha=1.0: elu(x, alpha, 1, 1 / alpha),
    "clamp": clamp,
    "clamp_max": ad.minimum,
    "clamp_min": ad.maximum,
    "copysign": ad.copysign,
    "cos": ad.cos,
    "cosh": ad.cosh,
    "deg2rad": ad.deg2rad,
    "div": div,
    "elu": elu,
    "eq": ad.equal,
    "exp": ad.exp,
    "exp2": ad.exp2,
    "expm1": ad.expm1,
    "fill": lambda x, value: (
        value * np.ones(x.shape) if not hasattr(value, "shape") else ad.broadcast_to(value, x.shape)
    ),
    "floor": ad.floor,
    "floor_divide": lambda x, y: ad.floor(x / y),
    "fmax": ad.fmax,
    "fmin": ad.fmin,
    "fmod": fmod,
    "frac": lambda x: x - ad.trunc(x),
    "ge": ad.greater_equal,
    "gelu": gelu,
    "gt": ad.greater,
    "hardsigmoid": hardsigmoid,
    "hardswish": lambda x: x * hardsigmoid(x),
    "hardtanh": lambda x, min_val=-1.0, max_val=1.0: ad.hardtanh(x, min_val=min_val, max_val=max_val),
    "heaviside": ad.heaviside,
    "hypot": ad.hypot,
    "isfinite": ad.isfinite,
    "isinf": ad.isinf,
    "isnan": ad.isnan,
    "ldexp": lambda x, y: x * ad.exp2(y),
    "le": ad.less_equal,
    "leaky_relu": lambda x, negative_slope=0.01: ad.leaky_relu(x, negative_slope=negative_slope),
    "lerp": lambda x, end, weight: x + weight * (end - x),
    "log": ad.log,
    "log10": ad.log10,
    "log1p": ad.log1p,
    "log2": ad.log2,
    "log_sigmoid_forward": lambda x: [ad.log_sigmoid(x)],
    "logaddexp": ad.logaddexp,
    "logaddexp2": ad.logaddexp2,
    "logical_and": lambda x, y: ad.logical_and(x, y),
    "logical_not": ad.logical_not,
    "logical_or": lambda x, y: ad.logical_or(x, y),
    "logical_xor": lambda x, y: ad.logical_xor(x, y),
    "logit": logit,
    "lt": ad.less,
    "maximum": ad.maximum,
    "minimum": ad.minimum,
    "mish": lambda x: x * ad.tanh(ad.softplus(x)),
    "mul": ad.multiply,
    "nan_to_num": nan_to_num,
    "ne": ad.not_equal,
    "neg": ad.negative,
    "pow": pow,
    "prelu": lambda x, weight: ad.where(x > 0, x, weight * x),
    "_prelu_kernel": lambda x, weight: ad.where(x > 0, x, weight * x),
    "rad2deg": ad.rad2deg,
    "reciprocal": ad.reciprocal,
    "relu": ad.relu,
    "relu6": lambda x: ad.hardtanh(x, min_val=0.0, max_val=6.0),
    "remainder": ad.remainder,
    "round": lambda x, decimals=0: ad.round(x, decimals=decimals),
    "rsqrt": lambda x: 1.0 / ad.sqrt(x),
    "rsub": lambda x, y, alpha=1: y - (x if alpha == 1 else alpha * x),
    "selu": ad.selu,
    "sgn": ad.sign,
    "sigmoid": ad.sigmoid,
    "sign": ad.sign,
    "signbit": lambda x: x < 0,
    "silu": ad.silu,
    "sin": ad.sin,
    "sinc": ad.sinc,
    "sinh": ad.sinh,
    "hardshrink": lambda x, lambd=0.5: ad.where(ad.abs(x) > lambd, x, 0.0 * x),
    "softplus": softplus,
    "softshrink": softshrink,
    "sqrt": ad.sqrt,
    "square": ad.square,
    "sub": lambda x, y, alpha=1: x - (y if alpha == 1 else alpha * y),
    "tan": ad.tan,
    "tanh": ad.tanh,
    "threshold": lambda x, threshold, value: ad.where(x > threshold, x, float(value)),
    "trunc": ad.trunc,
    "where": ad.where,
    "xlogy": ad.xlogy,
}
"""By an operation's name, or that of one overload; the arguments are those of PyTorch's schema."""
