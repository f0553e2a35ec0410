"""A JAX function called as JAX calls it: its value, and JAX's own gradient."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import vjp

from symdiff.arrays import Array
from symdiff.deadline import TimeLimit, look, stage
from symdiff.errors import FunctionError, InputError, said_by
from symdiff.frameworks.bridged import check_size
from symdiff.frameworks.jax.values import numpy_of
from symdiff.frameworks.results import raising
from symdiff.tracing.function_trace import Call, one_result
from symdiff.tracing.prints import printing

__all__ = ["CLOSE", "Run", "array_of", "called", "checked", "differentiable", "value_of"]


CLOSE = {"float32": 1e-3, "float64": 1e-6}
"""Two calls that differ by more than this part of their values are not calls of one function."""


@dataclass(eq=False)
class Run:
    """One call: ``inputs`` are JAX's arrays by name."""

    call: Call
    inputs: dict[str, Any]
    value: Any

    @property
    def leaves(self) -> dict[str, Any]:
        """What it can be differentiated by, by name."""
        return {name: each for name, each in self.inputs.items() if differentiable(each)}

    def gradients(self, wrt: tuple[str, ...]) -> dict[str, Array]:
        """What ``jax.vjp`` returns, of each input's shape with the result's in front.

        Raises:
            InputError: the Jacobian is too large.
            FunctionError: the backward pass raised.
        """
        shape = tuple(self.value.shape)
        check_size(self.call.text, shape, sum(self.inputs[name].size for name in wrt))
        leaves = {name: self.inputs[name] for name in wrt}

        def function(given: Mapping[str, Any]) -> Any:
            return self.call({**self.inputs, **given})

        try:
            with stage("JAX's gradient"), printing(None), _quiet():
                value, back = vjp(function, leaves)
                self._check_value(value)
                rows = []
                for place in range(value.size):
                    look()
                    one = np.zeros(value.size, value.dtype)
                    one[place] = 1
                    rows.append(back(jnp.asarray(one.reshape(shape)))[0])
        except (KeyboardInterrupt, TimeLimit, InputError):
            raise
        except BaseException as error:  # a backward pass of the user's own raises what it likes
            raise FunctionError(
                f"the backward pass of {self.call.text} raises {type(error).__name__}: {said_by(error)}"
            ) from error
        return {
            name: np.array([numpy_of(row[name]) for row in rows], dtype=numpy_of(leaf).dtype).reshape(
                shape + tuple(leaf.shape)
            )
            for name, leaf in leaves.items()
        }

    def _check_value(self, value: Any) -> None:
        """FunctionError where the value is another one while it is differentiated: a ``fwd`` that returns another."""
        first, second = numpy_of(self.value), numpy_of(value)
        same = first.shape == second.shape and np.allclose(
            first, second, CLOSE[str(first.dtype)], 1e-12, equal_nan=True
        )
        if not same:
            raise FunctionError(
                f"{self.call.text} has another value while JAX differentiates it: {_short(second)}, and otherwise "
                f"{_short(first)}; the forward pass of a custom_vjp, or the primal of a custom_jvp, returns another one"
            )


def _short(array: Array) -> str:
    return np.array2string(array, precision=6, threshold=6, separator=", ").replace("\n", "")


def differentiable(value: Any) -> bool:
    """Whether JAX differentiates by an array."""
    return bool(jnp.issubdtype(value.dtype, jnp.floating))


def _quiet() -> Any:
    return warnings.catch_warnings(action="ignore", category=UserWarning)


def called(call: Call, target: Any, arrays: Mapping[str, Array], prints: Any) -> Run:
    """Call a function once, eagerly.

    Raises:
        InputError: what it returns is not one array of floating numbers.
        FunctionError: it raised.
    """
    inputs = {name: array_of(array) for name, array in arrays.items()}
    return Run(call, inputs, value_of(call, target, inputs, prints))


def value_of(call: Call, target: Any, inputs: Mapping[str, Any], prints: Any) -> Any:
    """What the function returns.

    Raises:
        InputError: it is not one array of floating numbers.
        FunctionError: it raised.
    """
    with stage(f"the function {call.text}"), printing(prints) as borrowed, _quiet():
        borrowed.take(getattr(inspect.unwrap(target), "__globals__", {}))
        with raising(call, inputs):
            return checked(call, call(inputs))


def checked(call: Call, returned: Any) -> Any:
    """The result, which must be one array of floating numbers."""
    if isinstance(returned, jax.Array):
        if not jnp.issubdtype(returned.dtype, jnp.floating):
            if jnp.issubdtype(returned.dtype, jnp.complexfloating):
                raise InputError(f"{call.text} returns complex numbers ({returned.dtype}); take .real or abs of them")
            raise InputError(
                f"{call.text} returns an array of {returned.dtype}, which has no derivative; return floating numbers"
            )
        if returned.dtype.itemsize < 4:
            raise InputError(f"{call.text} returns {returned.dtype}; compute in float32 or float64")
        return returned
    one_result(call, returned, f"give one of them, such as lambda x: {call.text.partition('(')[0]}(x)[0]")
    if isinstance(returned, float | np.floating | np.ndarray):
        return jnp.asarray(returned)
    kind = type(returned).__name__
    raise InputError(f"{call.text} returns {kind}, not an array of JAX's")


def array_of(array: Array) -> Any:
    """JAX's array with an array's numbers; without ``jax_enable_x64`` JAX has no float64, and narrows it."""
    return jnp.asarray(np.array(array))
