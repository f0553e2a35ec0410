"""Runs a Program over tensors: every operation is autodiff's own, and every error comes with its place in the text."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, NoReturn

import numpy as np

from autodiff.declare.operator_names import ARITHMETIC, COMPARISONS, LOGICAL
from symdiff.errors import InputError
from symdiff.language import sizes, tree
from symdiff.language.functions import INDEX_OPERANDS, everything, methods, parameters
from symdiff.language.limits import LIMITS, Limits
from symdiff.language.tree import Place

_ARITHMETIC = {each.sign: each.function for each in ARITHMETIC}
_MASKS = {each.sign: each.function for each in LOGICAL}
_COMPARE = {each.sign: each.function for each in COMPARISONS}
# Whole numbers stay whole where float64 would give the same number: as an index, a shape or an axis they must be whole.
_WHOLE = {sign: _ARITHMETIC[sign] for sign in ("+", "-", "*", "//", "%")}
_LARGEST_WHOLE = 2**53
_FLOAT64 = np.dtype(np.float64)
_CONSTANTS = {"pi": math.pi, "e": math.e}
# Functions that take masks: every operand so named, and these.
_TAKE_MASKS = frozenset({"any", "all", "logical_and", "logical_or", "logical_not", "where", "nonzero", "count_nonzero"})
_MASK_OPERANDS = frozenset({"condition", "mask", "where", "attn_mask"})
_ERRORS = (
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    ArithmeticError,
    MemoryError,
    RuntimeError,
    AttributeError,
    ImportError,
)


class Count(int):
    """The length of an axis of ``source``, or its number of elements where ``axis`` is None."""

    source: Any
    axis: int | None

    @classmethod
    def of(cls, length: int, source: Any, axis: int | None) -> Count:
        made = cls(length)
        made.source, made.axis = source, axis
        return made


def run(
    program: tree.Program,
    names: Mapping[str, Any],
    *,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    assigned: dict[str, Any] | None = None,
    lift: Callable[[float, str], Any] | None = None,
    sized: Callable[[Count], Any] | None = None,
    dtype: np.dtype[Any] = _FLOAT64,
    limits: Limits = LIMITS,
) -> Any:
    """Computes a program over tensors, or over anything that takes part in autodiff's operations.

    ``functions`` are offered beside autodiff's. ``assigned`` receives the values of the names that the program assigns.
    ``lift`` makes a value of a number that is computed with no other value beside it, and of the constants ``pi`` and
    ``e`` (with their names), so that these are recorded as well; without it they are numbers. ``sized`` makes a value
    of the size of an array that is calculated with. Whole arrays become ``dtype``.

    Raises:
        InputError: an operation refused its operands, a mask was used as a number, or a limit was reached.
    """
    interpreter = _Interpreter(
        dict(names), limits, {**everything(), **functions} if functions else everything(), lift, dtype, sized
    )
    with np.errstate(all="ignore"):
        for assign in program.assignments:
            interpreter.assign(assign)
        if assigned is not None:
            assigned.update((assign.name, interpreter.names[assign.name]) for assign in program.assignments)
        return interpreter.number(program.result, "the result") if lift else interpreter.value(program.result)


@dataclass(slots=True)
class _Interpreter:
    names: dict[str, Any]
    limits: Limits
    functions: Mapping[str, Callable[..., Any]]
    lift: Callable[[float, str], Any] | None
    dtype: np.dtype[Any]
    sized: Callable[[Count], Any] | None = None
    whole: bool = False
    constants: dict[str, Any] = field(default_factory=dict)
    elements: float = 0.0

    def assign(self, assign: tree.Assign) -> None:
        value = self.value(assign.value)
        is_several = isinstance(value, tuple | list) and value and all(hasattr(each, "shape") for each in value)
        if isinstance(value, tuple | list | str | None) and not is_several:
            _at(assign.place, f"{assign.name} = ... must be given a number or an array")
        # a size stays a whole number: what is calculated with it, and not what is cut by it, records it
        self.names[assign.name] = value if isinstance(value, Count) else self._lifted(value)

    def number(self, node: tree.Expression, what: str) -> Any:
        """The value of an expression that must be numbers: not a mask, a text or a list."""
        value = self.value(node)
        if isinstance(value, list | tuple):
            value = self._apply(node.place, "array", self.functions["array"], (list(value),), {})
        if isinstance(value, bool) or (hasattr(value, "dtype") and value.dtype == bool):
            _at(
                node.place,
                f"{what} is a mask (true or false), not a number; choose numbers with where(condition, a, b)",
            )
        if value is None or value is Ellipsis or isinstance(value, str):
            _at(node.place, f"{what} must be a number or an array")
        return self._floating(value)

    def value(self, node: tree.Expression) -> Any:
        match node:
            case tree.Constant(value):
                return _literal(value)
            case tree.Text(text):
                return text
            case tree.Name(name):
                return self._name(name)
            case tree.Unary():
                return self._unary(node)
            case tree.Binary():
                return self._chain(node)
            case tree.Compare():
                return self._compare(node)
            case tree.Call():
                return self._call(node)
            case tree.Method():
                return self._method(node)
            case tree.Transpose(value):
                return self._apply(
                    node.place, ".T", operator.attrgetter("T"), (self._lifted(self.number(value, "x in x.T")),), {}
                )
            case tree.Size():
                return self._size(node)
            case tree.Subscript():
                return self._subscript(node)
            case tree.Sequence(items, is_list):
                values = (self.value(item) for item in items)
                return list(values) if is_list else tuple(values)
        raise AssertionError(f"a slice stands only inside [ ]: {node}")

    def _name(self, name: str) -> Any:
        if name in self.names:
            return self.names[name]
        if name not in self.constants:
            value = _CONSTANTS[name]
            self.constants[name] = value if self.lift is None else self.lift(value, name)
        return self.constants[name]

    def _size(self, node: tree.Size) -> Any:
        """The length of an axis: a whole number, which is recorded where it is calculated with."""
        value = self.number(node.value, "the value of a size")
        shape = tuple(getattr(value, "shape", ()))
        if node.axis is None:
            return Count.of(math.prod(shape), value, None)
        if not -len(shape) <= node.axis < len(shape):
            _at(node.place, f"shape[{node.axis}]: an array of shape {shape} has {len(shape)} axes")
        return Count.of(shape[node.axis], value, node.axis % len(shape))

    def _counted(self, value: Any) -> Any:
        """A size that is calculated with, as a value that is recorded."""
        return self.sized(value) if isinstance(value, Count) and self.sized is not None and not self.whole else value

    def _as_whole(self, node: tree.Expression) -> Any:
        """A value among positions, axes and shapes, where sizes are whole numbers and nothing else."""
        before, self.whole = self.whole, True
        try:
            return self.value(node)
        finally:
            self.whole = before

    def _lifted(self, value: Any) -> Any:
        """A number as a value that is recorded, where a recording is made."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return self.lift(float(value), "") if self.lift is not None and is_number else value

    def _unary(self, node: tree.Unary) -> Any:
        if node.operator == "~":
            return self._apply(node.place, "~", operator.invert, (self._mask(node.operand, "~"),), {})
        value = self.number(node.operand, f"the operand of {node.operator}")
        return self._apply(
            node.place, node.operator, operator.neg if node.operator == "-" else operator.pos, (value,), {}
        )

    def _chain(self, node: tree.Binary) -> Any:
        spine = [node]
        while isinstance(spine[-1].left, tree.Binary):
            spine.append(spine[-1].left)
        first = spine[-1]
        left = (
            self._mask(first.left, first.operator)
            if first.operator in _MASKS
            else self.number(first.left, f"the left side of {first.operator}")
        )
        for one in reversed(spine):
            left = self._binary(one, left)
        return left

    def _binary(self, node: tree.Binary, left: Any) -> Any:
        sign = node.operator
        if sign in _MASKS:
            _require_mask(left, node.left.place, sign)
            return self._apply(node.place, sign, _MASKS[sign], (left, self._mask(node.right, sign)), {})
        if hasattr(left, "dtype") and left.dtype == bool:
            _at(
                node.left.place,
                f"the left side of {sign} is a mask (true or false), not a number; choose numbers with "
                "where(condition, a, b)",
            )
        left, right = self._counted(left), self._counted(self.number(node.right, f"the right side of {sign}"))
        if _is_whole(left) and _is_whole(right) and sign in _WHOLE and (right or sign not in "//%"):
            whole = _WHOLE[sign](left, right)
            if abs(whole) <= _LARGEST_WHOLE:
                return whole
        if not (hasattr(left, "dtype") or hasattr(right, "dtype")):
            left = self._lifted(left)
        if sign != "@":
            _require_fit(node, left, right)
        return self._apply(node.place, "matmul" if sign == "@" else sign, _ARITHMETIC[sign], (left, right), {})

    def _compare(self, node: tree.Compare) -> Any:
        left = self.number(node.left, f"the left side of {node.operator}")
        right = self.number(node.right, f"the right side of {node.operator}")
        if not (hasattr(left, "dtype") or hasattr(right, "dtype")):
            left = self._lifted(left)
        _require_fit(node, left, right)
        return self._apply(node.place, node.operator, _COMPARE[node.operator], (left, right), {})

    def _mask(self, node: tree.Expression, sign: str) -> Any:
        value = self.value(node)
        _require_mask(value, node.place, sign)
        return value

    def _call(self, node: tree.Call) -> Any:
        function = self.functions[node.function]
        names = parameters(function)
        operands = _operands(function)
        arguments = tuple(
            self.value(argument) if operands is None or place < operands else self._as_whole(argument)
            for place, argument in enumerate(node.arguments)
        )
        keywords = {name: self._as_whole(value) for name, value in node.keywords}
        for name, value, argument in zip(names, arguments, node.arguments, strict=False):
            self._refuse_mask(node.function, name, value, argument.place)
        for name, argument in node.keywords:
            self._refuse_mask(node.function, name, keywords[name], argument.place)
        arguments = tuple(
            value
            if name in INDEX_OPERANDS
            else self._counted(self._floating(value))
            if operands is None or place < operands
            else self._floating(value)
            for place, (name, value) in enumerate(zip_longest(names[: len(arguments)], arguments, fillvalue=""))
        )
        if not any(hasattr(value, "dtype") for value in sizes.flat((arguments, tuple(keywords.values())))):
            arguments = self._one_lifted(arguments, function)
        return self._apply(node.place, node.function, function, arguments, keywords)

    def _floating(self, value: Any) -> Any:
        """Whole numbers in an array as floating ones, so that nothing wraps around; everything else as it is."""
        if not (hasattr(value, "dtype") and value.dtype.kind in "iu"):
            return value
        return value.astype(self.dtype)

    def _one_lifted(self, arguments: tuple[Any, ...], function: Any) -> tuple[Any, ...]:
        """Numbers alone: one of them is lifted, so that the call is recorded and shown as it was written."""
        return (self._lifted(arguments[0]), *arguments[1:]) if hasattr(function, "forward") and arguments else arguments

    def _refuse_mask(self, function: str, operand: str, value: Any, place: Place) -> None:
        if (
            function not in _TAKE_MASKS
            and operand not in _MASK_OPERANDS
            and hasattr(value, "dtype")
            and value.dtype == bool
        ):
            _at(
                place,
                f"{function} of a mask (true or false): a mask is not a number; write {function}(where(condition, 1, "
                "0))",
            )

    def _method(self, node: tree.Method) -> Any:
        value = self.value(node.value)
        self._refuse_mask(node.name, "", value, node.value.place)
        arguments = tuple(self._as_whole(argument) for argument in node.arguments)
        keywords = {name: self._as_whole(given) for name, given in node.keywords}
        if isinstance(value, list | tuple):
            value = self.number(node.value, f"the value before .{node.name}")
        return self._apply(node.place, node.name, methods()[node.name], (self._lifted(value), *arguments), keywords)

    def _subscript(self, node: tree.Subscript) -> Any:
        value = self.value(node.value)
        index = self._index(node.index)
        if not isinstance(value, list | tuple):
            value = self._lifted(value)
        return self._apply(node.index.place, "an index", operator.getitem, (value, index), {})

    def _index(self, node: tree.Expression) -> Any:
        match node:
            case tree.Slice(start, stop, step):
                return slice(*(None if part is None else self._whole(part) for part in (start, stop, step)))
            case tree.Sequence(items, False):
                return tuple(self._index(item) for item in items)
            case tree.Sequence(items, True):
                return np.array([self._position(item) for item in items], dtype=np.intp)
        value = self._as_whole(node)
        if value is None or value is Ellipsis:
            return value
        if hasattr(value, "dtype") and value.dtype == bool:
            return value.detach() if hasattr(value, "detach") else value
        return self._require_whole(value, node.place)

    def _position(self, node: tree.Expression) -> int:
        """One whole number of a list of them."""
        value = self._whole(node)
        if not hasattr(value, "dtype"):
            return int(value)
        if value.shape:
            _at(node.place, f"a list of positions holds single ones, not an array of shape {value.shape}; write x[i]")
        return int(value.item())

    def _whole(self, node: tree.Expression) -> Any:
        return self._require_whole(self._as_whole(node), node.place)

    def _require_whole(self, value: Any, place: Place) -> Any:
        if isinstance(value, bool) or not (_is_whole(value) or (hasattr(value, "dtype") and value.dtype.kind in "iu")):
            shown = value if isinstance(value, int | float) else "a value that is not"
            _at(
                place,
                f"an index must be a whole number or a mask, not {shown}; write whole numbers, or an input used only "
                "as an index",
            )
        return value

    def _apply(
        self, place: Place, name: str, function: Callable[..., Any], args: tuple[Any, ...], params: dict[str, Any]
    ) -> Any:
        try:
            self.elements += sizes.check(name, args, params, self.limits)
            if self.elements > self.limits.elements:
                raise InputError(
                    f"{name}: the text computes more than {self.limits.elements} elements (Limits.elements); use "
                    "smaller arrays"
                )
            return function(*args, **params)
        except InputError as error:
            _at(place, error.what)
        except _ERRORS as error:
            raise InputError(_words(name, error), line=place.line, column=place.column) from error


