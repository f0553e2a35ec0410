"""A trace of JAX's own kind: every primitive runs at once, on JAX's arrays and on our tensors.

The function sees what it sees under ``jax.grad``: values that an ``if`` may read. What it calls under ``jit`` comes as
a program of primitives, which is opened; so does the primal of a ``custom_vjp`` or ``custom_jvp`` function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax._src import core
from jax._src.errors import ConcretizationTypeError

import autodiff as ad
from autodiff.tensor import Tensor
from symdiff.deadline import look
from symdiff.frameworks.jax.calls import MOST, Called, written_in
from symdiff.frameworks.jax.lax import EXACT, KERNELS, apply
from symdiff.frameworks.jax.loops import sliced, stacked
from symdiff.frameworks.jax.named import whole
from symdiff.frameworks.jax.patterns import Origin, Shift, composite, shift_of
from symdiff.frameworks.jax.values import is_plain, numpy_of, opaque_value
from symdiff.frameworks.missing import Missing
from symdiff.frameworks.results import with_value
from symdiff.frameworks.single import Place, users_line
from symdiff.tracing.author_names import Names, is_users_file

__all__ = ["Recorded", "Recorder", "TracerNames"]

LONGEST_LOOP = 256
"""So many steps of a loop (``scan``, ``fori_loop``, ``while_loop``) are followed; a longer one is *unsupported*."""


class Recorded(core.Tracer):
    """One value: JAX's array, and ours, which is a tensor where it depends on an input that is differentiated."""

    __slots__ = ("array", "mask", "origin", "ours")

    def __init__(self, trace: Any, array: Any, ours: Any, mask: Any = None) -> None:
        super().__init__(trace, core.typeof(array))
        self.array, self.ours, self.mask = array, ours, mask
        self.origin: Origin | None = None

    def to_concrete_value(self) -> Any:
        """JAX's array: so an ``if`` on it takes its branch."""
        return self.array

    def __bool__(self) -> bool:
        condition(self)
        return bool(self.array)

    def __float__(self) -> float:
        raise ConcretizationTypeError(self)  # as under jax.grad

    def _short_repr(self) -> str:
        return str(self.array)


def condition(value: Any) -> None:
    """Record the branch that is taken on a value."""
    mask = value.ours if value.mask is None else value.mask
    if isinstance(mask, Tensor) and not mask.ndim:
        bool(mask)


@dataclass
class TracerNames(Names):
    """The names of JAX's values in the frames of the user's."""

    variables: dict[Any, list[Any]] = field(default_factory=dict)
    """A variable of a program that was opened -> our nodes."""

    def node_behind(self, value: object) -> Any:
        """Our node, or the variable of a program, behind a tracer; through those of transformations (``vmap``)."""
        for _ in range(8):
            if isinstance(value, Recorded):
                return value.ours.node if isinstance(value.ours, Tensor) else None
            if not isinstance(value, core.Tracer):
                return None
            inner = getattr(value, "val", None)
            if isinstance(inner, core.Var):
                return inner
            value = inner if inner is not None else getattr(value, "primal", None)
        return None

    def note(self, variables: Mapping[str, Any]) -> None:
        """Arrays of JAX's are given arrays as well."""
        given = {
            name: np.asarray(value)
            for name, value in variables.items()
            if isinstance(value, jax.Array) and not isinstance(value, core.Tracer) and is_plain(value) and value.ndim
        }
        super().note({**variables, **given})

    def settled(self) -> None:
        """Our nodes in the place of variables."""
        self.seen = {
            name: list(dict.fromkeys(node for each in found for node in self._nodes(each)))
            for name, found in self.seen.items()
        }

    def _nodes(self, found: Any) -> list[Any]:
        return self.variables.get(found, []) if isinstance(found, core.Var) else [found]


