"""The tensor: an array that records what is computed with it, so that gradients can be walked back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .declare.guards import frozen
from .declare.op import TABLE
from .methods import Methods
from .numpy_face.assignment import Assignable
from .numpy_face.foreign import QUESTIONS, TakesNoTensors, instead_of_math, of_math
from .numpy_face.protocol import ASSIGNED, NumpyProtocol
from .numpy_face.statements import assigns_elements, caller, makes_a_number
from .printing import tensor_text
from .record.modes import Recording, mode
from .record.node import NO_GRADIENT, Node, Store
from .walk.cotangents import accumulate
from .walk.walk import walk_back

_make = object.__new__


class Tensor(NumpyProtocol, Assignable, Methods):
    """An array of numbers that records what is computed with it; made by :func:`autodiff.tensor`.

    Arithmetic, indexing, NumPy's functions and the methods named after operations all return tensors.  An assignment
    ``y[i] = v`` to what was computed lets ``y`` be a new tensor; what was computed from ``y`` before stays.
    """

    __slots__ = ("__weakref__",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("Tensor is not called directly; write autodiff.tensor(values, requires_grad=True)")

    def __autodiff_static__(self, operation: str, parameter: str) -> Any:
        if self.requires_grad:
            raise TypeError(
                f"{operation}: {parameter} is static and gets no gradient, but a tensor that requires grad was given; "
                f"write .detach(), or .item() for a number"
            )
        return self.array if self.array.ndim else self.array.item()

    # What it is

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        return self.array.ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        return self.array.size  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        array = self.array
        if not array.ndim and self.node is not None and makes_a_number(caller(1)):
            raise AttributeError("dtype")  # the mean of an array of tensors stays a tensor
        return array.dtype  # type: ignore[no-any-return]

    @property
    def data(self) -> NDArray[Any]:
        """The values, as an array that cannot be written into: the walk back may still need them."""
        return frozen(self.array)

    @property
    def requires_grad(self) -> bool:
        """Whether gradients reach this tensor."""
        return self.node is not None and self.node.store is not NO_GRADIENT

    @property
    def is_leaf(self) -> bool:
        return self.node is None or self.node.op is None

    @property
    def grad_fn(self) -> str | None:
        """The name of the operation that made this tensor, as PyTorch writes it; None for an input or a constant."""
        return self.node.op.torch_name if self.node is not None and self.node.op is not None else None

    def numpy(self) -> NDArray[Any]:
        """Return the values as a read-only array; RuntimeError where that would lose a gradient."""
        if self.requires_grad:
            raise RuntimeError("numpy() of a tensor that requires grad loses its gradient; write .detach().numpy()")
        return self.data

    def item(self, *place: Any) -> Any:
        """Return the only element, or that at a place, as a Python number, without its gradient."""
        if place:
            return self.array.item(*place)
        if self.size != 1:
            raise ValueError(f"item(): a tensor of shape {self.shape} is not one number; index it, or use tolist()")
        return self.array.item()

    def tolist(self) -> Any:
        """Return the values as nested lists of Python numbers, without their gradient."""
        return self.array.tolist()

    # Gradients

    @property
    def grad(self) -> Tensor | None:
        """The gradient that :meth:`backward` accumulated; set it to None to start afresh."""
        node = self.node
        if node is None:
            return None
        if node.store is None:
            raise RuntimeError(
                f"this tensor (grad_fn=<{self.grad_fn}>) lies inside the graph and keeps no gradient; "
                "call .retain_grad() on it before backward()"
            )
        grad = node.store.grad
        return grad if grad is None or isinstance(grad, Tensor) else wrap(grad, None)

    @grad.setter
    def grad(self, value: Any) -> None:
        store = self.node.store if self.node is not None else None
        if store is None or store is NO_GRADIENT:
            raise RuntimeError("only a tensor that keeps a gradient has a .grad to set; see retain_grad()")
        given = value.array if isinstance(value, Tensor) else value
        if given is not None and np.shape(given) != self.shape:
            raise ValueError(f".grad = ...: the tensor has shape {self.shape}, the value {np.shape(given)}")
        store.grad = None if given is None else np.array(given, dtype=self.dtype)

    def retain_grad(self) -> None:
        """Keep the gradient of this tensor in ``.grad``, although it lies inside the graph."""
        if not self.requires_grad:
            raise RuntimeError("retain_grad(): this tensor does not require grad; see tensor(requires_grad=True)")
        assert self.node is not None
        if self.node.store is None:
            self.node.store = Store()

    def detach(self) -> Tensor:
        """Return the same values as a constant."""
        return wrap(self.array, None)

    def backward(self, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False) -> None:
        """Walk back from this tensor and add the gradients to ``.grad`` of the leaves it was computed from.

        ``gradient`` is the cotangent of this tensor, 1 for a single number.  ``create_graph`` records the walk itself,
        so that the gradients can be differentiated again.
        """
        node = self.node
        if node is None or node.store is NO_GRADIENT:
            raise RuntimeError(
                "element 0 of tensors does not require grad and does not have a grad_fn: nothing it was computed from "
                "is a tensor with requires_grad=True (or it was computed under no_grad())"
            )
        found = walk_back(
            node,
            start(self, gradient, create_graph),
            retain=create_graph if retain_graph is None else retain_graph,
            lift=wrap if create_graph else None,
        )
        for each, g in found.items():
            if each.store is not None and each.store is not NO_GRADIENT:
                accumulate(each.store, g)

    # As a sequence, and as a number

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len(): a tensor without axes has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self.ndim:
            raise TypeError("a tensor without axes cannot be iterated over")
        return (self[i] for i in range(self.shape[0]))

    def __contains__(self, value: Any) -> bool:
        return bool(np.any(self.array == np.asarray(value.array if isinstance(value, Tensor) else value)))

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(
                f"the truth value of a tensor of shape {self.shape} is ambiguous; use any() or all(), or where(...)"
            )
        taken = bool(self.array)
        current = mode()
        if isinstance(current, Recording) and self.node is not None:
            current.conditions.append((self.node, taken))
        return taken

    def __float__(self) -> float:
        self._no_number("float")
        return float(self.item())

    def __complex__(self) -> complex:
        self._no_number("complex")
        return complex(self.item())

    def __int__(self) -> int:
        return int(self.item())  # piecewise constant: there is no gradient to lose

    def __index__(self) -> int:
        if self.dtype.kind not in "iu" or self.ndim:
            raise TypeError(f"a tensor of shape {self.shape} and {self.dtype} is not an index; only one integer is")
        return int(self.array)

    def _no_number(self, kind: str) -> None:
        if self.node is not None:
            frame = caller(2)
            if assigns_elements(frame):
                raise TakesNoTensors(ASSIGNED, "elements")
            asked_by = of_math(frame)
            if asked_by in QUESTIONS:
                return
            if asked_by:
                raise TakesNoTensors(instead_of_math(asked_by), "numbers")
            raise TypeError(
                f"{kind}() of a tensor that requires grad would lose the gradient (as math.exp would); "
                "use NumPy's function (np.exp), or .item() where only the number is meant"
            )

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if hasattr(Tensor, name)]

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    # What it looks like, and copies of it

    def __repr__(self) -> str:
        return tensor_text(np.asarray(self.array), self.requires_grad, self.grad_fn)

    __hash__ = object.__hash__

    def __copy__(self) -> Tensor:
        return wrap(self.array.copy(), self.node)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if not self.is_leaf:
            raise RuntimeError("only a leaf can be deep-copied, not a tensor inside the graph; write .detach()")
        return leaf(self.array) if self.requires_grad else wrap(self.array.copy(), None)

    def __reduce__(self) -> tuple[Any, ...]:
        if not self.is_leaf:
            raise RuntimeError("only a leaf can be pickled, not a tensor inside the graph; write .detach()")
        return rebuilt, (np.asarray(self.array), self.requires_grad)

    def astype(self, dtype: DTypeLike) -> Tensor:
        """Return the values in another dtype; integers and masks get no gradient."""
        return TABLE["astype"](self, dtype=np.dtype(dtype))  # type: ignore[no-any-return]


def wrap(data: Any, node: Node | None) -> Tensor:
    """Return the tensor of an array that nobody else writes into, and of its node."""
    tensor = _make(Tensor)
    tensor.array = data
    tensor.node = node
    return tensor


def leaf(values: Any, requires_grad: bool = True) -> Tensor:
    """Return a new input of the graph, with a copy of ``values``."""
    data = np.array(values)
    data.flags.writeable = False
    return wrap(data, Node(data.shape, data.dtype, Store() if requires_grad else NO_GRADIENT))


def rebuilt(values: NDArray[Any], requires_grad: bool) -> Tensor:
    return leaf(values) if requires_grad else wrap(values, None)


def start(result: Tensor, gradient: Any, create_graph: bool) -> Any:
    """Return the cotangent that a walk from ``result`` starts with."""
    if gradient is None:
        data = result.array
        if data.size != 1:
            raise RuntimeError("grad can be implicitly created only for scalar outputs")
        one = data.dtype.type(1)
        gradient = one if not data.ndim else np.full(data.shape, one)
        return wrap(gradient, None) if create_graph else gradient
    given = gradient if isinstance(gradient, Tensor) else wrap(np.array(gradient, dtype=result.dtype), None)
    if given.shape != result.shape:
        raise RuntimeError(
            f"the gradient has shape {given.shape}, the tensor that it belongs to {result.shape}; make them equal"
        )
    return given if create_graph else given.array
