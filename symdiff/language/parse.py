"""Text -> Program: ``ast.parse``, then a list of the nodes that are allowed; nothing is evaluated."""

from __future__ import annotations

import ast
import functools
import math
import re
import warnings
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from symdiff.errors import InputError
from symdiff.language import powers, tree
from symdiff.language.limits import LIMITS, Limits
from symdiff.language.names import CONSTANTS, check_name, nearest, shown
from symdiff.language.scan import Statement, normalise, statements
from symdiff.language.tree import Place

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|",
}  # fmt: skip
_UNARY: dict[type[ast.unaryop], str] = {ast.USub: "-", ast.UAdd: "+", ast.Invert: "~"}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_MODULES = frozenset({"np", "numpy", "math", "ad", "autodiff", "torch", "jnp", "jax", "sp", "sympy", "scipy", "F"})
_INSTEAD = {"factorial": "gamma(n + 1)", "pow": "x**y", "len": "a number", "float": "x alone", "int": "floor(x)"}
_TEXT = re.compile(r"[A-Za-z0-9_,.>() *-]{0,200}")


@dataclass(frozen=True, slots=True)
class Known:
    """The names a text may use."""

    functions: Collection[str]
    methods: Collection[str]
    inputs: Collection[str] | None  # None: every name may be an input
    bindable: Collection[str] = ()  # functions whose name an input may take over


def parse(text: str, known: Known, *, limits: Limits = LIMITS) -> tree.Program:
    """The program a text stands for.

    Raises:
        InputError: the text is not in the language; one line with the place and what to write instead.
    """
    plain = normalise(text, limits)
    reader = _Reader(known, limits)
    found = statements(plain, limits)
    if not found:
        raise InputError("the expression is empty; write one, such as mean(x * x)")
    assignments = tuple(reader.assignment(statement) for statement in found[:-1])
    result = reader.result(found[-1])
    program = tree.Program(text, assignments, result, tuple(reader.used))
    powers.check(program, limits)
    return program


@functools.lru_cache(maxsize=1024)
def parse_formula(text: str, names: tuple[str, ...] = ()) -> tree.Program:
    """The program of a meaning that stands in the source; every name may be an operand or a parameter, ``names`` surely are."""
    return parse(text, Known(functions=(), methods=(), inputs=None, bindable=names))