class Recorder(core.Trace):
    """Runs each primitive with JAX, and its entry on our tensors."""

    def __init__(self, names: TracerNames, remembers: bool = False) -> None:
        super().__init__()
        self.requires_low = False
        self.names = names
        self.remembers = remembers
        """Whether every primitive is remembered, to be asked again by itself, or only what has a rule of its own."""
        self.calls: list[Called] = []
        self.shifts: dict[int, Shift] = {}
        self.place = Place()

    def recorded(self, array: Any, ours: Any) -> Recorded:
        """A value of JAX's with ours."""
        return Recorded(self, array, ours)

    def _remember(self, primitive: Any, params: Any, given: Sequence[Any], call: Called) -> None:
        """Keep a call, with what it takes to call it again."""
        moving = tuple(
            k
            for k, each in enumerate(given)
            if isinstance(each, Recorded) and isinstance(each.ours, Tensor) and _is_floating(each)
        )
        if not moving or len(self.calls) >= MOST:
            return

        def again(*xs: Any) -> Any:
            return primitive.bind(*xs, **primitive.get_bind_params(params))

        plain = tuple(each.array if isinstance(each, Recorded) else each for each in given)
        self.calls.append(replace(call, again=again, operands=plain, moving=moving))

    def stage_value(self, val: Any) -> Any:
        """A constant among what is recorded."""
        return val

    # --- what JAX calls -----------------------------------------------------------------------------------------------

    def process_primitive(self, primitive: Any, tracers: Any, params: Any, /) -> Any:
        """One primitive, of values of which some may be known to JAX alone."""
        self.place = users_line()
        found = self._primitive(primitive, list(tracers), params)
        return found if primitive.multiple_results else found[0]

    def process_call(self, call_primitive: Any, f: Any, tracers: Any, params: Any, /) -> Any:
        """A call that is no program yet."""
        with core.set_current_trace(self):
            return f.call_wrapped(*tracers)

    def process_custom_jvp_call(
        self, primitive: Any, fun: Any, jvp: Any, tracers: Any, /, *, symbolic_zeros: bool
    ) -> Any:
        """A function with a jvp of its own: its primal is what is followed."""
        self.place = users_line()
        options = {"symbolic_zeros": symbolic_zeros}
        return self._custom(primitive, fun, {"subfuns": (fun, jvp), **options}, tracers)

    def process_custom_vjp_call(
        self, primitive: Any, fun: Any, fwd: Any, bwd: Any, tracers: Any, /, *, out_trees: Any, symbolic_zeros: bool
    ) -> Any:
        """A function with a backward pass of its own: its primal is what is followed."""
        self.place = users_line()
        options = {"out_trees": out_trees, "symbolic_zeros": symbolic_zeros}
        return self._custom(primitive, fun, {"subfuns": (fun, fwd, bwd), **options}, tracers)

    # --- programs -----------------------------------------------------------------------------------------------------

    def program(self, jaxpr: Any, consts: Sequence[Any], given: Sequence[Any]) -> list[Any]:
        """The results of a program of primitives for these values."""
        values: dict[Any, Any] = dict(zip(jaxpr.constvars, consts, strict=True))
        values.update(zip(jaxpr.invars, given, strict=True))
        for variable in jaxpr.invars:
            self._note(variable, values[variable])

        def read(atom: Any) -> Any:
            return atom.val if isinstance(atom, core.Literal) else values[atom]

        for eqn in jaxpr.eqns:
            look()
            before = self.place
            self.place = _line_of(eqn) or self.place
            found = self._primitive(eqn.primitive, [read(each) for each in eqn.invars], eqn.params, eqn)
            self.place = before
            for variable, each in zip(eqn.outvars, found, strict=True):
                values[variable] = each
                self._note(variable, each)
        return [read(each) for each in jaxpr.outvars]

    def closed(self, closed: Any, given: Sequence[Any]) -> list[Any]:
        """The same of a program with its constants."""
        return self.program(closed.jaxpr, closed.consts, given)

    def _note(self, variable: Any, value: Any) -> None:
        if isinstance(value, Recorded) and isinstance(value.ours, Tensor) and value.ours.node is not None:
            self.names.variables.setdefault(variable, []).append(value.ours.node)

    def _primitive(self, primitive: Any, given: list[Any], params: Any, eqn: Any = None) -> list[Any]:
        """The results of one primitive."""
        look()
        name = primitive.name
        if not any(isinstance(each, Recorded) for each in given):
            return self._moved_shift(name, given, self.by_jax(primitive, given, params))
        if name in OPENED:
            try:
                return OPENED[name](self, primitive, given, params)
            except TooLong as why:
                return self._unknown(f"{name} ({why})", given, self.by_jax(primitive, given, params))
        ours = [each.ours if isinstance(each, Recorded) else numpy_of(each) for each in given]
        tensors = [each for each in ours if isinstance(each, Tensor)]
        if not tensors:
            return self.by_jax(primitive, given, params)
        if self.remembers:
            self._remember(primitive, params, given, Called(name, len, (), (), (), self.place))
        found = self._operation(primitive, given, ours, params, eqn)
        for each in found:
            if isinstance(each, Recorded):
                each.origin = Origin(name, given, params)
        return found

    def _operation(self, primitive: Any, given: list[Any], ours: list[Any], params: Any, eqn: Any) -> list[Any]:
        """One primitive of our tensors by its entry."""
        name = primitive.name
        tensors = [each for each in ours if isinstance(each, Tensor)]
        one = composite(name, given, params, self.shifts, None if eqn is None else eqn.source_info.traceback)
        if one is not None:
            values = self.by_jax(primitive, given, params)
            known = self._judged(one, values)
            if known is not None:
                return known
        if name in EXACT:
            exact = self._exact(primitive, given, ours, params)
            if exact is not None:
                return exact
        values = self.by_jax(primitive, given, params)
        if name == "cholesky":
            values = [jnp.tril(each) for each in values]  # above its diagonal is what was there before
        if name == "stop_gradient":
            return self._stopped(given[0], values)
        if all(_kind(each) not in "fb" for each in values):
            return self._whole(name, given, values)
        try:
            made = apply(name, ours, params)
            return [self._recorded(*pair, name, tensors) for pair in _paired(made, values)]
        except Missing as why:
            return self._unknown(f"{name} ({why})" if str(why) else name, given, values)

    def _stopped(self, source: Any, values: list[Any]) -> list[Any]:
        """A constant from here on, of which it is remembered where it is the maximum of something."""
        found = shift_of(source)
        if found is not None:
            self.shifts[id(values[0])] = Shift(values[0], *found)
        return values

    def _moved_shift(self, name: str, given: Sequence[Any], values: list[Any]) -> list[Any]:
        known = self.shifts.get(id(given[0])) if given and name in ("broadcast_in_dim", "reshape") else None
        if known is not None:
            self.shifts[id(values[0])] = Shift(values[0], known.x, known.axes)
        return values

    def _exact(self, primitive: Any, given: list[Any], ours: list[Any], params: Any) -> list[Any] | None:
        """What every implementation computes alike, without asking JAX; None where the entry has no answer."""
        try:
            made = apply(primitive.name, ours, params)
        except Missing:
            return None
        avals, _ = primitive.abstract_eval(*(core.typeof(each) for each in given), **params)
        avals = avals if primitive.multiple_results else [avals]
        found = []
        for each, aval in zip(made, avals, strict=True):
            if not isinstance(each, Tensor) or each.shape != aval.shape:
                return None
            if aval.dtype != each.dtype:
                if aval.dtype != bool and not (aval.dtype.kind == "f" and each.dtype.kind == "f"):
                    return None
                each = with_value(each, np.asarray(each.data).astype(aval.dtype))
            found.append(Recorded(self, _weakly(np.asarray(each.data), aval), each))
        return found

    def by_jax(self, primitive: Any, given: Sequence[Any], params: Any) -> list[Any]:
        """JAX's own results."""
        plain = [each.array if isinstance(each, Recorded) else each for each in given]
        with core.eval_context():
            found = primitive.bind(*plain, **primitive.get_bind_params(params))
        return list(found) if primitive.multiple_results else [found]

    def _whole(self, name: str, given: Sequence[Any], values: Sequence[Any]) -> list[Any]:
        """Whole numbers (and random keys), which have no derivative: constants, of which one may stand for a mask."""
        first = given[0]
        if name == "convert_element_type" and isinstance(first, Recorded) and isinstance(first.ours, Tensor):
            return [Recorded(self, values[0], numpy_of(values[0]), first.ours if first.ours.dtype == bool else None)]
        return list(values)

    def _recorded(self, ours: Any, value: Any, name: str, tensors: Sequence[Tensor]) -> Any:
        """Our result with JAX's value; a result that an entry leaves open (None) is one that nothing is known of."""
        if not is_plain(value):
            return value
        array = numpy_of(value)
        if ours is None:
            return Recorded(self, value, opaque_value(name, tensors, array)) if array.dtype.kind == "f" else value
        if not isinstance(ours, Tensor):
            return value
        if ours.shape != array.shape:
            raise Missing(f"shape {array.shape}")
        return Recorded(self, value, _as_accurate(ours, array, KERNELS.get(name)))

    def _unknown(self, name: str, given: Sequence[Any], values: Sequence[Any]) -> list[Any]:
        """Results that nothing is known of: *unsupported*, where they have a derivative at all."""
        tensors = [each.ours for each in given if isinstance(each, Recorded) and isinstance(each.ours, Tensor)]
        return [
            Recorded(self, value, opaque_value(name, tensors, numpy_of(value)))
            if is_plain(value) and numpy_of(value).dtype.kind == "f" and any(map(_is_floating, tensors))
            else value
            for value in values
        ]

    def _custom(self, primitive: Any, fun: Any, options: Mapping[str, Any], tracers: Sequence[Any]) -> list[Any]:
        """The primal of a function with a rule of its own, which is told by a program that can be run again."""
        if not any(isinstance(each, Recorded) for each in tracers):
            with core.eval_context():
                return list(primitive.bind(*tracers, **options))
        plain = [each.array if isinstance(each, Recorded) else each for each in tracers]
        try:
            # a call of the primitive itself, since a function that JAX has wrapped can be called once
            closed = jax.make_jaxpr(lambda *xs: primitive.bind(*xs, **options))(*plain)
        except ConcretizationTypeError:  # an ``if`` on a value, which only a run with values can follow
            with core.set_current_trace(self):
                return list(fun.call_wrapped(*tracers))
        if len(closed.eqns) != 1:
            return self.closed(closed, tracers)
        given = [*closed.consts, *tracers]
        (eqn,) = closed.eqns
        order = dict(zip((*closed.jaxpr.constvars, *closed.jaxpr.invars), given, strict=True))
        read = [each.val if isinstance(each, core.Literal) else order[each] for each in eqn.invars]
        results = self._primitive(eqn.primitive, read, eqn.params, eqn)
        made = dict(zip(eqn.outvars, results, strict=True))
        return [
            each.val if isinstance(each, core.Literal) else made.get(each, order.get(each))
            for each in closed.jaxpr.outvars
        ]

    def opened_custom(self, primitive: Any, given: list[Any], params: Any) -> list[Any]:
        """A call of a function with a rule of its own inside a program: its primal, and the call kept."""
        closed = params["call_jaxpr"]
        written, names, is_users = written_in(params)
        if is_users or self.remembers:
            names = [*[""] * params["num_consts"], *names]
            name = str(closed.jaxpr.debug_info.func_name)
            self._remember(primitive, params, given, Called(name, len, (), (), names, self.place, written, is_users))
        return self._whole_or_opened(closed, given)

    def opened_jit(self, primitive: Any, given: list[Any], params: Any) -> list[Any]:
        """What is called under ``jit``; a function of JAX's own by ours of the same meaning where there is one."""
        return self._whole_or_opened(params["jaxpr"], given)

    def _whole_or_opened(self, closed: Any, given: list[Any]) -> list[Any]:
        """One operation of ours in the place of a program, where there is one; otherwise its primitives."""
        ours = [each.ours if isinstance(each, Recorded) else numpy_of(each) for each in given]
        one = whole(closed.jaxpr, ours)
        if one is not None:
            found = self._composite(closed, one, given)
            if found is not None:
                return found
        return self.closed(closed, given)

    def _composite(self, closed: Any, whole: Callable[[], Any], given: Sequence[Any]) -> list[Any] | None:
        """The results of one of our operations in the place of a program; None where they are others."""
        plain = [each.array if isinstance(each, Recorded) else each for each in given]
        with core.eval_context():
            values = core.jaxpr_as_fun(closed)(*plain)
        return self._judged(whole, values)

    def _judged(self, whole: Callable[[], Any], values: Sequence[Any]) -> list[Any] | None:
        """Our results, which must be JAX's; None where they are others."""
        try:
            made = whole()
        except (Missing, TypeError, ValueError, IndexError, ArithmeticError):
            return None
        made = made if isinstance(made, list) else [made]
        found = []
        for ours, value in zip(made, values, strict=True):
            array = numpy_of(value)
            if not isinstance(ours, Tensor) or ours.shape != array.shape or not _close(np.asarray(ours.data), array):
                return None
            found.append(Recorded(self, value, with_value(ours, array)))
        return found


