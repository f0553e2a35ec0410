"""An operation: how it is computed, its vector-Jacobian product, its meaning, and everything else known of it.

    @op(
        meaning="log(1 + exp(x))",
        vjp=[lambda g, y, x: g * sigmoid(x)],
        samples=[at(0.3), at(ROW), at(-40.0), at(40.0)],
    )
    def softplus(x, /):
        '''A smooth maximum of ``x`` and 0.'''
        return np.logaddexp(0.0, x)

The operands are the positional-only parameters of the function (or ``*arrays``); what follows ``/`` is static.  A rule
is called ``rule(g, y, *operands, **params)``: ``g`` is the cotangent of the result ``y``, and it returns the operand's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from inspect import CO_VARARGS, CO_VARKEYWORDS, Parameter, Signature, signature
from types import FunctionType
from typing import Any, overload

import numpy as np

from ..broadcasting import ARRAYS
from .binding import Binding
from .guards import reading_only
from .meanings import Composite, Equation, Meaning, Structure
from .objects import OBJECTS, holds_tensors, stacked
from .operation import TABLE, Function, Operation, function
from .plan import Plan, Rule, Usage, plan_of
from .samples import (
    COLUMN,
    CUBE,
    MATRIX,
    OTHER_MATRIX,
    OTHER_ROW,
    POSITIVE_MATRIX,
    POSITIVE_ROW,
    ROW,
    SQUARE,
    SYMMETRIC,
    UNIT_ROW,
    Kink,
    Sample,
    at,
)
from .shortcuts import SHORTCUTS

__all__ = [
    "COLUMN", "CUBE", "MATRIX", "OTHER_MATRIX", "OTHER_ROW", "POSITIVE_MATRIX", "POSITIVE_ROW", "ROW", "SQUARE",
    "SYMMETRIC", "TABLE", "UNIT_ROW", "UNSUPPORTED", "Composite", "Equation", "Function", "Joint", "Kink", "Meaning",
    "Op", "Operation", "Sample", "Structure", "at", "function", "joint", "op",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Joint:
    """Declares ``rule(g, y, *operands, **params)`` to return a tuple with one cotangent (or None) for each operand."""

    rule: Rule


joint = Joint


class Unsupported:
    """The type of :data:`UNSUPPORTED`, the rule of an operand whose derivative has no form of its own."""

    def __repr__(self) -> str:
        return "UNSUPPORTED"


UNSUPPORTED = Unsupported()


@dataclass(kw_only=True, slots=True, eq=False, repr=False)
class Op(Operation):
    """One operation with its vjp rules and its meaning; calling it computes, or records when an operand is a tensor."""

    vjp: Sequence[Rule | None] | Joint | Rule | None = ()
    meaning: Meaning = None
    elementwise: bool | None = None
    selects: bool = False
    linear: bool = False
    sequence: bool = False
    ulps: float = 4.0
    torch_name: str = ""
    ufunc: np.ufunc | None = None
    # Adds the cotangent of its one operand to an array that has the operand's shape; False where it does not.
    adds: Callable[..., bool] | None = None

    binding: Binding = field(init=False)
    defaults: dict[str, Any] = field(init=False)
    rules: tuple[Rule | None, ...] = field(init=False)
    joint_rule: Rule | None = field(init=False)
    # The types of operands that the kernel takes as they are; all others may have a way of their own.
    plain: frozenset[Any] = field(init=False)
    # What computes the result of a tensor's operands; operations that are not ours only read them.
    kernel: Callable[..., Any] = field(init=False)
    ours: bool = field(init=False)
    plans: dict[int, Plan] = field(init=False, default_factory=dict)
    plans_of_many: dict[tuple[int, int], Plan] = field(init=False, default_factory=dict)  # of so many operands

    def __post_init__(self) -> None:
        Operation.__post_init__(self)
        forward = self.forward
        if self.elementwise is None:
            self.elementwise = isinstance(self.meaning, str)
        self.torch_name = self.torch_name or _camel_case(self.name) + "Backward0"
        self.binding = Binding(self.name, forward, self.sequence)
        self.defaults = self.binding.defaults
        self.rules, self.joint_rule = self._declared_rules(self.vjp)
        self.plain = _ARRAYS | _NUMBERS if self.elementwise else _ARRAYS
        self.ours = forward.__module__.startswith(_OURS)
        self.kernel = self.ufunc or forward if self.ours else reading_only(forward)

    @property
    def arity(self) -> int:
        """How many operands it takes; -1 for any number."""
        return self.binding.arity

    @property
    def differentiable(self) -> bool:
        return self.joint_rule is not None or any(rule is not None for rule in self.rules)

    def __call__(self, *operands: Any, **params: Any) -> Any:
        binding = self.binding
        if params or len(operands) != binding.direct:
            operands, params = binding.bind(operands, params)
        else:
            params = self.defaults
        return self.bound(operands, params)

    def bound(self, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Do what a call does once its arguments are sorted into operands and a complete set of static parameters."""
        plain = self.plain
        as_they_are = True
        for operand in operands:
            if type(operand) not in plain:
                if hasattr(type(operand), "__autodiff_apply__"):
                    return operand.__autodiff_apply__(self, operands, params)
                as_they_are = False
        if not as_they_are or (operands and type(operands[0]) in _NUMBERS):
            operands = self.as_arrays(operands)
        for operand in operands:
            if type(operand) is np.ndarray and operand.dtype is OBJECTS and holds_tensors(operand):
                return self.bound(tuple(map(stacked, operands)), params)
        try:
            return self.forward(*operands, **params) if params else self.forward(*operands)
        except ValueError:
            self.check_broadcasting(operands)
            raise

    def check_broadcasting(self, operands: Sequence[Any]) -> None:
        """ValueError that names the operation and the shapes, if the operands of an elementwise one do not fit."""
        shapes = [np.shape(operand) for operand in operands if operand is not None]
        if self.elementwise:
            try:
                np.broadcast_shapes(*shapes)
            except ValueError:
                raise ValueError(
                    f"{self.name}: shapes {', '.join(map(str, shapes))} do not broadcast; counted from the last, axes "
                    "must be equally long, or 1 long (insert one with x[:, None])"
                ) from None

    def as_arrays(self, operands: Sequence[Any]) -> tuple[Any, ...]:
        """Return ``operands`` as arrays; numbers stay numbers beside an array, so that float32 stays float32."""
        plain = self.plain
        if plain is not _ARRAYS and all(type(operand) in _NUMBERS for operand in operands):
            plain = _ARRAYS
        return tuple(x if type(x) in plain else self.as_operand(x, place) for place, x in enumerate(operands))

    def as_operand(self, x: Any, place: int) -> Any:
        """Return one operand as an array; TypeError where it is none."""
        where = f"{self.name}: operand {self.binding.operand_name(place)!r}"
        # numpy.ma takes long to import, and nobody has a masked array without it
        if "numpy.ma" in sys.modules and isinstance(x, np.ma.MaskedArray):
            raise TypeError(f"{where} is a masked array, whose mask would be lost; use where(mask, ...) on its .data")
        try:
            array = np.asarray(x)
        except ValueError as error:
            raise ValueError(f"{where} is not a rectangular array: {error}") from None
        if array.dtype.kind not in "biufc" and not holds_tensors(array):
            raise TypeError(f"{where} is {type(x).__name__} {x!r:.60}; give numbers, an array or a tensor")
        return array

    @property
    def __signature__(self) -> Signature:
        """The signature as callers see it: operands also by name, a sequence as one argument."""
        given = signature(self.forward)
        parameters = [_as_called(parameter, self.sequence) for parameter in given.parameters.values()]
        return given.replace(parameters=parameters)

    def plan(self, tracked: int, arity: int) -> Plan:
        """Return what a node keeps when the operands with a bit in ``tracked`` get cotangents."""
        if (known := self.plans_of_many.get((tracked, arity))) is not None:
            return known
        wanted = tuple(bool(tracked >> place & 1) for place in range(arity))
        on_arrays = SHORTCUTS.on_arrays if self.ours else reading_only
        plan = plan_of(self._usage(wanted), wanted, self.rules, self.joint_rule, on_arrays)
        if self.arity >= 0:
            self.plans[tracked] = plan
        else:
            if len(self.plans_of_many) >= MOST_PLANS:  # of a list that grows, none comes again
                self.plans_of_many.clear()
            self.plans_of_many[tracked, arity] = plan
        return plan

    def _usage(self, wanted: tuple[bool, ...]) -> Usage:
        arity = len(wanted)
        if self.joint_rule is not None:
            return SHORTCUTS.usage_of(self.joint_rule, arity)
        usage = Usage.nothing(arity)
        for rule, tracked in zip(self.rules, wanted, strict=True):
            if rule is not None and tracked:
                usage = usage | SHORTCUTS.usage_of(rule, arity)
        return usage

    def _check_parameters(self, rule: FunctionType) -> None:
        """TypeError for a rule that cannot be called as rules are."""
        code = rule.__code__
        positional = 2 + self.arity
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        takes_any = code.co_flags & (CO_VARARGS | CO_VARKEYWORDS)
        if not takes_any and (code.co_argcount < positional or set(names[positional:]) != set(self.binding.static)):
            wanted = ", ".join(("g", "y", *self.binding.operands, *self.binding.static))
            raise TypeError(f"op {self.name}: a vjp rule takes ({wanted}), this one ({', '.join(names)})")

    def _declared_rules(self, vjp: Any) -> tuple[tuple[Rule | None, ...], Rule | None]:
        if isinstance(vjp, Joint):
            return (), vjp.rule
        if callable(vjp):
            if self.arity < 0:
                return (), vjp
            raise TypeError(f"op {self.name}: vjp is a list with one rule for each operand, or joint(rule)")
        if vjp is None:
            vjp = (None,) * max(self.arity, 0)
        elif not len(vjp):
            vjp = (UNSUPPORTED,) * max(self.arity, 0)
        if self.arity < 0:
            return (), _unsupported(self, "its operands")
        if len(vjp) != self.arity:
            names = ", ".join(self.binding.operands)
            raise TypeError(f"op {self.name}: {len(vjp)} vjp rules for {self.arity} operands ({names})")
        for rule in vjp:
            if isinstance(rule, FunctionType):
                self._check_parameters(rule)
        pairs = zip(vjp, self.binding.operands, strict=True)
        return tuple(_unsupported(self, name) if rule is UNSUPPORTED else rule for rule, name in pairs), None


