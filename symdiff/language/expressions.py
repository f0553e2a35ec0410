"""The list of allowed nodes: what ``ast`` made of an expression -> our own tree, or an error with its place."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from autodiff.declare.operator_names import ARITHMETIC, COMPARISONS, LOGICAL, UNARY
from symdiff.language import tree
from symdiff.language.limits import Limits
from symdiff.language.names import CONSTANTS, nearest, shown
from symdiff.language.scan import Statement
from symdiff.language.source import Source, refuse
from symdiff.language.tree import Place

# The sign ^ is left to those who take it for a power: the language has none.
_BINARY = {getattr(ast, each.syntax): each.sign for each in (*ARITHMETIC, *LOGICAL) if each.sign != "^"}
_UNARY = {getattr(ast, each.syntax): each.sign for each in UNARY if each.sign}
_COMPARE = {getattr(ast, each.syntax): each.sign for each in COMPARISONS}
_MODULES = frozenset({"np", "numpy", "math", "ad", "autodiff", "torch", "jnp", "jax", "sp", "sympy", "scipy", "F"})
_INSTEAD = {"factorial": "gamma(n + 1)", "pow": "x**y", "len": "len(x)", "float": "x alone", "int": "floor(x)"}
_TEXT = re.compile(r"[A-Za-z0-9_,.>() *-]{0,200}")


@dataclass(frozen=True, slots=True)
class Known:
    """The names a text may use."""

    functions: Collection[str]
    methods: Collection[str]
    inputs: Collection[str] | None  # None: every name may be an input
    bindable: Collection[str] = ()  # functions whose name an input may take over


@dataclass(slots=True)
class Expressions:
    """Converts the expressions of one text, which share names and limits."""

    known: Known
    limits: Limits
    source: Source = field(default_factory=lambda: Source(Statement("", Place(1, 1), ())))
    assigned: dict[str, Place] = field(default_factory=dict)
    used: dict[str, None] = field(default_factory=dict)
    nodes: int = 0

    def expression(self, node: ast.expr, depth: int) -> tree.Expression:
        """The tree of an expression; ``depth`` is how many others it stands in."""
        self.nodes += 1
        if self.nodes > self.limits.nodes:
            self._refuse(
                node,
                f"the text has more than {self.limits.nodes} operations (Limits.nodes); give a Python function instead",
            )
        if depth > self.limits.depth:
            self._refuse(
                node, f"the text is nested deeper than {self.limits.depth} (Limits.depth); name intermediates: y = ..."
            )
        handler = _HANDLERS.get(type(node))
        if handler is None:
            self._refuse(node, f"{_CONSTRUCTS.get(type(node), type(node).__name__)} is not part of the language")
        return handler(self, node, depth + 1)

    def constant(self, node: ast.Constant, depth: int) -> tree.Expression:
        value, place = node.value, self.source.place(node)
        if isinstance(value, str):
            if not _TEXT.fullmatch(value):
                refuse(place, "a text may hold letters, digits, spaces and , . > - ( ) * _ only, at most 200 of them")
            return tree.Text(value, place)
        written = self.source.text(node)
        if isinstance(value, complex):
            refuse(place, f"{written} is a complex number; only real numbers are supported")
        if isinstance(value, int | float) and not isinstance(value, bool) and not _fits(value):
            refuse(place, f"the number {shown(written, 20)} is larger than float64 holds; the limit is 1.8e308")
        if isinstance(value, bytes):
            refuse(place, "bytes are not part of the language")
        return tree.Constant(value, written, place)

    def name(self, node: ast.Name, depth: int) -> tree.Expression:
        name, place = node.id, self.source.place(node)
        if len(name) > self.limits.name_length:
            refuse(
                place,
                f"the name {name[:20]}... has {len(name)} characters; at most {self.limits.name_length} are allowed",
            )
        if name in self.assigned:
            return tree.Name(name, place)
        inputs = self.known.inputs
        if inputs is not None and name not in inputs and name not in CONSTANTS:
            self._unknown(name, place)
        is_constant = name in CONSTANTS and name not in (self.known.bindable if inputs is None else inputs)
        if name not in self.used and not is_constant:
            self.used[name] = None
            if len(self.used) > self.limits.names:
                refuse(
                    place,
                    f"the text has more than {self.limits.names} different names (Limits.names); use arrays, as "
                    "x[0], x[1]",
                )
        return tree.Name(name, place)

    def _unknown(self, name: str, place: Place) -> NoReturn:
        if name in self.known.functions:
            refuse(place, f"{name} is a function; write {name}(...)")
        have = [*(self.known.inputs or ()), *self.assigned]
        guess = nearest(name, [*have, *self.known.functions])
        refuse(
            place,
            f"unknown name {shown(name)}{guess}; the names are {_listed(have)}, and more come with --at "
            f"{shown(name, 20)}=...",
        )

    def unary(self, node: ast.UnaryOp, depth: int) -> tree.Expression:
        operator = _UNARY.get(type(node.op)) or self._refuse(
            node, "not is not part of the language; negate a mask with ~"
        )
        return tree.Unary(operator, self.expression(node.operand, depth), self.source.place(node))

    def binary(self, node: ast.BinOp, depth: int) -> tree.Expression:
        spine = [node]
        while isinstance(spine[-1].left, ast.BinOp):
            spine.append(spine[-1].left)
        if isinstance(spine[-1].op, ast.Pow):
            self._check_power_of_function(spine[-1])
        # A long sum leans to the left: walking down its spine keeps it from counting as deep.
        left = self.expression(spine[-1].left, depth)
        for one in reversed(spine):
            operator = _BINARY.get(type(one.op)) or self._refuse(
                one, f"{type(one.op).__name__} is not part of the language"
            )
            self.nodes += 1
            left = tree.Binary(
                operator, left, self.expression(one.right, depth), self.source.sign_after(one.left, operator)
            )
        return left

    def _check_power_of_function(self, node: ast.BinOp) -> None:
        if (
            isinstance(node.left, ast.Name)
            and node.left.id in self.known.functions
            and isinstance(node.right, ast.Call)
        ):
            power = node.right.func
            if isinstance(power, ast.Constant) and node.left.id not in (self.known.inputs or ()):
                self._refuse(
                    node,
                    f"{node.left.id}**{self.source.text(power)}(...) is not a call; write "
                    f"{node.left.id}(...)**{self.source.text(power)}",
                )

    def compare(self, node: ast.Compare, depth: int) -> tree.Expression:
        if len(node.ops) != 1:
            self._refuse(node, "a chained comparison of arrays is ambiguous; write (a < x) & (x < b) inside where(...)")
        operator = _COMPARE.get(type(node.ops[0])) or self._refuse(node, "compare numbers with < <= > >= == !=")
        left, right = self.expression(node.left, depth), self.expression(node.comparators[0], depth)
        return tree.Compare(operator, left, right, self.source.place(node))

    def call(self, node: ast.Call, depth: int) -> tree.Expression:
        place = self.source.place(node)
        count = len(node.args) + len(node.keywords)
        if count > self.limits.arguments:
            refuse(place, f"too many arguments: {count}; the limit is {self.limits.arguments} (Limits.arguments)")
        if isinstance(node.func, ast.Attribute):
            return self._method(node.func, node, place, depth)
        if not isinstance(node.func, ast.Name):
            called = shown(self.source.text(node.func), 20)
            refuse(place, f"{called}(...) is not a call; only functions are called, a product is {called}*(...)")
        function = node.func.id
        if function in self.assigned or (self.known.inputs is not None and function in self.known.inputs):
            inside = shown(", ".join(self.source.text(argument) for argument in node.args), 40)
            refuse(
                place,
                f"{function} is a value and cannot be called; write {function}*({inside}) for a product, "
                f"{function}[...] for an element",
            )
        if function == "len" and len(node.args) == 1 and not node.keywords:
            return tree.Size(self.expression(node.args[0], depth), 0, place)
        if self.known.inputs is not None and function not in self.known.functions:
            advice = (
                f"; write {_INSTEAD[function]}" if function in _INSTEAD else nearest(function, self.known.functions)
            )
            refuse(place, f"unknown function {shown(function)}{advice}; symdiff ops lists all that may be called")
        return tree.Call(function, self._arguments(node.args, depth), self._keywords(node.keywords, depth), place)

    def _method(self, function: ast.Attribute, node: ast.Call, place: Place, depth: int) -> tree.Expression:
        self._check_module(function)
        if function.attr not in self.known.methods:
            self._refuse_attribute(function)
        value = self.expression(function.value, depth)
        arguments, keywords = self._arguments(node.args, depth), self._keywords(node.keywords, depth)
        return tree.Method(value, function.attr, arguments, keywords, place)

    def _arguments(self, arguments: Iterable[ast.expr], depth: int) -> tuple[tree.Expression, ...]:
        return tuple(self.expression(argument, depth) for argument in arguments)

    def _keywords(self, keywords: Iterable[ast.keyword], depth: int) -> tuple[tuple[str, tree.Expression], ...]:
        found: dict[str, tree.Expression] = {}
        for keyword in keywords:
            if keyword.arg is None:
                self._refuse(keyword.value, "unpacking with ** is not part of the language; write the arguments out")
            if keyword.arg in found:
                self._refuse(keyword.value, f"{shown(keyword.arg, 20)} is given twice")
            found[keyword.arg] = self.expression(keyword.value, depth)
        return tuple(found.items())

    def attribute(self, node: ast.Attribute, depth: int) -> tree.Expression:
        self._check_module(node)
        if node.attr == "shape":
            base = shown(self.source.text(node.value), 20)
            refuse(
                self.source.sign_after(node.value, "."),
                f"{base}.shape is several numbers; write one of them, {base}.shape[0], or their product, {base}.size",
            )
        if node.attr == "size":
            return tree.Size(self.expression(node.value, depth), None, self.source.place(node))
        if node.attr != "T":
            self._refuse_attribute(node)
        return tree.Transpose(self.expression(node.value, depth), self.source.place(node))

    def _check_module(self, node: ast.Attribute) -> None:
        base = node.value
        if not isinstance(base, ast.Name) or base.id not in _MODULES or base.id in (self.known.inputs or ()):
            return
        if node.attr in self.known.functions:
            self._refuse(node, f"write {node.attr}(...) without {base.id}.")
        self._refuse(
            node,
            f"{base.id}.{shown(node.attr, 30)} is not part of the language; symdiff ops lists the functions, written "
            "without a prefix",
        )

    def _refuse_attribute(self, node: ast.Attribute) -> NoReturn:
        guess = nearest(node.attr, self.known.methods)
        refuse(
            self.source.sign_after(node.value, "."),
            f"the attribute .{shown(node.attr, 30)} is not part of the language{guess}; there are .T and methods "
            "such as (x*x).mean()",
        )

    def subscript(self, node: ast.Subscript, depth: int) -> tree.Expression:
        if (
            isinstance(node.value, ast.Name)
            and node.value.id in self.known.functions
            and node.value.id not in (self.known.inputs or ())
        ):
            self._refuse(node, f"{node.value.id} is a function; write {node.value.id}(...) with round brackets")
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            return self._length(node, node.value, depth)
        value = self.expression(node.value, depth)
        return tree.Subscript(value, self._index(node.slice, depth), self.source.place(node))

    def _length(self, node: ast.Subscript, shape: ast.Attribute, depth: int) -> tree.Expression:
        """``x.shape[axis]``; the axis is a number in the text."""
        self._check_module(shape)
        sign, number = 1, node.slice
        if isinstance(number, ast.UnaryOp) and isinstance(number.op, ast.USub):
            sign, number = -1, number.operand
        axis = number.value if isinstance(number, ast.Constant) else None
        if not isinstance(axis, int) or isinstance(axis, bool):
            base = shown(self.source.text(shape.value), 20)
            self._refuse(node, f"the axis of a size is a whole number; write {base}.shape[0]")
        return tree.Size(self.expression(shape.value, depth), sign * axis, self.source.place(node))

    def _index(self, node: ast.expr, depth: int) -> tree.Expression:
        if isinstance(node, ast.Slice):
            start, stop, step = (
                None if part is None else self.expression(part, depth) for part in (node.lower, node.upper, node.step)
            )
            return tree.Slice(start, stop, step, self.source.place(node))
        if isinstance(node, ast.Tuple):
            return tree.Sequence(tuple(self._index(item, depth) for item in node.elts), False, self.source.place(node))
        return self.expression(node, depth)

    def sequence(self, node: ast.Tuple | ast.List, depth: int) -> tree.Expression:
        if len(node.elts) > self.limits.arguments:
            self._refuse(
                node,
                f"too many elements: {len(node.elts)}; the limit is {self.limits.arguments} (Limits.arguments): give "
                "them with --at",
            )
        items = tuple(self.expression(item, depth) for item in node.elts)
        return tree.Sequence(items, isinstance(node, ast.List), self.source.place(node))

    def _refuse(self, node: ast.expr, message: str) -> NoReturn:
        refuse(self.source.place(node), message)


_HANDLERS: dict[type[ast.expr], Callable[..., tree.Expression]] = {
    ast.Constant: Expressions.constant,
    ast.Name: Expressions.name,
    ast.UnaryOp: Expressions.unary,
    ast.BinOp: Expressions.binary,
    ast.Compare: Expressions.compare,
    ast.Call: Expressions.call,
    ast.Attribute: Expressions.attribute,
    ast.Subscript: Expressions.subscript,
    ast.Tuple: Expressions.sequence,
    ast.List: Expressions.sequence,
}
# What is left for the list to refuse by name; the scan has refused the rest by its words and signs.
_CONSTRUCTS: dict[type[ast.expr], str] = {
    ast.Starred: "unpacking with *",
    ast.Slice: "a slice outside [ ]",
    ast.JoinedStr: "a formatted text",
}


def _fits(value: int | float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _listed(names: Collection[str]) -> str:
    shown_names = list(names)[:8]
    more = ", ..." if len(names) > len(shown_names) else ""
    return ", ".join(shown_names) + more if shown_names else "none yet"
