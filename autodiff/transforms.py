"""From functions to their derivatives: grad, value_and_grad, vjp, jvp, jacobian, hessian, hvp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from .broadcasting import ARRAYS
from .declare.op import TABLE
from .declare.shortcuts import SHORTCUTS
from .runs import Argnums, Run, called, has_names, name_of, places_of, plain, positional, without_aux
from .tensor import Tensor
from .trees import is_container, leaves


def value_and_grad(
    f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """Return the function that returns ``f(...)`` and its gradient with respect to argument(s) ``argnums``.

    Args:
        f: A function of arrays and numbers that returns one number (any shape of size 1).
        argnums: The place or the name of the argument to differentiate by, or several of them.
        has_aux: ``f`` returns a pair, the number and something else that is handed through: the value is that pair.

    Returns:
        ``(value, gradient)`` with the gradient in the argument's shape; for several ``argnums`` a tuple of gradients.
        An argument that is a container of arrays (a list, tuple, dict, named tuple or dataclass, nested) has a gradient
        of the same kind. Integers given for these arguments become float64.

    Raises:
        TypeError: ``f`` returned something else than one number, or an argument is no number, array or container.

    >>> f = ad.value_and_grad(lambda w, x: np.mean((x @ w) ** 2))
    >>> f(np.array([1.0, 2.0]), np.eye(2))
    (np.float64(2.5), array([1., 2.]))
    """

    places_among: dict[int, tuple[int, ...]] = {}  # so many arguments
    named = has_names(argnums)
    several = isinstance(argnums, tuple | list)

    @wraps(f)
    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        if named:
            args, kwargs = positional(f, args, kwargs)
        places = places_among.get(len(args))
        if places is None:
            places = places_among[len(args)] = places_of(f, argnums, args)
        aux: list[Any] = []
        run = Run(without_aux(f, aux) if has_aux else f, places, args, kwargs)
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

    Args:
        f: A function of arrays and numbers that returns one number (any shape of size 1).
        argnums: The place or the name of the argument to differentiate by, or several of them.
        has_aux: ``f`` returns a pair, the number and something else, and the gradient comes with the latter.

    Returns:
        The gradient in the argument's shape; see :func:`value_and_grad`.

    Raises:
        TypeError: ``f`` returned something else than one number; :func:`jacobian` is for arrays.

    >>> ad.grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    array([2., 4.])
    >>> ad.grad(lambda x, y: x * y * y, argnums="y")(2.0, 3.0).item()
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

    Args:
        f: A function that computes element by element, as ``np.tanh`` does: its other derivatives are 0, and are not
            looked at.
        argnums: The place or the name of the argument to differentiate by, or several of them.

    Returns:
        The derivatives in the argument's shape.

    Raises:
        TypeError: ``f`` returned something else than one array or number.

    >>> ad.elementwise_grad(np.square)(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    return grad(wraps(f)(lambda *args, **kwargs: TABLE["sum"](called(f, args, kwargs))), argnums)


def vjp(f: Callable[..., Any], *xs: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return ``f(*xs)`` and the function from a cotangent of its result to the cotangents of ``xs``.

    Args:
        f: A function of arrays, numbers and containers of them that returns one array or number.
        xs: All of its arguments.

    Returns:
        The value, and a function that takes a cotangent in the value's shape and returns a tuple with one cotangent in
        the shape of each of ``xs``. It can be called several times.

    Raises:
        RuntimeError: The cotangent has another shape than the value.

    >>> value, pullback = ad.vjp(lambda x: x * x, np.array([1.0, 2.0]))
    >>> pullback(np.array([1.0, 10.0]))
    (array([ 2., 40.]),)
    """
    run = Run(f, tuple(range(len(xs))), xs, {})

    def pullback(g: Any) -> tuple[Any, ...]:
        return run.grouped(run.pull(g, retain=True))

    return run.value(), pullback


def jvp(f: Callable[..., Any], xs: Sequence[Any], vs: Sequence[Any]) -> tuple[Any, Any]:
    """Return ``f(*xs)`` and its derivative in the direction ``vs``: the vjp of the vjp, linear in its cotangent.

    Args:
        f: A function of arrays, numbers and containers of them that returns one array or number.
        xs: The point: one entry for each argument.
        vs: The direction: one entry of the same shape for each argument.

    Returns:
        The value, and the derivative in its shape.

    Raises:
        TypeError: There are more points than directions, or fewer.
        ValueError: A direction has another shape than its point.

    >>> ad.jvp(np.square, [np.array([1.0, 2.0])], [np.array([1.0, 0.5])])
    (array([1., 4.]), array([2., 2.]))
    """
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
    """Return the function that returns the derivatives of all elements of ``f(...)``: shape result + input.

    Args:
        f: A function of arrays and numbers that returns one array or number.
        argnums: The place or the name of the argument to differentiate by, or several of them.

    Returns:
        An array of shape ``(*result.shape, *argument.shape)``; for several ``argnums`` a tuple of such arrays. It takes
        one walk back for each element of the result.

    Raises:
        TypeError: ``f`` returned something else than one array or number.

    >>> ad.jacobian(lambda x: x * np.sum(x))(np.array([1.0, 2.0]))
    array([[4., 1.],
           [2., 5.]])
    """

    @wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        if has_names(argnums):
            args, kwargs = positional(f, args, kwargs)
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

    Args:
        f: A function of arrays and numbers that returns one number.
        argnums: The place or the name of the argument to differentiate by, or several of them.

    Returns:
        An array of shape ``(*argument.shape, *argument.shape)``. For several arguments rows of blocks:
        ``blocks[i][j]`` belongs to ``argnums[i]`` and ``argnums[j]``.

    Raises:
        TypeError: ``f`` returned something else than one number, or an argument is a container: its Hessian is the one
            by the vector of :func:`autodiff.flatten`.

    >>> ad.hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
    array([[6., 2.],
           [2., 0.]])
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

    Args:
        f: A function of arrays, numbers and containers of them that returns one number.
        argnums: The place or the name of the argument to differentiate by, or several of them.

    Returns:
        The product in the shape of the argument, which ``v`` has as well. For several ``argnums`` ``v`` is a tuple of
        vectors, and so is the product. It takes as long as a few gradients.

    Raises:
        TypeError: There are more vectors than arguments, or fewer.
        ValueError: ``v`` has another shape than the argument.

    >>> ad.hvp(lambda x: np.sum(x**3))(np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
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


def _stacked(rows: list[Any], shape: tuple[int, ...], x: Tensor) -> Any:
    if not rows:
        return np.zeros((*shape, *x.shape), x.dtype)
    if any(isinstance(row, Tensor) for row in rows):
        return TABLE["stack"](rows).reshape((*shape, *x.shape))
    return np.array(rows).reshape((*shape, *x.shape))