def _as_accurate(ours: Tensor, array: Any, ulps: float | None) -> Tensor:
    """Our tensor with JAX's value, whose kernel promises so many ulps; where JAX has fewer digits ours stays."""
    if ulps is None or ours.node is None or ours.node.op is None:
        return with_value(ours, array)
    mine = np.asarray(ours.data)
    off = np.abs(mine - array) > ulps * np.spacing(np.abs(mine))
    ours.node.op = _promising(ours.node.op, ulps)
    return with_value(ours, np.where(off & np.isfinite(mine), mine, array).astype(array.dtype))


@cache
def _promising(op: Any, ulps: float) -> Any:
    """An operation whose value may be off by so many ulps."""
    return replace(op, ulps=ulps)


def _close(a: Any, b: Any) -> bool:
    eps = float(np.finfo(b.dtype).eps) if b.dtype.kind == "f" else 0.0
    return bool(np.allclose(a, b, 64 * eps, 64 * eps * float(np.max(np.abs(b), initial=0.0)), equal_nan=True))


def _kind(value: Any) -> str:
    return getattr(getattr(value, "dtype", None), "kind", "V")


def _is_floating(value: Any) -> bool:
    return _kind(value) == "f"


def _paired(made: Any, values: Sequence[Any]) -> list[tuple[Any, Any]]:
    padded = [*made, *(None for _ in range(len(values) - len(made)))]
    return list(zip(padded, values, strict=True))


