"""From functions to their derivatives: grad, value_and_grad, vjp, jvp, jacobian, hessian, hvp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

import numpy as np

from .graph import Node, walk_back
from .modes import INSIDE, OFF, mode, reset_mode, set_mode
from .tensor import Tensor, leaf, wrap

Argnums = int | tuple[int, ...]


def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., tuple[Any, Any]]:
    """Return the function that returns ``f(...)`` and its gradient with respect to argument(s) ``argnums``.

    ``f`` returns one number.  Integers given for those arguments become float64.
    """

    @wraps(f)
    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        with _Trace(f, argnums, args, kwargs) as trace:
            result = trace.result
            if np.size(_plain(result)) != 1:
                raise TypeError(
                    f"grad: {_name(f)} returned shape {np.shape(_plain(result))}; a gradient is of one number: "
                    "reduce the result with sum or mean, or use jacobian"
                )
            gradients = trace.pull(None)
        return trace.outward(result), gradients if isinstance(argnums, tuple) else gradients[0]

    return value_and_gradient


def grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return the function that returns the gradient of ``f`` with respect to argument(s) ``argnums``."""
    both = value_and_grad(f, argnums)

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


def vjp(f: Callable[..., Any], *xs: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return ``f(*xs)`` and the function from a cotangent of its result to the cotangents of ``xs``."""
    trace = _Trace(f, tuple(range(len(xs))), xs, {}, retain=True)
    with trace:
        result = trace.result

    def pullback(g: Any) -> tuple[Any, ...]:
        with trace.again():
            return trace.pull(g)

    return trace.outward(result), pullback


def jvp(f: Callable[..., Any], xs: Sequence[Any], vs: Sequence[Any]) -> tuple[Any, Any]:
    """Return ``f(*xs)`` and its derivative in the direction ``vs``: the vjp of the vjp, which is linear in its cotangent."""
    if len(xs) != len(vs):
        raise TypeError(f"jvp: {len(xs)} points but {len(vs)} directions; give one direction for each point")
    for place, (x, v) in enumerate(zip(xs, vs, strict=True)):
        if np.shape(_plain(x)) != np.shape(_plain(v)):
            shapes = f"{np.shape(_plain(x))} and {np.shape(_plain(v))}"
            raise ValueError(f"jvp: point and direction {place} have shapes {shapes}; they must be equal")
    value, _ = vjp(f, *xs)

    def transposed(g: Any) -> Any:
        _, pullback = vjp(f, *xs)
        total: Any = 0.0
        for c, v in zip(pullback(g), vs, strict=True):
            total = total + (c * v).sum()
        return total

    return value, grad(transposed)(np.ones_like(_plain(value)))


def jacobian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return the function that returns the derivatives of every element of ``f(...)``: shape of the result + of the input."""

    @wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        with _Trace(f, argnums, args, kwargs, retain=True) as trace:
            shape = np.shape(_plain(trace.result))
            rows = []
            for position in np.ndindex(*shape):
                unit = np.zeros(shape, np.asarray(_plain(trace.result)).dtype)
                unit[position] = 1
                rows.append(trace.pull(unit))
            blocks = tuple(
                _stacked([row[place] for row in rows], shape, trace.inputs[place]) for place in range(len(trace.inputs))
            )
        return blocks if isinstance(argnums, tuple) else blocks[0]

    return matrix


def hessian(f: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """Return the function that returns the second derivatives of ``f``, which returns one number."""
    return jacobian(grad(f, argnums), argnums)


def hvp(f: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """Return the function ``(*args, v)`` that returns the Hessian of ``f`` times ``v``, without building the Hessian."""

    @wraps(f)
    def product(*args: Any, **kwargs: Any) -> Any:
        *points, v = args
        if np.shape(_plain(v)) != np.shape(_plain(points[argnums])):
            raise ValueError(
                f"hvp: the vector has shape {np.shape(_plain(v))}, argument {argnums} {np.shape(_plain(points[argnums]))}"
            )
        return grad(lambda *inner, **options: (grad(f, argnums)(*inner, **options) * v).sum(), argnums)(*points, **kwargs)

    return product


class _Trace:
    """One run of a function on inputs of its own, and the walks back from its result."""

    __slots__ = ("_context", "inputs", "nested", "result", "retain", "tensors")

    def __init__(
        self,
        f: Callable[..., Any],
        argnums: Argnums,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        retain: bool = False,
    ) -> None:
        places = _places(f, argnums, args)
        outer = [args[place] for place in places]
        self.nested = mode().transforming or any(isinstance(x, Tensor) and x._node is not None for x in outer)
        self.tensors = [isinstance(x, Tensor) for x in outer]
        self.retain = retain or self.nested
        with self.again():
            self.inputs = [_input(x, f, place) for place, x in zip(places, outer, strict=True)]
            given = list(args)
            for place, x in zip(places, self.inputs, strict=True):
                given[place] = x
            self.result = f(*given, **kwargs)
        _check_result(self.result, f)

    @contextmanager
    def again(self) -> Any:
        # A transform inside another one records its walk back, so that the outer one can differentiate it.
        token = set_mode(mode() if mode().complete else INSIDE)
        try:
            yield self
        finally:
            reset_mode(token)

    def __enter__(self) -> _Trace:
        return self

    def __exit__(self, *exception: object) -> None:
        return None

    def pull(self, cotangent: Any) -> tuple[Any, ...]:
        """Return the cotangents of the inputs; ``cotangent`` None is 1."""
        from .tensor import start

        result = self.result
        if not isinstance(result, Tensor) or not result.requires_grad:
            return tuple(self._outward_zero(x, tensor) for x, tensor in zip(self.inputs, self.tensors, strict=True))
        assert result._node is not None
        lifted = self.nested or (isinstance(cotangent, Tensor) and cotangent._node is not None)
        nodes: list[Node] = [x._node for x in self.inputs]
        g = start(result, cotangent, lifted)
        found = walk_back(result._node, g, inputs=nodes, retain=self.retain or lifted, lift=wrap if lifted else None)
        gradients = []
        for x, node, tensor in zip(self.inputs, nodes, self.tensors, strict=True):
            c = found.get(node)
            if c is None:
                gradients.append(self._outward_zero(x, tensor))
            elif isinstance(c, Tensor):
                gradients.append(c)
            else:
                c = np.array(c, dtype=x.dtype)
                gradients.append(wrap(c, None) if tensor else _number(c))
        return tuple(gradients)

    def _outward_zero(self, x: Tensor, tensor: bool) -> Any:
        zero = np.zeros(x.shape, x.dtype)
        return wrap(zero, None) if tensor or self.nested else _number(zero)

    def outward(self, result: Any) -> Any:
        """Return a result as the caller gets it: a tensor only where tensors were given."""
        if not isinstance(result, Tensor) or self.nested:
            return result
        return result.detach() if any(self.tensors) else _number(np.array(result._data))


def _number(c: Any) -> Any:
    return c if c.ndim else c[()]


def _places(f: Callable[..., Any], argnums: Argnums, args: tuple[Any, ...]) -> tuple[int, ...]:
    places = argnums if isinstance(argnums, tuple) else (argnums,)
    for place in places:
        if not -len(args) <= place < len(args):
            raise TypeError(f"argnums={argnums!r}: {_name(f)} was called with {len(args)} positional arguments")
    return tuple(place % len(args) for place in places)


def _input(x: Any, f: Callable[..., Any], place: int) -> Tensor:
    """Return an input of its own: a leaf, or, of a tensor inside a graph, an alias that is joined to it."""
    if isinstance(x, Tensor):
        if x._node is not None and x.requires_grad:
            return x.copy()  # type: ignore[attr-defined, no-any-return]
        x = x._data
    array = np.asarray(x)
    if array.dtype.kind in "biu":
        array = array.astype(np.float64)
    if array.dtype.kind != "f":
        raise TypeError(
            f"{_name(f)}: argument {place} is {type(x).__name__} {x!r:.60}; it must be a number, an array or a tensor "
            "(argnums chooses the arguments to differentiate by)"
        )
    return leaf(array)


def _check_result(result: Any, f: Callable[..., Any]) -> None:
    if isinstance(result, Tensor | np.ndarray | np.generic | float | int):
        return
    raise TypeError(
        f"{_name(f)} returned {type(result).__name__} {result!r:.60}; it must return one tensor, array or number"
    )


def _plain(x: Any) -> Any:
    return x._data if isinstance(x, Tensor) else x


def _name(f: Callable[..., Any]) -> str:
    return getattr(f, "__name__", None) or repr(f)


def _stacked(rows: list[Any], shape: tuple[int, ...], x: Tensor) -> Any:
    from .ops import TABLE

    if not rows:
        return np.zeros((*shape, *x.shape), x.dtype)
    if any(isinstance(row, Tensor) for row in rows):
        return TABLE["stack"](rows).reshape((*shape, *x.shape))  # type: ignore[operator]
    return np.array(rows).reshape((*shape, *x.shape))