@dataclass(slots=True)
class _Reader:
    """Converts the statements of one text, which share names and limits."""

    known: Known
    limits: Limits
    assigned: dict[str, Place] = field(default_factory=dict)
    used: dict[str, None] = field(default_factory=dict)
    nodes: int = 0
    statement: Statement = field(default_factory=lambda: Statement("", Place(1, 1), ()))
    lines: list[bytes] = field(default_factory=list)

    # statements

    def assignment(self, statement: Statement) -> tree.Assign:
        node = self._parse(statement)
        if not isinstance(node, ast.Assign):
            self._refuse(node, "only the last statement is the result; the ones before it are assignments y = ...")
        if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
            self._refuse(node, "an assignment gives one name to one value: y = ...")
        target = node.targets[0]
        place = self._place(target)
        name = check_name(target.id, self._unbindable(), limits=self.limits, line=place.line, column=place.column)
        value = self.expression(node.value, 0)
        if name in self.assigned:
            _at(place, f"{name} is assigned twice; give the new value a name of its own")
        if self.known.inputs is not None and name in self.known.inputs:
            _at(place, f"{name} is an input and cannot be assigned; give the value a name of its own")
        if name in self.used:
            _at(place, f"{name} is used before it is assigned; assign it first")
        self.assigned[name] = place
        return tree.Assign(name, value, place)

    def result(self, statement: Statement) -> tree.Expression:
        node = self._parse(statement)
        if isinstance(node, ast.Assign):
            target = next((t.id for t in node.targets if isinstance(t, ast.Name)), "y")
            equals = next(token for token in statement.tokens if token.text == "=")
            _at(
                equals.place,
                f"= is not allowed in the result; give the right-hand side only, or add the result: ...; {target}",
            )
        if not isinstance(node, ast.Expr):
            self._refuse(node, "only assignments y = ... and one result are part of the language")
        result = self.expression(node.value, 0)
        if isinstance(result, tree.Compare) and self.known.inputs is not None:
            _at(
                result.place,
                f"the result is a comparison ({result.operator}), a mask and not a number; choose numbers with where(condition, a, b)",
            )
        return result

    def _parse(self, statement: Statement) -> ast.stmt:
        self.statement = statement
        self.lines = [line.encode() for line in statement.source.split("\n")]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                module = ast.parse(statement.source)
        except SyntaxError as error:
            self._syntax_error(error)
        except (RecursionError, MemoryError):
            _at(
                statement.place,
                f"the text is nested deeper than {self.limits.depth} (Limits.depth); name intermediates: y = ...",
            )
        if len(module.body) != 1:
            _at(statement.place, "this cannot be read as one statement")
        return module.body[0]

    def _syntax_error(self, error: SyntaxError) -> NoReturn:
        offset = (error.offset or 1) - 1
        line = (error.lineno or 1) - 1
        column = offset + (self.statement.place.column if line == 0 else 1)
        tokens = [t for t in self.statement.tokens if t.place <= (self.statement.place.line + line, column)]
        near = f" near {shown(tokens[-1].text, 20)}" if tokens else ""
        _at(Place(self.statement.place.line + line, column), f"this cannot be read as an expression{near}: {error.msg}")

    # expressions

    def expression(self, node: ast.expr, depth: int) -> tree.Expression:
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
        value, place = node.value, self._place(node)
        if isinstance(value, str):
            if not _TEXT.fullmatch(value):
                _at(place, "a text may hold letters, digits, spaces and , . > - ( ) * _ only, at most 200 of them")
            return tree.Text(value, place)
        written = self._source(node)
        if isinstance(value, complex):
            _at(place, f"{written} is a complex number; only real numbers are supported")
        if isinstance(value, int | float) and not isinstance(value, bool) and not _fits(value):
            _at(place, f"the number {shown(written, 20)} is larger than float64 holds; the limit is 1.8e308")
        if isinstance(value, bytes):
            _at(place, "bytes are not part of the language")
        return tree.Constant(value, written, place)

    def name(self, node: ast.Name, depth: int) -> tree.Expression:
        name, place = node.id, self._place(node)
        if len(name) > self.limits.name_length:
            _at(
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
                _at(
                    place,
                    f"the text has more than {self.limits.names} different names (Limits.names); use arrays, as x[0], x[1]",
                )
        return tree.Name(name, place)

    def _unknown(self, name: str, place: Place) -> NoReturn:
        if name in self.known.functions:
            _at(place, f"{name} is a function; write {name}(...)")
        have = [*(self.known.inputs or ()), *self.assigned]
        guess = nearest(name, [*have, *self.known.functions])
        _at(
            place,
            f"unknown name {shown(name)}{guess}; the names are {_listed(have)}, and more come with --at {shown(name, 20)}=...",
        )

    def unary(self, node: ast.UnaryOp, depth: int) -> tree.Expression:
        operator = _UNARY.get(type(node.op)) or self._refuse(
            node, "not is not part of the language; negate a mask with ~"
        )
        return tree.Unary(operator, self.expression(node.operand, depth), self._place(node))

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
            left = tree.Binary(operator, left, self.expression(one.right, depth), self._operator_place(one, operator))
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
                    f"{node.left.id}**{self._source(power)}(...) is not a call; write {node.left.id}(...)**{self._source(power)}",
                )

    def compare(self, node: ast.Compare, depth: int) -> tree.Expression:
        if len(node.ops) != 1:
            self._refuse(node, "a chained comparison of arrays is ambiguous; write (a < x) & (x < b) inside where(...)")
        operator = _COMPARE.get(type(node.ops[0])) or self._refuse(node, "compare numbers with < <= > >= == !=")
        left, right = self.expression(node.left, depth), self.expression(node.comparators[0], depth)
        return tree.Compare(operator, left, right, self._place(node))

    def call(self, node: ast.Call, depth: int) -> tree.Expression:
        place = self._place(node)
        count = len(node.args) + len(node.keywords)
        if count > self.limits.arguments:
            _at(place, f"too many arguments: {count}; the limit is {self.limits.arguments} (Limits.arguments)")
        if isinstance(node.func, ast.Attribute):
            return self._method(node.func, node, place, depth)
        if not isinstance(node.func, ast.Name):
            called = shown(self._source(node.func), 20)
            _at(place, f"{called}(...) is not a call; only functions are called, a product is {called}*(...)")
        function = node.func.id
        if function in self.assigned or (self.known.inputs is not None and function in self.known.inputs):
            inside = shown(", ".join(self._source(argument) for argument in node.args), 40)
            _at(
                place,
                f"{function} is a value and cannot be called; write {function}*({inside}) for a product, {function}[...] for an element",
            )
        if self.known.inputs is not None and function not in self.known.functions:
            advice = (
                f"; write {_INSTEAD[function]}" if function in _INSTEAD else nearest(function, self.known.functions)
            )
            _at(place, f"unknown function {shown(function)}{advice}; symdiff ops lists all that may be called")
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
        if node.attr != "T":
            self._refuse_attribute(node)
        return tree.Transpose(self.expression(node.value, depth), self._place(node))

    def _check_module(self, node: ast.Attribute) -> None:
        base = node.value
        if not isinstance(base, ast.Name) or base.id not in _MODULES or base.id in (self.known.inputs or ()):
            return
        if node.attr in self.known.functions:
            self._refuse(node, f"write {node.attr}(...) without {base.id}.")
        self._refuse(
            node,
            f"{base.id}.{shown(node.attr, 30)} is not part of the language; symdiff ops lists the functions, written without a prefix",
        )

    def _refuse_attribute(self, node: ast.Attribute) -> NoReturn:
        guess = nearest(node.attr, self.known.methods)
        value = node.value
        behind = self._position(value.end_lineno or 1, value.end_col_offset or 0)
        dots = (token.place for token in self.statement.tokens if token.text == "." and token.place >= behind)
        _at(
            next(dots, behind),
            f"the attribute .{shown(node.attr, 30)} is not part of the language{guess}; there are .T and methods such as (x*x).mean()",
        )

    def subscript(self, node: ast.Subscript, depth: int) -> tree.Expression:
        if (
            isinstance(node.value, ast.Name)
            and node.value.id in self.known.functions
            and node.value.id not in (self.known.inputs or ())
        ):
            self._refuse(node, f"{node.value.id} is a function; write {node.value.id}(...) with round brackets")
        value = self.expression(node.value, depth)
        return tree.Subscript(value, self._index(node.slice, depth), self._place(node))

    def _index(self, node: ast.expr, depth: int) -> tree.Expression:
        if isinstance(node, ast.Slice):
            start, stop, step = (
                None if part is None else self.expression(part, depth) for part in (node.lower, node.upper, node.step)
            )
            return tree.Slice(start, stop, step, self._place(node))
        if isinstance(node, ast.Tuple):
            return tree.Sequence(tuple(self._index(item, depth) for item in node.elts), False, self._place(node))
        return self.expression(node, depth)

    def sequence(self, node: ast.Tuple | ast.List, depth: int) -> tree.Expression:
        if len(node.elts) > self.limits.arguments:
            self._refuse(
                node,
                f"too many elements: {len(node.elts)}; the limit is {self.limits.arguments} (Limits.arguments): give them with --at",
            )
        items = tuple(self.expression(item, depth) for item in node.elts)
        return tree.Sequence(items, isinstance(node, ast.List), self._place(node))

    # places

    def _place(self, node: ast.expr | ast.stmt) -> Place:
        return self._position(node.lineno, node.col_offset)

    def _position(self, line: int, offset: int) -> Place:
        column = len(self.lines[line - 1][:offset].decode(errors="ignore"))
        start = self.statement.place
        return Place(start.line + line - 1, column + (start.column if line == 1 else 1))

    def _operator_place(self, node: ast.BinOp, operator: str) -> Place:
        after = self._position(node.left.end_lineno or 1, node.left.end_col_offset or 0)
        tokens = (t.place for t in self.statement.tokens if t.text == operator and t.place >= after)
        return next(tokens, self._place(node))

    def _source(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.statement.source, node) or ""

    def _refuse(self, node: ast.expr | ast.stmt, message: str) -> NoReturn:
        _at(self._place(node), message)

    def _unbindable(self) -> set[str]:
        return set(self.known.functions) - set(self.known.bindable)


