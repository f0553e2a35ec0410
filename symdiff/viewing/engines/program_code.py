"""A traced program as lines of an engine's code."""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autodiff.declare.operator_names import ARITHMETIC, COMPARISONS
from symdiff.tracing.graph import LEFT_OUT, Graph, Node
from symdiff.viewing.engines.dialects import Dialect

__all__ = ["Lines", "NotSpelt", "literal", "program_code"]

LONGEST = 64
"""Arrays of more elements are not written out."""

MOST_LINES = 40
"""A longer listing is no listing to copy."""

_SIGNS = {each.operation: each.sign for each in (*ARITHMETIC, *COMPARISONS)}
_LEVELS = {
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 0),
    "+": 1,
    "-": 1,
    **dict.fromkeys(("*", "/", "//", "%", "@"), 2),
    "**": 4,
}
NEGATIVE, ATOM = 3, 9
_FIELD = re.compile(r"\{([\w*]+)(=?)\}")


class NotSpelt(Exception):
    """An engine has no such operation, or the program is too long to be copied."""


@dataclass(frozen=True)
class Lines:
    """``body`` assigns what the program computes, ``result`` is the expression of its result, ``given`` what stands
    before it: arrays that are neither inputs nor computed; ``names`` are those of the inputs.
    """

    given: tuple[str, ...]
    body: tuple[str, ...]
    result: str
    names: Mapping[str, str]


def program_code(graph: Graph, dialect: Dialect, names: Mapping[int, str]) -> Lines:
    """The program in an engine's words; ``names`` are those of the page, by node.

    Raises:
        NotSpelt: it cannot be written.
    """
    return _Writer(graph, dialect, names).lines()


