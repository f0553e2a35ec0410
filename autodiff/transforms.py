"""From functions to their derivatives: grad, value_and_grad, vjp, jvp, jacobian, hessian, hvp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from .broadcasting import ARRAYS
from .declare.objects import stacked
from .declare.op import TABLE
from .declare.shortcuts import SHORTCUTS
from .numpy_face.protocol import ASSIGNED
from .record.modes import INSIDE, OFF, mode, reset_mode, set_mode
from .record.node import NO_GRADIENT, Node
from .tensor import Tensor, start, wrap
from .walk.walk import collect, walk_back

Argnums = int | tuple[int, ...]


def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., tuple[Any, Any]]:
    """Return the function that returns ``f(...)`` and its gradient with respect to argument(s) ``argnums``.

    ``f`` returns one number.  Integers given for those arguments become float64.
    """

    places_among: dict[int, tuple[int, ...]] = {}  # so many arguments

    @wraps(f)
    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        places = places_among.get(len(args))
        if places is None:
            places = places_among[len(args)] = _places(f, argnums, args)
        run = _Run(f, places, args, kwargs)
        given = run.result
        if type(given) is Tensor:
            given = given.array
        if (given.size if type(given) in ARRAYS else np.size(given)) != 1:
            raise TypeError(
                f"grad: {_name(f)} returned shape {np.shape(given)}; a gradient is of one number: "
                "reduce the result with sum or mean, or use jacobian"
            )
        gradients = run.pull(None)
        value = run.value()
        for x in run.inputs:
            if x.array.nbytes >= SHORTCUTS.worth_keeping and not (run.nested or run.tensors):
                del x
                run.give_up_inputs()
                break
        return value, gradients if isinstance(argnums, tuple) else gradients[0]

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
    run = _Run(f, tuple(range(len(xs))), xs, {})

    def pullback(g: Any) -> tuple[Any, ...]:
        return run.pull(g, retain=True)

    return run.value(), pullback


def jvp(f: Callable[..., Any], xs: Sequence[Any], vs: Sequence[Any]) -> tuple[Any, Any]:
    """Return ``f(*xs)`` and its derivative in the direction ``vs``: the vjp of the vjp, linear in its cotangent."""
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
    """Return the function that returns the derivatives of all elements of ``f(...)``: shape result + input."""

    @wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        run = _Run(f, _places(f, argnums, args), args, kwargs)
        values = np.asarray(_plain(run.result))
        rows = []
        for position in np.ndindex(*values.shape):
            unit = np.zeros(values.shape, values.dtype)
            unit[position] = 1
            rows.append(run.pull(unit, retain=True))
        blocks = tuple(_stacked([row[k] for row in rows], values.shape, x) for k, x in enumerate(run.inputs))
        return blocks if isinstance(argnums, tuple) else blocks[0]

    return matrix


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return the function that returns the second derivatives of ``f``, which returns one number.

    For a tuple of arguments it returns rows of blocks: ``blocks[i][j]`` belongs to ``argnums[i]`` and ``argnums[j]``.
    """
    if not isinstance(argnums, tuple):
        return jacobian(grad(f, argnums), argnums)
    rows = [jacobian(grad(f, each), argnums) for each in argnums]

    @wraps(f)
    def blocks(*args: Any, **kwargs: Any) -> Any:
        return tuple([row(*args, **kwargs) for row in rows])

    return blocks