_HANDLERS: dict[type[ast.expr], Callable[..., tree.Expression]] = {
    ast.Constant: _Reader.constant, ast.Name: _Reader.name, ast.UnaryOp: _Reader.unary, ast.BinOp: _Reader.binary,
    ast.Compare: _Reader.compare, ast.Call: _Reader.call, ast.Attribute: _Reader.attribute, ast.Subscript: _Reader.subscript,
    ast.Tuple: _Reader.sequence, ast.List: _Reader.sequence,
}  # fmt: skip
_CONSTRUCTS: dict[type[ast.expr], str] = {
    ast.BoolOp: "and / or", ast.NamedExpr: ":=", ast.Lambda: "lambda", ast.IfExp: "if ... else", ast.Dict: "a dictionary",
    ast.Set: "a set", ast.ListComp: "a comprehension", ast.SetComp: "a comprehension", ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension", ast.Await: "await", ast.Yield: "yield", ast.YieldFrom: "yield",
    ast.JoinedStr: "a formatted text", ast.Starred: "unpacking with *", ast.Slice: "a slice outside [ ]",
}  # fmt: skip


def _fits(value: int | float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _listed(names: Collection[str]) -> str:
    shown_names = list(names)[:8]
    more = ", ..." if len(names) > len(shown_names) else ""
    return ", ".join(shown_names) + more if shown_names else "none yet"


def _at(place: Place, message: str) -> NoReturn:
    raise InputError(message, line=place.line, column=place.column)
