"""From the arguments of a call to operands and static parameters, by tables made once."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from inspect import Parameter, signature
from typing import Any

_SIMPLE = frozenset({int, bool, float, str, type(None)})


class Binding:
    """The parameters of one operation: which are operands, which are static, and their defaults."""

    __slots__ = (
        "arity", "defaults", "direct", "name", "operands", "optional", "positional", "sequence", "static", "variadic",
    )  # fmt: skip

    def __init__(self, name: str, forward: Callable[..., Any], sequence: bool) -> None:
        parameters = signature(forward).parameters.values()
        fixed = [p for p in parameters if p.kind is Parameter.POSITIONAL_ONLY]
        variadic = [p for p in parameters if p.kind is Parameter.VAR_POSITIONAL]
        static = [p for p in parameters if p.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)]
        self.name = name
        self.sequence = sequence
        self.variadic = variadic[0].name if variadic else ""
        self.operands = tuple(p.name for p in fixed)
        # Operands that may be left out, with what stands for them then.
        self.optional = {p.name: p.default for p in fixed if p.default is not Parameter.empty}
        self.static = tuple(p.name for p in static)
        self.positional = tuple(p.name for p in static if p.kind is Parameter.POSITIONAL_OR_KEYWORD or sequence)
        self.defaults = {p.name: p.default for p in static if p.default is not Parameter.empty}
        if not fixed and not variadic:
            raise TypeError(f"op {name}: its operands are the parameters before '/' (or *arrays); it has none")
        self.arity = -1 if variadic else len(fixed)
        # With exactly so many positional arguments, and no others, there is nothing to bind.
        self.direct = -1 if len(self.defaults) < len(static) else self.arity

    def operand_name(self, place: int) -> str:
        return self.operands[place] if place < len(self.operands) else self.variadic

    def bind(self, args: tuple[Any, ...], given: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the operands, in order, and the static parameters, complete with their defaults."""
        arity = self.arity
        if 0 <= arity <= len(args):
            operands, extra = args[:arity], args[arity:]
        else:
            operands, extra, given = self._operands(args, given)
        params = self.defaults.copy()
        if extra:
            if len(extra) > len(self.positional):
                raise TypeError(f"{self.name}: {len(args)} positional arguments are too many; {self.usage()}")
            for name, value in zip(self.positional, extra):  # noqa: B905 - fewer may be given
                if name in given:
                    raise TypeError(f"{self.name}: {name} is given twice; {self.usage()}")
                params[name] = value if type(value) in _SIMPLE else plain(value, self.name, name)
        for name, value in given.items():
            if name not in self.static:
                self._refuse(name)
            params[name] = value if type(value) in _SIMPLE else plain(value, self.name, name)
        if len(params) < len(self.static):
            missing = ", ".join(name for name in self.static if name not in params)
            raise TypeError(f"{self.name}: {missing} is missing; {self.usage()}")
        return operands, params

    def _operands(self, args: tuple[Any, ...], given: dict[str, Any]) -> tuple[tuple[Any, ...], Any, dict[str, Any]]:
        if self.sequence:
            if not args:
                args, given = (given.get(self.variadic, ()),), {k: v for k, v in given.items() if k != self.variadic}
            try:
                return tuple(args[0]), args[1:], given
            except TypeError:
                raise TypeError(f"{self.name}: the first argument is a sequence of arrays; {self.usage()}") from None
        if self.variadic:
            return args, (), given
        rest = self.operands[len(args) :]
        missing = [name for name in rest if name not in given and name not in self.optional]
        if missing:
            raise TypeError(f"{self.name}: operand {', '.join(missing)} is missing; {self.usage()}")
        operands = args + tuple(given.get(name, self.optional.get(name)) for name in rest)
        return operands, (), {name: value for name, value in given.items() if name not in rest}

    def _refuse(self, name: str) -> None:
        if name in self.operands:
            raise TypeError(f"{self.name}: operand {name} is given twice; {self.usage()}")
        near = get_close_matches(name, self.static, 1)
        advice = f"did you mean {near[0]}?" if near else self.usage()
        raise TypeError(f"{self.name}: there is no parameter {name}; {advice}")

    def usage(self) -> str:
        """Return the call in words, for errors: ``write mean(x, axis=None, keepdims=False)``."""
        operands = [f"{name}=None" if name in self.optional else name for name in self.operands]
        if self.variadic:
            operands.append(f"[{self.variadic}]" if self.sequence else f"*{self.variadic}")
        static = [f"{name}={self.defaults[name]!r}" if name in self.defaults else name for name in self.static]
        return f"write {self.name}({', '.join(operands + static)})"


def plain(value: Any, operation: str, parameter: str) -> Any:
    """Return a static parameter without tensors; they may not be ones that want a gradient, which would be lost."""
    if hasattr(type(value), "__autodiff_static__"):
        return value.__autodiff_static__(operation, parameter)
    if type(value) in (tuple, list):
        if _SIMPLE.issuperset(map(type, value)) or all(map(_is_simple, value)):
            return value
        return type(value)(plain(each, operation, parameter) for each in value)
    if type(value) is slice:
        if _is_simple(value):
            return value
        return slice(*(plain(each, operation, parameter) for each in (value.start, value.stop, value.step)))
    return value


def _is_simple(value: Any) -> bool:
    """Whether there can be no tensor in a value, or in a slice."""
    kind = type(value)
    if kind is slice:
        return type(value.start) in _SIMPLE and type(value.stop) in _SIMPLE and type(value.step) in _SIMPLE
    return kind in _SIMPLE