class _Writer:
    def __init__(self, graph: Graph, dialect: Dialect, names: Mapping[int, str]) -> None:
        self.graph, self.dialect = graph, dialect
        self.written: dict[int, tuple[str, int]] = {}
        self.given: list[str] = []
        self.body: list[str] = []
        self.taken = set(dialect.reserved)
        self.inputs = {name: self._free(name) for name in graph.inputs}
        for name, index in graph.inputs.items():
            self.written[index] = (self.inputs[name], ATOM)
        self.page = names
        uses = [parent for node in graph.nodes for parent in node.parents if parent != LEFT_OUT]
        self.several = {index for index in uses if uses.count(index) > 1 and graph.nodes[index].op is not None}

    def lines(self) -> Lines:
        result = self.graph.nodes[self.graph.result]
        for node in self._needed():
            if node.op is None:
                self._leaf(node)
                continue
            self.written[node.index] = self._call(node)
            named = node.index in self.page or node.index in self.several or node.name is not None
            if named and node is not result:
                self._assign(node)
            if len(self.body) > MOST_LINES:
                raise NotSpelt("too long")
        return Lines(tuple(self.given), tuple(self.body), self.written[result.index][0], self.inputs)

    def _needed(self) -> Iterator[Node]:
        """The nodes that the result is computed from, in order."""
        needed, pending = set[int](), [self.graph.result]
        while pending:
            index = pending.pop()
            if index not in needed:
                needed.add(index)
                pending += [parent for parent in self.graph.nodes[index].parents if parent != LEFT_OUT]
        return (self.graph.nodes[index] for index in sorted(needed))

    def _free(self, name: str) -> str:
        """The name as a variable of code that nothing else has."""
        name = (
            name if name.isidentifier() and not keyword.iskeyword(name) else f"{name if name.isidentifier() else 'v'}_"
        )
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def _assign(self, node: Node) -> None:
        name = self._free(self.page.get(node.index) or node.name or "v")
        self.body.append(f"{name} = {self.written[node.index][0]}")
        self.written[node.index] = (name, ATOM)

    # --- leaves -----------------------------------------------------------------------------------------------------

    def _leaf(self, node: Node) -> None:
        if node.index in self.written:
            return
        if node.constant == "pi":
            self.written[node.index] = (f"{'np' if self.dialect.module == 'autodiff' else self._numpy}.pi", ATOM)
        elif node.value.ndim == 0:
            text = literal(node.value)
            self.written[node.index] = (text, NEGATIVE if text.startswith("-") else ATOM)
        else:
            text = array(node.value, self.dialect)
            if node.name:
                name = self._free(node.name)
                self.given.append(f"{name} = {text}")
                text = name
            self.written[node.index] = (text, ATOM)

    @property
    def _numpy(self) -> str:
        return {"torch": "torch", "jax": "jnp"}[self.dialect.module]

    # --- operations -------------------------------------------------------------------------------------------------

    def _call(self, node: Node) -> tuple[str, int]:
        assert node.op is not None
        name = node.op.name
        sign = _SIGNS.get(name)
        if sign is not None and len(node.parents) == 2 and sign in _LEVELS:
            return self._infix(sign, *node.parents)
        if name == "negative":
            text, level = self.written[node.parents[0]]
            return f"-{text if level > NEGATIVE else f'({text})'}", NEGATIVE
        if name == "getitem" and len(node.parents) == 1:
            return f"{self._atom(node.parents[0])}[{self._index(node.params['index'])}]", ATOM
        if name == "transpose" and node.value.ndim == 2 and not node.params.get("axes"):
            return f"{self._atom(node.parents[0])}.T", ATOM
        return self._pattern(node, self._pattern_of(name)), ATOM

    def _pattern_of(self, name: str) -> str:
        pattern = self.dialect.patterns.get(name)
        if pattern is None:
            raise NotSpelt(name)
        return pattern

    def _infix(self, sign: str, left: int, right: int) -> tuple[str, int]:
        level = _LEVELS[sign]
        (a, of_a), (b, of_b) = self.written[left], self.written[right]
        # a ** b ** c is read from the right, comparisons are chained
        before = a if of_a > level or (of_a == level and level in (1, 2)) else f"({a})"
        after = b if of_b > level else f"({b})"
        return f"{before} {sign} {after}", level

    def _atom(self, index: int) -> str:
        text, level = self.written[index]
        return text if level == ATOM else f"({text})"

    def _operand(self, node: Node, index: int) -> str:
        """An operand of a function; PyTorch's take no plain numbers beside arrays."""
        text = self.written[index][0]
        number = self.graph.nodes[index].value.ndim == 0 and self._is_plain(index)
        free = node.op is not None and node.op.name in ("where", "clamp", "xlogy")
        if self.dialect.operand_arrays and number and not free:
            return f"{self.dialect.array}({text}, dtype={_dtype(node.value.dtype, self.dialect)})"
        return text

    def _is_plain(self, index: int) -> bool:
        """Whether a value is made of Python's numbers by Python's operators alone."""
        node = self.graph.nodes[index]
        if node.op is None:
            return index not in self.graph.inputs.values()
        return (node.op.name in _SIGNS or node.op.name == "negative") and all(map(self._is_plain, node.parents))

    def _pattern(self, node: Node, pattern: str) -> str:
        operands = [self._operand(node, index) for index in node.parents if index != LEFT_OUT]

        def fill(found: re.Match[str]) -> str:
            field, value = found[1], found[2]
            if value:
                return literal(node.params[field])
            if field == "*":
                return ", ".join(operands)
            if field.isdigit():
                if int(field) >= len(operands) or len(operands) != len(node.parents):
                    raise NotSpelt(node.op.name if node.op else "")
                return operands[int(field)]
            return self._parameter(node, field)

        return _FIELD.sub(fill, pattern)

    def _parameter(self, node: Node, field: str) -> str:
        rank = self.graph.nodes[node.parents[0]].value.ndim
        axis: Any = node.params.get("axis")
        axes: Any = node.params.get("axes")
        match field:
            case "axis":
                return "" if axis is None else f", {self.dialect.axis}={axis!r}"
            case "keepdims":
                if not node.params.get("keepdims"):
                    return ""
                if axis is None and self.dialect.module == "torch":
                    return f", {self.dialect.axis}={tuple(range(rank))!r}, {self.dialect.keepdims}=True"
                return f", {self.dialect.keepdims}=True"
            case "every_axis":
                return f", {self.dialect.axis}={tuple(range(rank)) if axis is None else axis!r}"
            case "one_axis":
                if axis is None and rank != 1:
                    raise NotSpelt("all axes at once")
                return f", {self.dialect.axis}={axis or 0}"
            case "axes":
                return repr(tuple(axes or reversed(range(rank))))
            case "axes_of_flip":
                flipped = range(rank) if axis is None else (axis,) if isinstance(axis, int) else axis
                return repr(tuple(flipped))
        raise NotSpelt(field)

    def _index(self, index: object) -> str:
        if isinstance(index, tuple):
            return ", ".join(map(self._index, index)) + ("," if len(index) == 1 else "")
        if isinstance(index, slice):
            if not self.dialect.has_negative_steps and (index.step or 1) < 0:
                raise NotSpelt("a step back")
            ends = ["" if end is None else str(end) for end in (index.start, index.stop)]
            return ":".join([*ends, *([str(index.step)] if index.step not in (None, 1) else [])])
        if index is Ellipsis:
            return "..."
        if isinstance(index, np.ndarray) and index.ndim:
            return array(index, self.dialect)
        return literal(index)


def literal(value: object) -> str:
    """A number, a tuple of whole numbers, or a text in Python's words."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.item() if np.ndim(value) == 0 else value.tolist()
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    if isinstance(value, bool | int | float | str | None):
        return repr(value)
    if isinstance(value, tuple | list) and all(isinstance(each, int) for each in value):
        return repr(tuple(value))
    raise NotSpelt(type(value).__name__)


def array(value: np.ndarray, dialect: Dialect) -> str:
    """An array in an engine's words, every digit of it."""
    if value.size > LONGEST:
        raise NotSpelt("too many elements")
    if value.dtype.kind not in "fiub":
        raise NotSpelt(str(value.dtype))
    dtype = f", dtype={_dtype(value.dtype, dialect)}" if value.dtype.kind == "f" else ""
    return f"{dialect.array}({listed(value)}{dtype})"


def listed(value: np.ndarray) -> str:
    """The elements as nested lists."""
    return re.sub(r"(?<![\w'])(-?)(inf|nan)\b", r"float('\1\2')", repr(value.tolist()))


def _dtype(dtype: np.dtype, dialect: Dialect) -> str:
    name = {"torch": "torch", "jax": "jnp", "autodiff": "np"}[dialect.module]
    return f"{name}.{dtype.name if dtype.kind == 'f' else 'float64'}"
