"""Functions of one element, or of the elements that stand together: arithmetic, powers, comparisons, choices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad
from symdiff.frameworks.missing import Missing


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """One of our operations, whose parameters are none of JAX's: those say how accurate, or where."""

    def entry(*operands: Any, **params: Any) -> Any:
        return function(*operands)

    entry.__doc__ = told(function)
    return entry


def told(function: Callable[..., Any]) -> str:
    """What an entry is: the name of our operation, or what is said of a function of several."""
    name = str(getattr(function, "name", None) or getattr(function, "__name__", ""))
    return f"`{name}`" if getattr(ad, name, None) is function else str(function.__doc__ or "").partition("\n")[0]


def is_all(value: Any, number: float) -> bool:
    """Whether an operand is a constant with this one value everywhere."""
    return isinstance(value, np.ndarray | np.generic) and bool(np.all(value == number))


def extreme(function: Callable[..., Any], neutral: float) -> Callable[..., Any]:
    """``max`` or ``min``; beside the number that changes nothing (``initial`` of a reduction) the other operand."""

    def entry(x: Any, y: Any) -> Any:
        for one, other in ((x, y), (y, x)):
            if is_all(one, neutral) and np.shape(one) in ((), np.shape(other)):
                return other
        return function(x, y)

    entry.__doc__ = told(function)
    return entry


def rounded(x: Any, rounding_method: Any) -> Any:
    """To the nearest whole number; halves to the even one, or away from 0."""
    return ad.round(x) if int(rounding_method) else ad.trunc(x + 0.5 * ad.sign(x))


def inverse_root(x: Any) -> Any:
    """One over the square root."""
    return 1.0 / ad.sqrt(x)


def remainder(x: Any, y: Any) -> Any:
    """The remainder with the sign of ``x``."""
    return x - y * ad.trunc(x / y)


def power(x: Any, y: Any) -> Any:
    """Squares by their own name: what people write as ``x**2`` is one."""
    return ad.square(x) if is_all(y, 2) and np.shape(y) in ((), np.shape(x)) else ad.power(x, y)


def whole_power(x: Any, y: int) -> Any:
    """``x*x*...``, or one over that."""
    if y == 2:
        return ad.square(x)
    return ad.reciprocal(x) if y == -1 else ad.power(x, float(y))


def clamp(low: Any, x: Any, high: Any) -> Any:
    """``x`` between two bounds."""
    return ad.clip(x, low, high)


def select(which: Any, *cases: Any) -> Any:
    """The case of that number, or of False and True."""
    if len(cases) == 1:
        return cases[0]
    if which.dtype == bool:
        return ad.where(which, cases[1], cases[0])
    found = cases[-1]
    for place in range(len(cases) - 2, -1, -1):
        found = ad.where(np.asarray(getattr(which, "data", which)) == place, cases[place], found)
    return found


def cast(x: Any, new_dtype: Any, **params: Any) -> Any:
    """In another precision; masks become zeros and ones."""
    dtype = np.dtype(new_dtype)
    if dtype.kind not in "fb":
        raise Missing(f"to {dtype}")
    if x.dtype == dtype:
        return x
    if dtype.kind == "b":
        return ad.not_equal(x, 0.0)
    if x.dtype == bool:
        return ad.where(x, dtype.type(1), dtype.type(0))
    return ad.astype(x, dtype=dtype)


def reduced_precision(x: Any, exponent_bits: int, mantissa_bits: int) -> Any:
    """Only where nothing is lost: what is rounded has another value than the mathematics says."""
    info = np.finfo(x.dtype)
    if exponent_bits < info.nexp or mantissa_bits < info.nmant:
        raise Missing(f"{exponent_bits} and {mantissa_bits} bits")
    return x


def logical(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Bits of truth values are their logic; those of whole numbers are nothing of ours."""

    def entry(*masks: Any) -> Any:
        if any(mask.dtype != bool for mask in masks):
            raise Missing("whole numbers")
        return rule(*masks)

    entry.__doc__ = f"{told(rule)} of masks"
    return entry


ENTRIES: dict[str, Callable[..., Any]] = {
    "abs": ad.abs,
    "acos": plain(ad.arccos),
    "acosh": plain(ad.arccosh),
    "add": plain(ad.add),
    "add_any": plain(ad.add),
    "and": logical(ad.logical_and),
    "asin": plain(ad.arcsin),
    "asinh": plain(ad.arcsinh),
    "atan": plain(ad.arctan),
    "atan2": ad.arctan2,
    "atanh": plain(ad.arctanh),
    "cbrt": plain(ad.cbrt),
    "ceil": ad.ceil,
    "clamp": clamp,
    "convert_element_type": cast,
    "cos": plain(ad.cos),
    "cosh": plain(ad.cosh),
    "div": plain(ad.divide),
    "eq": plain(ad.equal),
    "exp": plain(ad.exp),
    "exp2": plain(ad.exp2),
    "expm1": plain(ad.expm1),
    "floor": ad.floor,
    "ge": plain(ad.greater_equal),
    "gt": plain(ad.greater),
    "integer_pow": whole_power,
    "is_finite": ad.isfinite,
    "le": plain(ad.less_equal),
    "log": plain(ad.log),
    "log1p": plain(ad.log1p),
    "logistic": plain(ad.sigmoid),
    "lt": plain(ad.less),
    "max": extreme(ad.maximum, -np.inf),
    "min": extreme(ad.minimum, np.inf),
    "mul": plain(ad.multiply),
    "ne": plain(ad.not_equal),
    "neg": ad.negative,
    "not": logical(ad.logical_not),
    "or": logical(ad.logical_or),
    "pow": power,
    "reduce_precision": reduced_precision,
    "rem": remainder,
    "round": rounded,
    "rsqrt": plain(inverse_root),
    "select_n": select,
    "sign": ad.sign,
    "sin": plain(ad.sin),
    "sinh": plain(ad.sinh),
    "sqrt": plain(ad.sqrt),
    "square": plain(ad.square),
    "sub": plain(ad.subtract),
    "tan": plain(ad.tan),
    "tanh": plain(ad.tanh),
    "xor": logical(ad.logical_xor),
}

EXACT = frozenset(
    {
        "abs", "add", "add_any", "and", "ceil", "clamp", "convert_element_type", "div", "eq", "floor", "ge", "gt",
        "is_finite", "le", "lt", "max", "min", "mul", "ne", "neg", "not", "or", "reduce_precision", "round",
        "select_n", "sign", "square", "sub", "xor",
    }
)  # fmt: skip
"""Correctly rounded by IEEE 754, or not rounded at all."""
