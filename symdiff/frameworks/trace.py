"""The door for frameworks: what ``explain`` and ``check_gradients`` call in the place of ``tracing.trace``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from importlib import import_module
from inspect import Signature
from operator import add
from typing import Any, NamedTuple

import numpy as np

from symdiff.arrays import Array
from symdiff.errors import InputError
from symdiff.frameworks.arguments import changed, kept_beside_arrays, opened, opening, signature_seen
from symdiff.frameworks.bridged import Bridged, Framework
from symdiff.frameworks.recognising import callable_name, framework_of, framework_of_value, imported
from symdiff.frameworks.single import Single
from symdiff.tracing.building import Traced
from symdiff.tracing.trace import trace as trace_plain

__all__ = [
    "Arrived",
    "Bridge",
    "arrived",
    "judged_by", "judged_in",
    "own_gradients",
    "own_gradients_of",
    "singles",
    "trace",
    "written",
]


_MODULES = {
    "autograd": "symdiff.frameworks.hips.framework",
    "jax": "symdiff.frameworks.jax.framework",
    "torch": "symdiff.frameworks.pytorch.framework",
}

COTANGENT = "g"
"""How a result's cotangent is called on pages."""


@dataclass(frozen=True, eq=False)
class Bridge:
    """A framework's function. ``exact``: its arrays were given, so that their dtypes are meant."""

    target: Callable[..., Any]
    framework: Framework
    exact: bool

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """What the function gives of NumPy's arrays, as NumPy's arrays."""
        given = [changed(opened(arg), self.framework.from_numpy) for arg in args]
        named = {name: changed(opened(value), self.framework.from_numpy) for name, value in kwargs.items()}
        return changed(self.target(*given, **named), self.framework.to_numpy)

    @property
    def __name__(self) -> str:
        return callable_name(self.target)

    @property
    def __signature__(self) -> Signature:
        return signature_seen(self.target, self.framework.parameters(self.target, 1))

    def scalar(self, weigh: Callable[[Any], list[Array]]) -> Bridge:
        """The sum of the function's results, each times what ``weigh`` gives for all of them.

        ``weigh`` is asked with arrays of the results' shapes and dtypes, in their containers.
        """

        weighing: dict[str, Array] = {}

        def scalar(*args: Any, **kwargs: Any) -> Any:
            results: list[Any] = []

            def blank(value: Any) -> Any:
                if not self.framework.is_array(value):
                    return value
                results.append(value)
                return np.zeros(tuple(value.shape), str(value.dtype).removeprefix("torch."))

            weights = weigh(changed(self.target(*args, **kwargs), blank))
            floats = [each for each in results if "float" in str(each.dtype)]
            names = [COTANGENT] if len(weights) == 1 else [f"{COTANGENT}_{k + 1}" for k in range(len(weights))]
            weighing.update(zip(names, weights, strict=True))
            terms = [
                (each * self.framework.from_numpy(weight)).sum() for each, weight in zip(floats, weights, strict=True)
            ]
            return reduce(add, terms) if terms else 0.0

        scalar.constants = weighing  # type: ignore[attr-defined]
        return self._beside(scalar)

    def slope(self, name: str) -> Bridge:
        """The framework's gradient by one parameter, as a function of the same arguments."""
        names = list(self.__signature__.parameters)
        if name not in names:
            raise InputError(f"second derivatives are checked by arguments, and {name} is none of {', '.join(names)}")
        return self._beside(self.framework.slope(self.target, names.index(name), name))

    def _beside(self, function: Any) -> Bridge:
        function.__name__ = self.__name__
        function.__signature__ = self.__signature__
        function.__wrapped__ = self.target
        return Bridge(function, self.framework, self.exact)


class Arrived(NamedTuple):
    """What was given, with every array of a framework's as NumPy's; functions of a framework's are bridges."""

    target: Any
    args: tuple[object, ...]
    at: Mapping[str, object]
    gradient: Any = None
    reference: Any = None