def _weakly(array: Any, aval: Any) -> Any:
    """JAX's array; where its type is weak, so that it bends to others', still weak."""
    with core.eval_context():
        if getattr(aval, "weak_type", False) and not array.ndim:
            return jnp.asarray(array.item())
        found = jnp.asarray(array, dtype=aval.dtype)
        if getattr(aval, "weak_type", False):
            return jax.lax.lax._convert_element_type(found, aval.dtype, weak_type=True)
        return found


def _line_of(eqn: Any) -> Place | None:
    """The user's line that a primitive of a program comes from."""
    traceback = eqn.source_info.traceback
    for frame in traceback.frames if traceback is not None else ():
        if is_users_file(frame.file_name):
            return Place(frame.file_name, frame.line_num)
    return None


class TooLong(Exception):
    """A loop of more steps than are followed."""


# --- primitives that hold programs ------------------------------------------------------------------------------------


def _inner(name: str) -> Callable[..., list[Any]]:
    def opened(recorder: Recorder, primitive: Any, given: list[Any], params: Any) -> list[Any]:
        held = params[name]
        if hasattr(held, "consts"):
            return recorder.closed(held, given)
        return recorder.program(held, (), given)

    return opened


def _cond(recorder: Recorder, primitive: Any, given: list[Any], params: Any) -> list[Any]:
    """The branch that is taken, which is recorded as a condition."""
    index, *operands = given
    if isinstance(index, Recorded):
        condition(index)
    branches = params["branches"]
    taken = int(np.clip(int(numpy_of(_plain(index))), 0, len(branches) - 1))
    return recorder.closed(branches[taken], operands)


