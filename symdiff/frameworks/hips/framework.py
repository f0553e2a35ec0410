"""HIPS autograd: what the door asks of a framework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import Parameter
from typing import Any

import numpy as np
from autograd.numpy.numpy_boxes import ArrayBox

from autodiff.record.modes import recording
from autodiff.tensor import Tensor, leaf
from symdiff.arrays import Array
from symdiff.errors import FunctionError, InputError
from symdiff.frameworks.arguments import parameters_seen, plain_call
from symdiff.frameworks.bridged import Bridged
from symdiff.frameworks.hips.calling import gradients_of, taking_tensors
from symdiff.frameworks.hips.recording import applied, followed, single_of
from symdiff.frameworks.recognising import callable_name
from symdiff.frameworks.single import Single
from symdiff.tracing.building import Traced, as_input, build, chosen
from symdiff.tracing.function_trace import Call, SeveralResults, at_of, bound, of_containers
from symdiff.tracing.notes import notes_on
from symdiff.tracing.trace import trace as trace_plain


class Hips:
    """Functions of ``autograd.numpy``: of NumPy's arrays, told apart by the functions that they call."""

    name = "HIPS autograd"

    def is_array(self, value: Any) -> bool:
        """Whether a value is an array, a tensor of ours, or a box of autograd's."""
        return isinstance(value, ArrayBox | Tensor | np.ndarray | np.floating)

    def to_numpy(self, value: Any) -> Any:
        """Its arrays are NumPy's."""
        return value

    def from_numpy(self, array: Any) -> Any:
        """NumPy's arrays are its own."""
        return array

    def gradients(
        self, bridge: Any, args: Sequence[object], at: Mapping[str, object], wrt: Sequence[str] | None
    ) -> dict[str, Array]:
        """Its gradient alone."""
        call, arrays, static = self._bound(bridge.target, args, at)
        return gradients_of(call, arrays, chosen(of_containers(wrt, call, arrays), arrays, static))

    def trace(
        self, bridge: Any, args: Sequence[object], at: Mapping[str, object], wrt: Sequence[str] | None
    ) -> Bridged:
        """The function on our tensors, on which NumPy's functions work, and its own gradient.

        Raises:
            InputError: an argument or the result cannot be used, or the function is not deterministic.
            FunctionError: the function raised.
        """
        traced = self._traced(bridge.target, args, at, wrt)
        call, arrays, _ = self._bound(bridge.target, args, at)
        arrays = {name: np.array(tensor.data) for name, tensor in traced.tensors.items()} | {
            name: each for name, each in arrays.items() if name not in traced.tensors
        }
        names = traced.graph.wrt
        return Bridged(
            traced.graph, traced.result, traced.tensors, self.name, lambda: gradients_of(call, arrays, names)
        )

    def _traced(self, target: Any, args: Sequence[object], at: Mapping[str, object], wrt: Any) -> Traced:
        try:
            with taking_tensors():
                return trace_plain(self.plain(target, args, at), args, at, wrt)
        except SeveralResults:
            raise
        except FunctionError:
            # one of its primitives may take no tensors: a user's own, in C, or one of SciPy's
            call, arrays, static = self._bound(target, args, at)
            try:
                value = np.asarray(call({name: np.array(each) for name, each in arrays.items()}))
            except Exception:
                value = None
            if value is None or value.dtype.kind != "f":
                raise
            return _followed(call, arrays, chosen(of_containers(wrt, call, arrays), arrays, static), static, value)

    def singles(self, bridge: Any, args: Sequence[object], at: Mapping[str, object], users_alone: bool) -> list[Single]:
        """The primitives that were applied, the first one first; or those that are no functions of NumPy's."""
        call, arrays, _ = self._bound(bridge.target, args, at)
        _, nodes = applied(call, arrays)
        found = [single_of(each) for each in nodes if each.is_of_arrays]
        return [each for each in found if each.is_users or not users_alone]

    def plain(self, target: Any, args: Sequence[object], at: Mapping[str, object]) -> Any:
        """The target under the parameters that its user sees."""
        return plain_call(target, callable_name(target), self.parameters(target, len(args) + len(at)), lambda x: x)

    def _bound(
        self, target: Any, args: Sequence[object], at: Mapping[str, object]
    ) -> tuple[Call, dict[str, Array], set[str]]:
        """The call, its arrays, whole numbers as floating ones, and the names of masks."""
        stand_in = self.plain(target, args, at)
        if not args and at:
            args, at = at_of(stand_in, at)
        call, arrays = bound(stand_in, args, at)
        static = {name for name, each in arrays.items() if each.dtype == bool}
        floats = {name: each if each.dtype.kind in "fb" else each.astype(float) for name, each in arrays.items()}
        return call, floats, static

    def parameters(self, target: Any, count: int) -> list[Parameter]:
        """The function's own; of a primitive those of what it wraps."""
        return parameters_seen(getattr(target, "fun", target), count)

    def slope(self, target: Any, place: int, name: str) -> Any:
        """Its gradients run on its own boxes only.

        Raises:
            InputError: always.
        """
        raise InputError(
            "second derivatives of a function of HIPS autograd's are not followed; give them: check_gradients(f, x, "
            "order=2, gradient=autograd.hessian(f)) judges them where f is written with NumPy"
        )


FRAMEWORK = Hips()


def _followed(
    call: Call, arrays: Mapping[str, Array], names: tuple[str, ...], static: set[str], value: Array
) -> Traced:
    """The same primitive by primitive, where some of them take no tensors."""
    tensors = {name: as_input(each, name in static, name in names) for name, each in arrays.items()}
    with recording() as record:
        result = followed(call, arrays, tensors)
        if not isinstance(result, Tensor):
            result = leaf(value, requires_grad=False)
    graph = build(result, tensors, names, record, names={}, constants={}, text=call.text)
    return Traced(notes_on(graph), result, tensors)
