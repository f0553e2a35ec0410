"""JAX: what the door asks of a framework."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from inspect import Parameter
from itertools import count
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax._src import core
from jax.errors import JAXTypeError
from jax.experimental.xla_metadata import set_xla_metadata

from autodiff.record.modes import recording
from autodiff.tensor import Tensor, leaf
from symdiff.arrays import Array
from symdiff.deadline import TimeLimit, stage
from symdiff.errors import FunctionError, InputError, said_by
from symdiff.frameworks.arguments import first_that_runs, parameters_seen, plain_call
from symdiff.frameworks.bridged import Bridged
from symdiff.frameworks.jax.calling import CLOSE, Run, array_of, called
from symdiff.frameworks.jax.calls import single_of
from symdiff.frameworks.jax.recorder import Recorded, Recorder, TracerNames
from symdiff.frameworks.jax.values import is_plain, numpy_of
from symdiff.frameworks.recognising import callable_name
from symdiff.frameworks.results import with_value
from symdiff.frameworks.single import Single
from symdiff.tracing.author_names import watched
from symdiff.tracing.building import as_input, build, chosen, node_of
from symdiff.tracing.function_trace import at_of, bound, labelled, of_containers
from symdiff.tracing.notes import notes_on
from symdiff.tracing.prints import printing


class Jax:
    """Functions of JAX's arrays, under ``jit`` or with a derivative rule of their own."""

    name = "JAX"

    def is_array(self, value: Any) -> bool:
        """Whether a value is one of its arrays."""
        return isinstance(value, jax.Array)

    def to_numpy(self, value: Any) -> Any:
        """An array's numbers as NumPy's array; what is none, and a typed random key, stays."""
        if not isinstance(value, jax.Array) or not is_plain(value):
            return value
        if isinstance(value, core.Tracer):
            raise InputError(
                "a traced array of JAX's is given, inside of jit, grad or vmap; check the function from outside of them"
            )
        is_narrow = value.dtype.itemsize < 4 and value.dtype.kind not in "biu"
        if is_narrow or jnp.issubdtype(value.dtype, jnp.complexfloating):
            raise InputError(f"an array of {value.dtype} is given; give float64 or float32, such as x.astype(float)")
        return np.array(value)

    def from_numpy(self, array: Any) -> Any:
        """NumPy's array as JAX's; what is no array stays."""
        return array_of(np.asarray(array)) if isinstance(array, np.ndarray | np.generic) else array

    def gradients(
        self, bridge: Any, args: Sequence[object], at: Mapping[str, object], wrt: Sequence[str] | None
    ) -> dict[str, Array]:
        """JAX's gradient alone."""
        run = self.run(bridge, args, at)
        arrays = {name: numpy_of(each) for name, each in run.leaves.items()}
        return run.gradients(chosen(of_containers(wrt, run.call, arrays), arrays, set()))

    def trace(
        self, bridge: Any, args: Sequence[object], at: Mapping[str, object], wrt: Sequence[str] | None
    ) -> Bridged:
        """The primitives of one call, as ours.

        Raises:
            InputError: an argument or the result cannot be used, or the function draws other numbers every time.
            FunctionError: the function raised.
        """
        return _traced(self.run(bridge, args, at), bridge.target, wrt)

    def parameters(self, target: Any, count: int) -> list[Parameter]:
        """Those of the function inside of what JAX has wrapped."""
        return parameters_seen(target, count)

    def slope(self, target: Any, place: int, name: str) -> Any:
        """By ``jax.grad``."""

        def slope(*args: Any, **kwargs: Any) -> Any:
            if name in kwargs:
                return jax.grad(lambda x: target(*args, **{**kwargs, name: x}))(kwargs[name])
            return jax.grad(target, argnums=place)(*args, **kwargs)

        return slope

    def singles(self, bridge: Any, args: Sequence[object], at: Mapping[str, object], users_alone: bool) -> list[Single]:
        """The calls of functions with a rule of their own, or all primitives as well, the first one first."""
        run = self.run(bridge, args, at)
        arrays = {name: numpy_of(each) for name, each in run.inputs.items()}
        tensors = {
            name: as_input(each, each.dtype.kind != "f", each.dtype.kind == "f") for name, each in arrays.items()
        }
        with recording(), np.errstate(all="ignore"):
            recorder, _ = recorded(run, tensors, remembers=not users_alone)
        return [single_of(each) for each in recorder.calls if each.is_users or not users_alone]

    def run(self, bridge: Any, args: Sequence[object], at: Mapping[str, object]) -> Run:
        """One call, in the dtypes in which the function runs."""
        target = bridge.target
        parameters = self.parameters(target, len(args) + len(at))
        stand_in = plain_call(target, callable_name(target), parameters, self.from_numpy)
        if not args and at:
            args, at = at_of(stand_in, at)
        call, arrays = bound(stand_in, args, at)
        narrow = not jax.config.jax_enable_x64
        run: Run = first_that_runs(
            arrays, bridge.exact, lambda given: called(call, target, given, sys.stderr), narrow=narrow
        )
        return run