def hvp(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return the function ``(*args, v)`` that returns the Hessian of ``f`` times ``v`` without building it.

    For a tuple of arguments ``v`` is a tuple of vectors, and so is the product.
    """
    several = argnums if isinstance(argnums, tuple) else (argnums,)

    @wraps(f)
    def product(*args: Any, **kwargs: Any) -> Any:
        *points, v = args
        vectors = v if isinstance(argnums, tuple) else (v,)
        if len(vectors) != len(several):
            raise TypeError(f"hvp: {len(vectors)} vectors for {len(several)} arguments; give one for each")
        for place, vector in zip(_places(f, argnums, tuple(points)), vectors, strict=True):
            given, wanted = np.shape(_plain(vector)), np.shape(_plain(points[place]))
            if given != wanted:
                raise ValueError(f"hvp: the vector has shape {given}, argument {place} {wanted}; make them equal")

        def along(*inner: Any, **options: Any) -> Any:
            gradients = grad(f, several)(*inner, **options)
            return sum((g * vector).sum() for g, vector in zip(gradients, vectors, strict=True))

        return grad(along, argnums)(*points, **kwargs)

    return product


class _Run:
    """One run of a function on inputs of its own, and the walks back from its result."""

    __slots__ = ("inputs", "nested", "reach", "result", "tensors")

    def __init__(
        self, f: Callable[..., Any], places: tuple[int, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        current = mode()
        # A transform inside another one records its walk back, so that the outer one can differentiate it.
        nested = current.transforming
        tensors = False
        inputs: list[Tensor] = []
        given = list(args)
        for place in places:
            x = args[place]
            if type(x) is Tensor:
                tensors = True
                nested = nested or x.requires_grad
            given[place] = inner = _input(x, f, place)
            inputs.append(inner)
        self.nested = nested
        self.tensors = tensors
        self.inputs = inputs
        token = set_mode(current if current.complete else INSIDE)
        try:
            result = f(*given, **kwargs)
            self.result = result = stacked(result) if type(result) is np.ndarray else result
        except ValueError as error:
            # NumPy says "setting an array element with a sequence" over what a tensor says
            if isinstance(error.__cause__, TypeError) and str(error.__cause__) == ASSIGNED:
                raise error.__cause__ from error
            raise
        finally:
            reset_mode(token)
        if type(result) is not Tensor and not isinstance(result, _RESULTS):
            raise TypeError(
                f"{_name(f)} returned {type(result).__name__} {result!r:.60}; "
                "it must return one tensor, array or number"
            )
        self.reach = None
        if type(result) is Tensor and result.node is not None:
            # The first walk takes this one along. A result that also depends on tensors of the world outside, which
            # want gradients, passes them on through its value and through its gradients.
            self.reach = reach = collect(result.node, [x.node for x in inputs])  # type: ignore[misc]
            if reach.joined and current is not OFF:
                self.nested = True

    def value(self) -> Any:
        """Return the result as the caller gets it: a tensor only where tensors were given."""
        result = self.result
        if type(result) is not Tensor or self.nested:
            return result
        if self.tensors:
            return result.detach()
        data = result.array
        return data if not data.ndim and type(data) is not np.ndarray else _number(np.array(data))

    def pull(self, cotangent: Any, retain: bool = False) -> tuple[Any, ...]:
        """Return the cotangents of the inputs; ``cotangent`` None is 1."""
        result, inputs = self.result, self.inputs
        node = result.node if type(result) is Tensor else None
        if node is None or node.store is NO_GRADIENT:
            return tuple([self._outward(None, x) for x in inputs])
        lifted = self.nested or mode().transforming or (type(cotangent) is Tensor and cotangent.requires_grad)
        nodes: list[Any] = []
        for x in inputs:  # a comprehension would take longer over the few that there mostly are
            nodes.append(x.node)
        reach, self.reach = self.reach, None
        given = start(result, cotangent, lifted)
        found = walk_back(node, given, nodes, retain or lifted, wrap if lifted else None, reach)
        plain = not (self.tensors or lifted)
        gradients: list[Any] = []
        for x in inputs:
            c = found[x.node]  # type: ignore[index]
            gradients.append(c if plain and type(c) is np.ndarray and c.ndim else self._outward(c, x))
        return tuple(gradients)

    def give_up_inputs(self) -> None:
        """Let others have the memory of large inputs; the run is over."""
        arrays = SHORTCUTS.large(x.array for x in self.inputs)
        self.inputs = []
        SHORTCUTS.keep(arrays)

    def _outward(self, c: Any, x: Tensor) -> Any:
        if c is None:
            c = np.zeros(x.shape, x.dtype)
        elif type(c) is Tensor:
            return c
        return wrap(c, None) if self.tensors or self.nested else _number(c)


_RESULTS = (Tensor, np.ndarray, np.generic, float, int)


def _number(c: Any) -> Any:
    return c if c.ndim else c[()]


def _places(f: Callable[..., Any], argnums: Argnums, args: tuple[Any, ...]) -> tuple[int, ...]:
    count = len(args)
    places = argnums if isinstance(argnums, tuple) else (argnums,)
    for place in places:
        if not isinstance(place, int) or isinstance(place, bool):
            raise TypeError(f"argnums={argnums!r}: give the number of an argument, or a tuple of numbers")
        if not -count <= place < count:
            raise TypeError(f"argnums={argnums!r}: {_name(f)} was called with {count} positional arguments")
    positive = tuple([place % count for place in places])
    if len(set(positive)) < len(positive):
        raise ValueError(f"argnums={argnums!r} names an argument of {_name(f)} twice")
    return positive


def _input(x: Any, f: Callable[..., Any], place: int) -> Tensor:
    """Return an input of its own: a leaf, or, of a tensor inside a graph, an alias that is joined to it."""
    if type(x) is Tensor:
        if x.requires_grad:
            return x.copy()
        x = x.array
    if type(x) is np.ndarray:
        array = np.array(x) if x.nbytes < SHORTCUTS.worth_keeping else SHORTCUTS.copied(x)
    else:
        array = _as_array(x)
    kind = array.dtype.kind
    if kind != "f":
        if kind not in "biuO" or (kind == "O" and not _numbers(array)):
            raise TypeError(
                f"{_name(f)}: argument {place} is {type(x).__name__} {x!r:.60}; it must be a number, an array or a "
                "tensor (argnums chooses the arguments to differentiate by)"
            )
        array = array.astype(np.float64)
    array.setflags(write=False)
    return wrap(array, Node(array.shape, array.dtype))


def _numbers(array: Any) -> bool:
    """Whether an array of objects holds Python's numbers, such as whole ones too large for int64."""
    return bool(array.size) and all(type(each) in (int, float) for each in array.flat)


def _as_array(x: Any) -> Any:
    try:
        return np.array(x)
    except ValueError:  # ragged
        return np.array(None)


def _plain(x: Any) -> Any:
    return x.array if type(x) is Tensor else x


def _name(f: Callable[..., Any]) -> str:
    return getattr(f, "__name__", None) or repr(f)


def _stacked(rows: list[Any], shape: tuple[int, ...], x: Tensor) -> Any:
    if not rows:
        return np.zeros((*shape, *x.shape), x.dtype)
    if any(isinstance(row, Tensor) for row in rows):
        return TABLE["stack"](rows).reshape((*shape, *x.shape))
    return np.array(rows).reshape((*shape, *x.shape))
