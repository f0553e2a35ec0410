"""Python's operators on tensors, and the methods that operations bring; installed from the table of operations."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import namespace
from .declare.binding import plain
from .declare.op import TABLE, Op, Operation
from .declare.operator_names import ARITHMETIC, COMPARISONS, LOGICAL, UNARY
from .methods import Methods
from .pytorch_names import PYTORCH
from .tensor import Tensor


@dataclass(frozen=True, slots=True)
class Missing:
    """An attribute that arrays have and tensors have not; whoever asks for it is told what there is instead.

    One for each name, since a class with ``__getattr__`` is slower in every attribute that it does have.
    """

    name: str

    def __get__(self, tensor: object, owner: type) -> Any:
        raise AttributeError(
            f"a tensor has no .{self.name}, which arrays have; look for an operation autodiff.{self.name}, "
            f"or take the values alone, .detach().numpy()"
        )


def install() -> None:
    """Give tensors their operators and methods."""
    for each in UNARY:
        _set(each.method, _unary(TABLE[each.operation]))
    for each in COMPARISONS:
        _set(each.method, _binary(TABLE[each.operation]))
    for each in ARITHMETIC:
        _set(each.method, _binary(TABLE[each.operation]))
        _set(each.reflected, _reflected(TABLE[each.operation]))
        _set(each.in_place, _in_place(_binary(TABLE[each.operation])))
    for each in LOGICAL:
        _set(each.method, _on_masks(_binary(TABLE[each.operation])))
        _set(each.in_place, _in_place(_on_masks(_binary(TABLE[each.operation]))))
        _set(each.reflected, _on_masks(_reflected(TABLE[each.operation])))
    _set("__getitem__", _item)
    for name, entry in TABLE.items():
        if (entry.method or is_asked_for_by_numpy(name, entry)) and not hasattr(Tensor, name):
            _set(name, _method(entry))
    for name, method in SPELT_OUT.items():
        _set(name, method)
    for name in dir(np.ndarray):
        if not name.startswith("_") and not hasattr(Tensor, name):
            _set(name, Missing(name))


def is_asked_for_by_numpy(name: str, entry: Operation) -> bool:
    """Whether a function of NumPy's, on an array of objects, calls a method of this name on each of them."""
    function = getattr(np, name, None)
    return (
        isinstance(entry, Op)
        and isinstance(function, np.ufunc)
        and ((function.nin == 1 and "O->O" in function.types) or name in ("arctan2", "hypot"))
    )


def _set(name: str, value: Any) -> None:
    if callable(value):
        value.__name__ = name
        value.__qualname__ = f"Tensor.{name}"
    setattr(Methods, name, value)


def _unary(op: Any) -> Callable[..., Any]:
    defaults = op.defaults
    return lambda x: x.__autodiff_apply__(op, (x,), defaults)


def _binary(op: Any) -> Callable[..., Any]:
    defaults = op.defaults
    return lambda x, y: x.__autodiff_apply__(op, (x, y), defaults)


def _reflected(op: Any) -> Callable[..., Any]:
    defaults = op.defaults
    return lambda y, x: y.__autodiff_apply__(op, (x, y), defaults)


def _in_place(binary: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, y: x.in_place(binary(x, y))


def _on_masks(method: Callable[..., Any]) -> Callable[..., Any]:
    def on_masks(x: Any, other: Any) -> Any:
        for mask in (x, other):
            if not isinstance(mask, bool) and getattr(mask, "dtype", None) != np.bool_:
                raise TypeError("& | ^ ~ join masks (x > 0), not numbers; for a power write x**2")
        return method(x, other)

    return on_masks


def _method(entry: Operation) -> Callable[..., Any]:
    # Without arguments there is nothing to bind.
    direct = entry if isinstance(entry, Op) and entry.binding.direct == 1 else None

    def method(self: Tensor, *args: Any, **params: Any) -> Any:
        if direct is None or args or params:
            return entry(self, *args, **params)
        return self.__autodiff_apply__(direct, (self,), direct.defaults)

    method.__doc__ = entry.__doc__
    return method


def _item(x: Tensor, index: Any) -> Any:
    getitem: Any = TABLE["getitem"]
    return x.__autodiff_apply__(getitem, (x,), {"index": plain(index, "getitem", "index")})


def _reshape(self: Tensor, *shape: Any, order: str = "C") -> Any:
    """Return the same elements in another shape, given as one tuple or as several numbers."""
    given = shape[0] if len(shape) == 1 else shape
    return TABLE["reshape"](self, given) if order == "C" else np.reshape(self, given, order=order)  # type: ignore[call-overload]


def _transpose(self: Tensor, *axes: Any) -> Any:
    """Return the tensor with its axes in another order, reversed where none is given."""
    order = axes[0] if len(axes) == 1 else axes or None
    return TABLE["transpose"](self, order)


def _flatten(self: Tensor, order: str = "C") -> Any:
    """Return the elements in one row, the rows one after the other, or with ``order="F"`` the columns."""
    return TABLE["reshape"](self if order != "F" else TABLE["transpose"](self), (-1,))


def _nonzero(self: Tensor) -> Any:
    """Return the positions of the elements that are not 0, an array for each axis."""
    return np.nonzero(self.array)


def _matrix_transpose(self: Tensor) -> Any:
    """The last two axes exchanged."""
    if self.ndim < 2:
        raise ValueError(f".mT: a tensor of shape {self.shape} has no matrices; it needs two axes")
    return TABLE["matrix_transpose"](self)


def _divmod(x: Tensor, y: Any) -> tuple[Any, Any]:
    return x // y, x % y


def _reflected_divmod(x: Tensor, y: Any) -> tuple[Any, Any]:
    return y // x, y % x


def _round(x: Tensor, decimals: int = 0) -> Any:
    return TABLE["round"](x, decimals=decimals)


def _positive(x: Tensor) -> Tensor:
    return copy(x)


def _itself(self: Tensor) -> Any:
    """Return the tensor: of real numbers it is its own conjugate."""
    return self


def _imaginary(self: Tensor) -> Any:
    """The imaginary part of real numbers: zeros."""
    return self.constant(np.zeros(self.shape, self.dtype))


def _namespace(self: Tensor, *, api_version: str | None = None) -> Any:
    """Return the module with the functions for tensors, under the names of the array API standard."""
    if api_version is not None and not "2021.12" <= api_version <= "2025.12":
        raise ValueError(f"__array_namespace__(api_version={api_version!r}): only 2021.12 ... 2025.12 are known")
    return namespace


SPELT_OUT: dict[str, Any] = PYTORCH | {
    "reshape": _reshape,
    "transpose": _transpose,
    "flatten": _flatten,
    "ravel": _flatten,
    "nonzero": _nonzero,
    "T": property(lambda self: TABLE["transpose"](self), doc="The axes in reverse order."),
    "mT": property(_matrix_transpose),
    "conj": _itself,
    "conjugate": _itself,
    "real": property(lambda self: self, doc="The real part: the tensor itself."),
    "imag": property(_imaginary),
    "__array_namespace__": _namespace,
    "__divmod__": _divmod,
    "__rdivmod__": _reflected_divmod,
    "__pos__": _positive,
    "__round__": _round,
}