FRAMEWORK = Jax()
_RUNS = count()
"""JAX keeps what it has traced, for each number of these by itself."""


def _traced(run: Run, target: Any, wrt: Sequence[str] | None) -> Bridged:
    call = run.call
    arrays = {name: numpy_of(each) for name, each in run.inputs.items()}
    static = {name for name, array in arrays.items() if array.dtype.kind != "f"}
    if static == set(arrays):
        raise InputError(
            f"{call.text}: no input holds floating numbers; give arrays of floats, such as x.astype(float)"
        )
    names = chosen(of_containers(wrt, call, arrays), arrays, static)
    tensors = {name: as_input(array, name in static, name in names) for name, array in arrays.items()}
    with recording() as record, np.errstate(all="ignore"):
        recorder, result = recorded(run, tensors)
    seen = recorder.names
    seen.settled()
    taken = {name: node_of(tensor) for name, tensor in tensors.items()}
    graph = build(result, tensors, names, record, names=seen.unambiguous(taken), constants={}, text=call.text)
    told = notes_on(labelled(graph, seen))
    return Bridged(told, result, tensors, FRAMEWORK.name, lambda: run.gradients(names), refusal)


def refusal(shape: tuple[int, ...]) -> str:
    """What ``jax.grad`` says of an array."""
    try:
        jax.grad(lambda x: x)(jnp.zeros(shape))
    except TypeError as error:
        return f"TypeError: {said_by(error)}"
    return ""


def recorded(run: Run, tensors: Mapping[str, Tensor], remembers: bool = False) -> tuple[Recorder, Tensor]:
    """The primitives of one call on our tensors.

    Raises:
        InputError: two calls give two values.
        FunctionError: it raises where JAX differentiates it, although it does not otherwise.
    """
    text, value = run.call.text, numpy_of(run.value)
    names = TracerNames()
    recorder = Recorder(names, remembers)
    inputs = {name: recorder.recorded(each, tensors[name]) for name, each in run.inputs.items()}
    returned = _followed(run, recorder, inputs)
    if not isinstance(returned, Recorded):
        _check_repeatable(text, value, numpy_of(returned))
        return recorder, leaf(value, requires_grad=False)
    _check_repeatable(text, value, numpy_of(returned.array))
    if not isinstance(returned.ours, Tensor):
        return recorder, leaf(value, requires_grad=False)
    if not np.array_equal(np.asarray(returned.ours.data), numpy_of(returned.array), equal_nan=True):
        return recorder, returned.ours  # it has more digits than JAX's
    return recorder, with_value(returned.ours, value)


def _followed(run: Run, recorder: Recorder, inputs: Mapping[str, Any]) -> Any:
    """What the function returns for values that are recorded."""
    text = run.call.text
    try:
        # what was traced before is traced again, as its author's names are seen in frames that run
        again = set_xla_metadata(symdiff=str(next(_RUNS)))
        with (
            stage(f"tracing {text}"),
            printing(None) as borrowed,
            again,
            core.set_current_trace(recorder),
            watched(borrowed.take, recorder.names),
        ):
            return run.call(inputs)
    except (KeyboardInterrupt, TimeLimit, InputError):
        raise
    except JAXTypeError as error:
        raise FunctionError(
            f"{text} reads the values of arrays as Python's numbers (float(x), x.item(), np.asarray(x)), which JAX "
            f"does not differentiate: {said_by(error, 120)}"
        ) from error
    except Exception as error:
        raise FunctionError(
            f"{text} raises {type(error).__name__} where it is differentiated: {said_by(error)}"
        ) from error


def _check_repeatable(text: str, first: Array, second: Array) -> None:
    """InputError where the traced call gave another value than the first one."""
    if first.shape != second.shape or not np.allclose(first, second, CLOSE[str(first.dtype)], 1e-12, equal_nan=True):
        raise InputError(
            f"{text} gave two different values for one input (random numbers, or a state that it changes); fix what "
            "changes, such as the key, inside the function"
        )