def _operands(function: Callable[..., Any]) -> int | None:
    """How many arguments of a function are arrays; the others say how it works. None where all may be."""
    binding = getattr(function, "binding", None)
    if binding is None:
        return 0
    return None if binding.variadic else len(binding.operands)


def _require_mask(value: Any, place: Place, sign: str) -> None:
    if not (hasattr(value, "dtype") and value.dtype == bool):
        _at(
            place,
            f"{sign} joins masks, and this is not one; write comparisons in brackets, as in (x > 0) "
            f"{sign if sign != '~' else '&'} (x < 1)",
        )


def _require_fit(node: tree.Binary | tree.Compare, left: Any, right: Any) -> None:
    shapes = [tuple(getattr(value, "shape", ())) for value in (left, right)]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        pair = f"shapes {shapes[0]} and {shapes[1]}"
        _at(node.place, f"{pair} do not fit together in {node.operator}; they must be equal, or 1, from the right")


def _literal(value: Any) -> Any:
    return float(value) if _is_whole(value) and abs(value) > _LARGEST_WHOLE else value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _words(name: str, error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return f"{name}: there is not enough memory for the result; use smaller arrays"
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return text if text.startswith(name) or not name.isidentifier() else f"{name}: {text}"


def _at(place: Place, message: str) -> NoReturn:
    raise InputError(message, line=place.line, column=place.column)