def _plain(value: Any) -> Any:
    return value.array if isinstance(value, Recorded) else value


def _while(recorder: Recorder, primitive: Any, given: list[Any], params: Any) -> list[Any]:
    """Step by step, while the condition holds."""
    test, body = params["cond_jaxpr"], params["body_jaxpr"]
    a, b = params["cond_nconsts"], params["body_nconsts"]
    of_test, of_body, state = given[:a], given[a : a + b], given[a + b :]
    for _ in range(LONGEST_LOOP + 1):
        (goes_on,) = recorder.closed(test, [*of_test, *state])
        if isinstance(goes_on, Recorded):
            condition(goes_on)
        if not bool(numpy_of(_plain(goes_on))):
            return state
        state = recorder.closed(body, [*of_body, *state])
    raise TooLong(f"more than {LONGEST_LOOP} steps")


def _linear_solve(recorder: Recorder, primitive: Any, given: list[Any], params: Any) -> list[Any]:
    """The solution of a linear system that a function says: by its matrix, whose columns are asked one by one."""
    lengths = params["const_lengths"]
    consts, right = given[: lengths.matvec], given[sum(lengths) :]
    if len(right) != 1 or np.size(_plain(right[0])) > LONGEST_LOOP // 4:
        raise TooLong("of several arrays, or a large one")
    b = right[0]
    shape, size, dtype = np.shape(_plain(b)), int(np.size(_plain(b))), np.dtype(_plain(b).dtype)
    columns = []
    for place in range(size):
        unit = np.zeros(size, dtype)
        unit[place] = 1
        (found,) = recorder.closed(params["jaxprs"].matvec, [*consts, jnp.asarray(unit.reshape(shape))])
        columns.append(found.ours if isinstance(found, Recorded) else numpy_of(found))
    matrix = ad.stack([ad.reshape(each, (size,)) for each in columns], axis=1)
    found = ad.solve(matrix, ad.reshape(b.ours if isinstance(b, Recorded) else numpy_of(b), (size, 1)))
    (value,) = recorder.by_jax(primitive, given, params)
    return [recorder.recorded(value, with_value(ad.reshape(found, shape), numpy_of(value)))]


