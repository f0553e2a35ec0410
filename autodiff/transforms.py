"""From functions to their derivatives: grad, value_and_grad, vjp, jvp, jacobian, hessian, hvp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from inspect import signature
from typing import Any

import numpy as np

from .broadcasting import ARRAYS
from .declare.op import TABLE
from .declare.shortcuts import SHORTCUTS
from .runs import Argnums, Run, name_of, places_of, plain
from .tensor import Tensor
from .trees import is_container, leaves


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
            places = places_among[len(args)] = places_of(f, argnums, args)
        aux: list[Any] = []
        run = Run(_without_aux(f, aux) if has_aux else f, places, args, kwargs)
        given = run.result
        if type(given) is Tensor:
            given = given.array
        if (given.size if type(given) in ARRAYS else np.size(given)) != 1:
            raise TypeError(
                f"grad: {name_of(f)} returned shape {np.shape(given)}; a gradient is of one number: "
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
    run = Run(f, tuple(range(len(xs))), xs, {})

    def pullback(g: Any) -> tuple[Any, ...]:
        return run.grouped(run.pull(g, retain=True))

    return run.value(), pullback


def jvp(f: Callable[..., Any], xs: Sequence[Any], vs: Sequence[Any]) -> tuple[Any, Any]:
    """Return ``f(*xs)`` and its derivative in the direction ``vs``: the vjp of the vjp, linear in its cotangent."""
    if len(xs) != len(vs):
        raise TypeError(f"jvp: {len(xs)} points but {len(vs)} directions; give one direction for each point")
    for place, (x, v) in enumerate(zip(xs, vs, strict=True)):
        if shapes_of(x) != shapes_of(v):
            words = f"{shapes_of(x)} and {shapes_of(v)}"
            raise ValueError(f"jvp: point and direction {place} have shapes {words}; they must be equal")
    value, _ = vjp(f, *xs)

    def transposed(g: Any) -> Any:
        _, pullback = vjp(f, *xs)
        return inner_product(pullback(g), vs)

    return value, grad(transposed)(np.ones_like(plain(value)))


def jacobian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return the function that returns the derivatives of all elements of ``f(...)``: shape result + input."""

    @wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        if _has_names(argnums):
            args, kwargs = _positional(f, args, kwargs)
        run = Run(f, places_of(f, argnums, args), args, kwargs)
        values = np.asarray(plain(run.result))
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

    For several arguments it returns rows of blocks: ``blocks[i][j]`` belongs to ``argnums[i]`` and ``argnums[j]``.
    The arguments are arrays; of a container it is the Hessian by the vector of :func:`autodiff.flatten`.
    """
    several = argnums if isinstance(argnums, tuple | list) else (argnums,)
    rows = [jacobian(grad(f, each), argnums) for each in several]

    @wraps(f)
    def blocks(*args: Any, **kwargs: Any) -> Any:
        if any(map(is_container, args)):
            raise TypeError(
                f"hessian: an argument of {name_of(f)} is a container; take the Hessian by its vector: "
                "v, unflatten = autodiff.flatten(p), hessian(lambda v: f(unflatten(v)))(v)"
            )
        found = tuple([row(*args, **kwargs) for row in rows])
        return found if isinstance(argnums, tuple | list) else found[0]

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
        for place, vector in zip(places_of(f, argnums, tuple(points)), vectors, strict=True):
            given, wanted = shapes_of(vector), shapes_of(points[place])
            if given != wanted:
                raise ValueError(f"hvp: the vector has shape {given}, argument {place} {wanted}; make them equal")

        def along(*inner: Any, **options: Any) -> Any:
            return inner_product(grad(f, several)(*inner, **options), vectors)

        return grad(along, argnums)(*points, **kwargs)

    return product


def inner_product(gradients: Sequence[Any], vectors: Sequence[Any]) -> Any:
    """The sum of the products of all elements, those of containers leaf by leaf."""
    pairs = zip(_leaves_of(gradients), _leaves_of(vectors), strict=True)
    return sum(((g * v).sum() for g, v in pairs), 0.0)


def _leaves_of(each: Sequence[Any]) -> list[Any]:
    return [leaf for whole in each for _, leaf in leaves(whole)]


def shapes_of(x: Any) -> str:
    """The shape of an array, or those of a container's leaves, in words."""
    return ", ".join(str(np.shape(plain(leaf))) for _, leaf in leaves(x))


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
                f"{name_of(f)} returned {type(result).__name__}; with has_aux it returns a pair (number, aux)"
            )
        value, other = result
        aux.append(plain(other))
        return value

    return first


def _stacked(rows: list[Any], shape: tuple[int, ...], x: Tensor) -> Any:
    if not rows:
        return np.zeros((*shape, *x.shape), x.dtype)
    if any(isinstance(row, Tensor) for row in rows):
        return TABLE["stack"](rows).reshape((*shape, *x.shape))
    return np.array(rows).reshape((*shape, *x.shape))
