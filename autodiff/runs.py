"""One run of a function on inputs of its own, and the walks back from its result: what every transform is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from inspect import signature
from typing import Any

import numpy as np

from .declare.objects import stacked
from .declare.shortcuts import SHORTCUTS
from .numpy_face.numpy_errors import in_our_words
from .numpy_face.twins import learned, prepared
from .record.modes import INSIDE, OFF, mode, reset_mode, set_mode
from .record.node import NO_GRADIENT, Node
from .record.overwritten import OVERWRITTEN, refuse_stale
from .tensor import Tensor, start, wrap
from .trees import is_container, leaves, with_leaves
from .walk.walk import collect, walk_back

Argnums = int | str | tuple[int | str, ...] | list[int | str]


class Run:
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
            apart = type(x) is not Tensor and type(x) is not np.ndarray and is_container(x)
            each = [leaf for _, leaf in leaves(x)] if apart else (x,)
            for leaf in each:
                if type(leaf) is Tensor:
                    tensors = True
                    nested = nested or leaf.requires_grad
                inputs.append(_input(leaf, f, place))
            given[place] = with_leaves(x, iter(inputs[-len(each) :]), lambda other: other) if apart else inputs[-1]
            containers = containers or apart
        self.arguments = [args[place] for place in places] if containers else None
        self.nested = nested
        self.tensors = tensors
        self.inputs = inputs
        token = set_mode(current if current.complete else INSIDE)
        try:
            result = called(f, given, kwargs)
            self.result = result = stacked(result) if type(result) is np.ndarray else result
        finally:
            reset_mode(token)
        if OVERWRITTEN:
            refuse_stale((result,))
        if type(result) is not Tensor and not isinstance(result, _RESULTS):
            raise TypeError(
                f"{name_of(f)} returned {type(result).__name__} {result!r:.60}; "
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


def called(f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Return ``f(*args, **kwargs)``, or what its twin returns; errors of NumPy's and SciPy's in words of ours."""
    while True:
        try:
            return prepared(f)(*args, **kwargs)
        except (ValueError, TypeError, AttributeError, RuntimeError) as error:
            said = in_our_words(error)
            if not learned(f, said or error):
                if said is None:
                    raise
                raise said from error


_RESULTS = (Tensor, np.ndarray, np.generic, float, int)


def _number(c: Any) -> Any:
    return c if c.ndim else c[()]


def places_of(f: Callable[..., Any], argnums: Argnums, args: tuple[Any, ...]) -> tuple[int, ...]:
    count = len(args)
    places = []
    for place in argnums if isinstance(argnums, tuple | list) else (argnums,):
        if isinstance(place, str):
            names = list(signature(f).parameters)
            if place not in names[:count]:
                raise TypeError(f"argnums={argnums!r}: {name_of(f)} has the arguments {', '.join(names)}")
            place = names.index(place)
        if not isinstance(place, int) or isinstance(place, bool):
            raise TypeError(f"argnums={argnums!r}: give the number or the name of an argument, or several of them")
        if not -count <= place < count:
            raise TypeError(f"argnums={argnums!r}: {name_of(f)} was called with {count} positional arguments")
        places.append(place % count)
    if len(set(places)) < len(places):
        raise ValueError(f"argnums={argnums!r} names an argument of {name_of(f)} twice")
    return tuple(places)


def has_names(argnums: Argnums) -> bool:
    """Whether an argument is given by its name."""
    return any(isinstance(place, str) for place in (argnums if isinstance(argnums, tuple | list) else (argnums,)))


def positional(f: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a call by place, as far as they have one."""
    bound = signature(f).bind(*args, **kwargs)
    return bound.args, bound.kwargs


def without_aux(f: Callable[..., Any], aux: list[Any]) -> Callable[..., Any]:
    """``f`` with the first of its two results alone; the other one is put into ``aux``."""

    @wraps(f)
    def first(*args: Any, **kwargs: Any) -> Any:
        result = called(f, args, kwargs)
        if not isinstance(result, tuple) or len(result) != 2:
            raise TypeError(
                f"{name_of(f)} returned {type(result).__name__}; with has_aux it returns a pair (number, aux)"
            )
        value, other = result
        aux.append(plain(other))
        return value

    return first


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
                f"{name_of(f)}: argument {place} is {type(x).__name__} {x!r:.60}; it must be a number, an array or a "
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


def plain(x: Any) -> Any:
    return x.array if type(x) is Tensor else x


def name_of(f: Callable[..., Any]) -> str:
    return getattr(f, "__name__", None) or repr(f)
