"""From functions to their derivatives: grad, value_and_grad, vjp, jvp, jacobian, hessian, hvp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from inspect import signature
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
from .trees import is_container, leaves, with_leaves
from .walk.walk import collect, walk_back

Argnums = int | str | tuple[int | str, ...] | list[int | str]


def value_and_grad(
    f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """Return the function that returns ``f(...)`` and its gradient with respect to argument(s) ``argnums``.

    ``argnums`` are places or names of arguments.  With ``has_aux`` ``f`` returns a pair, the number and something else
    that is handed through: the value is that pair.

    ``f`` returns one number.  Integers given for those arguments become float64.  An argument may be a container of
    arrays (a list, tuple, dict, named tuple or dataclass, nested): its gradient is one of the same kind.
    """

    places_among: dict[int, tuple[int, ...]] = {}  # so many arguments
    named = _has_names(argnums)
    several = isinstance(argnums, tuple | list)

    @wraps(f)
    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        if named:
            args, kwargs = _positional(f, args, kwargs)
        places = places_among.get(len(args))
        if places is None:
            places = places_among[len(args)] = _places(f, argnums, args)
        aux: list[Any] = []
        run = _Run(_without_aux(f, aux) if has_aux else f, places, args, kwargs)
        given = run.result
        if type(given) is Tensor:
            given = given.array
        if (given.size if type(given) in ARRAYS else np.size(given)) != 1:
            raise TypeError(
                f"grad: {_name(f)} returned shape {np.shape(given)}; a gradient is of one number: "
                "reduce the result with sum or mean, or use jacobian"
            )
        gradients = run.grouped(run.pull(None))
        value = run.value()
        for x in run.inputs:
            if x.array.nbytes >= SHORTCUTS.worth_keeping and not (run.nested or run.tensors):
                del x
                run.give_up_inputs()
                break
        return (value, aux[0]) if has_aux else value, gradients if several else gradients[0]

    return value_and_gradient


def grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return the function that returns the gradient of ``f`` with respect to argument(s) ``argnums``.

    With ``has_aux`` ``f`` returns a pair, the number and something else, and the gradient comes with the latter.

    >>> grad(lambda x, y: x * y * y, argnums="y")(2.0, 3.0).item()
    12.0
    """
    both = value_and_grad(f, argnums, has_aux)

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, found = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def elementwise_grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return the function that returns the derivative of each element of ``f(...)`` by the same element of its input.

    ``f`` computes element by element, as ``np.tanh`` does; its other derivatives are 0, and are not looked at.

    >>> elementwise_grad(np.square)(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    return grad(wraps(f)(lambda *args, **kwargs: TABLE["sum"](f(*args, **kwargs))), argnums)


def vjp(f: Callable[..., Any], *xs: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return ``f(*xs)`` and the function from a cotangent of its result to the cotangents of ``xs``."""
    run = _Run(f, tuple(range(len(xs))), xs, {})

    def pullback(g: Any) -> tuple[Any, ...]:
        return run.grouped(run.pull(g, retain=True))

    return run.value(), pullback


def jvp(f: Callable[..., Any], xs: Sequence[Any], vs: Sequence[Any]) -> tuple[Any, Any]:
    """Return ``f(*xs)`` and its derivative in the direction ``vs``: the vjp of the vjp, linear in its cotangent."""
    if len(xs) != len(vs):
        raise TypeError(f"jvp: {len(xs)} points but {len(vs)} directions; give one direction for each point")
    directions = [v for each in vs for _, v in leaves(each)]
    for place, (x, each) in enumerate(zip(xs, vs, strict=True)):
        shapes = [[np.shape(_plain(leaf)) for _, leaf in leaves(whole)] for whole in (x, each)]
        if shapes[0] != shapes[1]:
            words = " and ".join(", ".join(map(str, of)) for of in shapes)
            raise ValueError(f"jvp: point and direction {place} have shapes {words}; they must be equal")
    value, _ = vjp(f, *xs)

    def transposed(g: Any) -> Any:
        _, pullback = vjp(f, *xs)
        total: Any = 0.0
        for c, v in zip([c for each in pullback(g) for _, c in leaves(each)], directions, strict=True):
            total = total + (c * v).sum()
        return total

    return value, grad(transposed)(np.ones_like(_plain(value)))


def jacobian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return the function that returns the derivatives of all elements of ``f(...)``: shape result + input."""

    @wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        if _has_names(argnums):
            args, kwargs = _positional(f, args, kwargs)
        run = _Run(f, _places(f, argnums, args), args, kwargs)
        values = np.asarray(_plain(run.result))
        rows = []
        for position in np.ndindex(*values.shape):
            unit = np.zeros(values.shape, values.dtype)
            unit[position] = 1
            rows.append(run.pull(unit, retain=True))
        blocks = run.grouped([_stacked([row[k] for row in rows], values.shape, x) for k, x in enumerate(run.inputs)])
        return blocks if isinstance(argnums, tuple | list) else blocks[0]

    return matrix


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return the function that returns the second derivatives of ``f``, which returns one number.

    For a tuple of arguments it returns rows of blocks: ``blocks[i][j]`` belongs to ``argnums[i]`` and ``argnums[j]``.
    """
    if not isinstance(argnums, tuple | list):
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
    several = tuple(argnums) if isinstance(argnums, tuple | list) else (argnums,)

    @wraps(f)
    def product(*args: Any, **kwargs: Any) -> Any:
        *points, v = args
        vectors = v if isinstance(argnums, tuple | list) else (v,)
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

    __slots__ = ("arguments", "inputs", "nested", "reach", "result", "tensors")

    def __init__(
        self, f: Callable[..., Any], places: tuple[int, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        current = mode()
        # A transform inside another one records its walk back, so that the outer one can differentiate it.
        nested = current.transforming
        tensors = False
        inputs: list[Tensor] = []
        given = list(args)
        containers = False
        for place in places:
            x = args[place]
            if type(x) is Tensor:
                tensors = True
                nested = nested or x.requires_grad
            elif type(x) is not np.ndarray and is_container(x):
                containers = True
                made = [_input(leaf, f, place) for _, leaf in leaves(x)]
                given[place] = with_leaves(x, iter(made), lambda other: other)
                inputs += made
                within = [leaf for _, leaf in leaves(x) if type(leaf) is Tensor]
                tensors = tensors or bool(within)
                nested = nested or any(leaf.requires_grad for leaf in within)
                continue
            given[place] = inner = _input(x, f, place)
            inputs.append(inner)
        self.arguments = [args[place] for place in places] if containers else None
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

    def grouped(self, each: Sequence[Any]) -> tuple[Any, ...]:
        """What belongs to the inputs, one by one, as what belongs to the arguments: containers where they are."""
        if self.arguments is None:
            return tuple(each)
        given = iter(each)
        return tuple([with_leaves(x, given, lambda other: None) for x in self.arguments])

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


def _has_names(argnums: Argnums) -> bool:
    return any(isinstance(place, str) for place in (argnums if isinstance(argnums, tuple | list) else (argnums,)))


def _positional(f: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a call by place, as far as they have one."""
    bound = signature(f).bind(*args, **kwargs)
    return bound.args, bound.kwargs


def _without_aux(f: Callable[..., Any], aux: list[Any]) -> Callable[..., Any]:
    """``f`` with the first of its two results alone; the other one is put into ``aux``."""

    @wraps(f)
    def first(*args: Any, **kwargs: Any) -> Any:
        result = f(*args, **kwargs)
        if not isinstance(result, tuple) or len(result) != 2:
            raise TypeError(
                f"{_name(f)} returned {type(result).__name__}; with has_aux it returns a pair (number, aux)"
            )
        value, other = result
        aux.append(_plain(other))
        return value

    return first


def _places(f: Callable[..., Any], argnums: Argnums, args: tuple[Any, ...]) -> tuple[int, ...]:
    count = len(args)
    places = []
    for place in argnums if isinstance(argnums, tuple | list) else (argnums,):
        if isinstance(place, str):
            names = list(signature(f).parameters)
            if place not in names[:count]:
                raise TypeError(f"argnums={argnums!r}: {_name(f)} has the arguments {', '.join(names)}")
            place = names.index(place)
        if not isinstance(place, int) or isinstance(place, bool):
            raise TypeError(f"argnums={argnums!r}: give the number or the name of an argument, or several of them")
        if not -count <= place < count:
            raise TypeError(f"argnums={argnums!r}: {_name(f)} was called with {count} positional arguments")
        places.append(place % count)
    if len(set(places)) < len(places):
        raise ValueError(f"argnums={argnums!r} names an argument of {_name(f)} twice")
    return tuple(places)


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