@overload
def op(forward: Callable[..., Any], /) -> Op: ...
@overload
def op(**fields: Any) -> Callable[[Callable[..., Any]], Op]: ...
def op(forward: Callable[..., Any] | None = None, /, **fields: Any) -> Any:
    """Declare an operation; the fields are those of :class:`Op` and :class:`Operation`.

    ``vjp`` is a list with one rule for each operand: None where no cotangent is sent (an index, a mask),
    :data:`UNSUPPORTED` where the derivative has no form of its own; without ``vjp`` every operand is so.
    ``ufunc`` is NumPy's function that computes the same with its ``out``: large results then reuse memory.
    ``adds(total, g, **params)`` adds what the rule of its one operand returns to an array, which then need not be
    spread over zeros: of the slices of an array the cotangents go to one sum.
    """
    if forward is not None:
        return Op(forward)
    return lambda forward: Op(forward, **fields)


MOST_PLANS = 64

_NUMBERS = frozenset({float, int, bool})
_ARRAYS = ARRAYS | {type(None)}

_TORCH_WORDS = {
    "multiply": "Mul", "divide": "Div", "subtract": "Sub", "negative": "Neg", "power": "Pow", "matmul": "Mm",
}  # fmt: skip


def _camel_case(name: str) -> str:
    return _TORCH_WORDS.get(name) or "".join(word[:1].upper() + word[1:] for word in name.split("_"))


_OURS = "autodiff."


class NoRule(NotImplementedError):
    """A gradient was asked for by an operand that an operation has no rule for."""

    def __init__(self, operation: str, operand: str) -> None:
        super().__init__(f"{operation}: the derivative in {operand} is unsupported, it has no vjp rule")
        self.operation, self.operand = operation, operand


def _unsupported(op: Op, operand: str) -> Rule:
    def rule(g: Any, y: Any, *operands: Any, **params: Any) -> Any:
        raise NoRule(op.name, operand)

    return rule


def _as_called(parameter: Parameter, sequence: bool) -> Parameter:
    if parameter.kind is Parameter.POSITIONAL_ONLY:
        return parameter.replace(kind=Parameter.POSITIONAL_OR_KEYWORD)
    if parameter.kind is Parameter.VAR_POSITIONAL and sequence:
        return parameter.replace(kind=Parameter.POSITIONAL_OR_KEYWORD)
    return parameter