def _scan(recorder: Recorder, primitive: Any, given: list[Any], params: Any) -> list[Any]:
    """Step by step: slices of what is scanned go in, results are stacked."""
    length, k, c = params["length"], params["num_consts"], params["num_carry"]
    if length > LONGEST_LOOP:
        raise TooLong(f"{length} steps, more than {LONGEST_LOOP}")
    consts, carry, scanned = given[:k], given[k : k + c], given[k + c :]
    collected: list[list[Any]] = [[] for _ in range(len(params["jaxpr"].jaxpr.outvars) - c)]
    steps = range(length - 1, -1, -1) if params["reverse"] else range(length)
    for step in steps:
        found = recorder.closed(params["jaxpr"], [*consts, *carry, *(sliced(recorder, each, step) for each in scanned)])
        carry = found[:c]
        for kept, each in zip(collected, found[c:], strict=True):
            kept.append(each)
    avals = [each.aval for each in params["jaxpr"].jaxpr.outvars[c:]]
    ordered = [kept[::-1] if params["reverse"] else kept for kept in collected]
    return [*carry, *(stacked(recorder, kept, aval) for kept, aval in zip(ordered, avals, strict=True))]


OPENED: Mapping[str, Callable[..., list[Any]]] = {
    "checkpoint": _inner("jaxpr"),
    "closed_call": _inner("call_jaxpr"),
    "composite": _inner("jaxpr"),
    "cond": _cond,
    "core_call": _inner("call_jaxpr"),
    "custom_linear_solve": _linear_solve,
    "custom_jvp_call": Recorder.opened_custom,
    "custom_vjp_call": Recorder.opened_custom,
    "custom_vmap_call": _inner("call"),
    "jit": Recorder.opened_jit,
    "pjit": Recorder.opened_jit,
    "remat2": _inner("jaxpr"),
    "scan": _scan,
    "while": _while,
}
"""Primitives that hold programs, which are opened."""