def arrived(
    target: Any,
    args: Sequence[object],
    at: Mapping[str, object] | None = None,
    gradient: object = None,
    reference: Any = None,
) -> Arrived:
    """What ``explain`` or ``check_gradients`` was given, ready to be traced: NumPy's arrays and bridges."""
    if isinstance(target, Bridge | Traced) or not imported():
        return Arrived(target, tuple(args), at or {}, gradient, reference)
    values = (*args, *(at or {}).values())
    name = framework_of(target, iter(values))
    of_values = next((found for each in values if (found := framework_of_value(each))), None)
    if name is None and of_values is None:
        return Arrived(target, tuple(args), at or {}, _judged(gradient, None), reference)
    framework = _framework(name or of_values or "")
    exact = of_values is not None
    keep = kept_beside_arrays if exact and name is not None else lambda value: value
    given = tuple(keep(changed(each, framework.to_numpy)) for each in args)
    named = {key: keep(changed(each, framework.to_numpy)) for key, each in (at or {}).items()}
    bridged = target if name is None else Bridge(target, framework, exact)
    if reference is not None and not isinstance(reference, str):
        of_reference = framework_of(reference, iter(values))
        plain = of_reference is None
        reference = opening(reference) if plain else Bridge(reference, _framework(of_reference or ""), exact)
    return Arrived(bridged, given, named, _judged(gradient, framework), reference)


def _judged(gradient: Any, framework: Framework | None) -> Any:
    """A gradient as NumPy's arrays, or a function of NumPy's arrays that returns them."""
    if isinstance(gradient, Bridge) or gradient is None:
        return gradient
    if not callable(gradient):
        name = framework_of_value(gradient)
        return gradient if name is None else changed(gradient, _framework(name).to_numpy)
    name = framework_of(gradient, iter(()))
    if name is not None:
        framework = _framework(name)
    return gradient if framework is None else Bridge(gradient, framework, True)


def _framework(name: str) -> Framework:
    found: Framework = import_module(_MODULES[name]).FRAMEWORK
    return found


def trace(
    target: Any,
    args: Sequence[object] = (),
    at: Mapping[str, object] | None = None,
    wrt: Sequence[str] | None = None,
) -> Traced:
    """``tracing.trace``, for bridges too.

    Raises:
        InputError: the text, the function's arguments or its result, or a value cannot be used.
    """
    if isinstance(target, Traced):
        return target
    if isinstance(target, Bridge):
        return target.framework.trace(target, args, at or {}, wrt)
    return trace_plain(target, args, at, wrt)


def own_gradients(traced: Traced) -> Mapping[str, Array] | None:
    """The framework's own gradient of what was traced; None where our own engine's is meant."""
    return traced.own() if isinstance(traced, Bridged) else None


def judged_by(target: Any) -> str | None:
    """The name of the framework whose gradient is judged where none is given."""
    return target.framework.name if isinstance(target, Bridge) else None


def judged_in(traced: Traced) -> str | None:
    """The name of the framework whose gradient a trace holds; None where our own engine's is meant."""
    return traced.framework if isinstance(traced, Bridged) else None


def written(value: Any, largest: int) -> str | None:
    """A framework's array as one writes it; None where it is none, and for what is larger."""
    name = framework_of_value(value) if imported() and not isinstance(value, list | tuple | dict) else None
    if name is None or not hasattr(value, "dtype"):
        return None
    array = _framework(name).to_numpy(value)
    if array.size > largest:
        return f"{name}_array_of_shape_{'x'.join(map(str, array.shape))}"
    text = repr(array.tolist())
    return (
        f"torch.tensor({text}, dtype={value.dtype})" if name == "torch" else f"jax.numpy.array({text}, '{array.dtype}')"
    )


def own_gradients_of(
    target: Any,
    args: Sequence[object] = (),
    at: Mapping[str, object] | None = None,
    wrt: Sequence[str] | None = None,
) -> Mapping[str, Array] | None:
    """The same of a function that need not be traceable."""
    return target.framework.gradients(target, args, at or {}, wrt) if isinstance(target, Bridge) else None


def singles(
    target: Any, args: Sequence[object], at: Mapping[str, object], users_alone: bool
) -> list[tuple[Single, Bridge, Bridge]]:
    """The calls that a framework's function makes, with functions of NumPy's arrays for the call and for its backward.

    With ``users_alone`` only those whose backward pass is the user's own; none of a function that is no framework's.
    """
    if not isinstance(target, Bridge):
        return []
    framework = target.framework
    found = framework.singles(target, args, at, users_alone)
    return [(each, Bridge(each.target, framework, True), Bridge(each.pull, framework, True)) for each in found]
