"""Mutants of the vjp rules, made from their source.

A mutant is the rule of one operand, or a function of the same module that the rule calls, with one change: a sign, a
factor, a dropped term, a swapped argument, a dropped call (a missing sum).  For an operation that broadcasts one more
mutant forgets the sum over the stretched axes.
"""

from __future__ import annotations

import ast
import copy
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import FunctionType
from typing import Any
from unittest.mock import patch

import numpy as np

import autodiff.walk.loop
from autodiff.declare.op import TABLE, Op, Operation
from autodiff.speed import array_rules

FACTOR = 1.01
OUTLINE = {"shape", "ndim", "size", "dtype"}

Change = Callable[[ast.AST], ast.AST]


@dataclass(frozen=True)
class Mutant:
    """One operation with one piece of damage; under ``installed()`` the engine computes with it."""

    op: Op
    what: str
    installed: Callable[[], Any]

    def __str__(self) -> str:
        return f"{self.op.name}: {self.what}"


def operations() -> list[Op]:
    """Every operation that has rules."""
    return [op for name, op in TABLE.items() if name == op.name and isinstance(op, Op) and op.differentiable]


def mutants(op: Op) -> Iterator[Mutant]:
    """All mutants of one operation, each once."""
    for place, rule in enumerate([op.joint_rule] if op.joint_rule is not None else op.rules):
        if not isinstance(rule, FunctionType) or rule.__module__ == "autodiff.declare.op":
            continue  # no rule, or the one that says that the derivative is unsupported
        source = source_of(op, place)
        if isinstance(source, ast.FunctionDef):
            yield from of_function(op, rule)
        else:
            for what, changed in changes(source, rule, op):
                yield Mutant(op, f"rule {place}: {what}", in_rule(op, place, compiled(changed, rule)))
        for helper in helpers(rule):
            yield from of_function(op, helper)
    if op.elementwise and op.arity > 1:
        yield Mutant(op, "no sum over stretched axes", lambda: patch.object(autodiff.walk.loop, "fitted", unsummed(op)))


def of_function(op: Op, function: FunctionType) -> Iterator[Mutant]:
    """Mutants of a named function that a rule is, or calls."""
    for what, changed in changes(definition(function), function, op):
        mutant = compiled(changed, function)
        yield Mutant(op, f"{function.__name__}: {what}", in_module(op, function, mutant))


# Where the source stands


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(sys.modules[module]))


def definition(function: Any) -> ast.FunctionDef:
    """The definition of a function, without its decorators."""
    name, module = function.__name__, function.__module__
    return next(node for node in tree(module).body if isinstance(node, ast.FunctionDef) and node.name == name)


def source_of(op: Op, place: int) -> ast.FunctionDef | ast.Lambda:
    """The source of the rule of one operand."""
    function = inspect.unwrap(op.forward)
    declaration = next(
        decorator
        for decorator in definition(function).decorator_list
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "op"
    )
    given = next(keyword.value for keyword in declaration.keywords if keyword.arg == "vjp")
    if isinstance(given, ast.List):
        given = given.elts[place]
    if isinstance(given, ast.Call):  # joint(rule)
        given = given.args[0]
    if isinstance(given, ast.Name):
        return definition(getattr(sys.modules[function.__module__], given.id))
    assert isinstance(given, ast.Lambda), f"{op.name}: its rule {place} is {ast.unparse(given)}"
    return given


def helpers(rule: FunctionType) -> list[FunctionType]:
    """The plain functions of a rule's own module that it calls, and those that they call, if they use operations."""
    module = vars(sys.modules[rule.__module__])
    found: dict[str, FunctionType] = {}
    waiting = [rule]
    while waiting:
        for name in names_in(waiting.pop().__code__):
            function = module.get(name)
            if type(function) is FunctionType and function.__module__ == rule.__module__ and name not in found:
                found[name] = function
                waiting.append(function)
    computing = [f for f in found.values() if any(isinstance(module.get(n), Operation) for n in names_in(f.__code__))]
    return [function for function in computing if function is not rule]


def names_in(code: Any) -> set[str]:
    """The global names that code reads, also within functions inside it."""
    inner = [names_in(const) for const in code.co_consts if hasattr(const, "co_names")]
    return set(code.co_names).union(*inner)


# What is changed


def changes(source: ast.FunctionDef | ast.Lambda, function: FunctionType, op: Op) -> Iterator[tuple[str, ast.AST]]:
    """The changed copies of a rule, each with its change in words."""
    parameters = (*source.args.posonlyargs, *source.args.args)
    operands = [p.arg for p in parameters if p.arg not in op.binding.static and is_array(p)]
    seen = {ast.dump(source)}
    left = untouched(source, function)
    for number, node in enumerate(ast.walk(source)):
        for what, change in damages(node, operands) if id(node) not in left else ():
            changed = replaced(source, number, change)
            if ast.dump(changed) not in seen:
                seen.add(ast.dump(changed))
                yield f"{what} in {ast.unparse(node)!s:.70}", changed


def is_array(parameter: ast.arg) -> bool:
    """Whether a parameter is an array as far as its annotation says; those of a lambda have none."""
    return parameter.annotation is None or ast.unparse(parameter.annotation) == "Any"


def untouched(source: ast.AST, function: FunctionType) -> set[int]:
    """The nodes that are no mathematics: shapes, dtypes and axes, indices, errors, calls of Python's and NumPy's."""
    found: set[int] = set()

    def leave(*nodes: ast.AST) -> None:
        found.update(id(inner) for node in nodes for inner in ast.walk(node))

    for node in ast.walk(source):
        if isinstance(node, ast.Attribute) and node.attr in OUTLINE:
            leave(node.value)
        elif isinstance(node, ast.Raise | ast.arguments | ast.If):
            leave(node.test if isinstance(node, ast.If) else node)
        elif isinstance(node, ast.IfExp):
            leave(node.test)
        elif isinstance(node, ast.Subscript):
            leave(node.slice)
        elif isinstance(node, ast.Call):
            called = function.__globals__.get(node.func.id) if isinstance(node.func, ast.Name) else None
            if not isinstance(called, Operation) and not getattr(called, "__module__", "").startswith("autodiff.ops"):
                found.add(id(node))
            leave(*static_arguments(node, called))
    return found


def static_arguments(call: ast.Call, called: Any) -> Iterator[ast.AST]:
    """The arguments of a call that are no arrays."""
    if isinstance(called, Op) and called.arity >= 0:
        yield from call.args[called.arity :]
    yield from (
        keyword for keyword in call.keywords if not isinstance(called, Op) or keyword.arg in called.binding.static
    )
    if isinstance(called, FunctionType):
        for argument, parameter in zip(call.args, inspect.signature(called).parameters.values(), strict=False):
            if parameter.annotation != "Any":
                yield argument


def damages(node: ast.AST, operands: list[str]) -> Iterator[tuple[str, Change]]:
    """The ways to damage one node of a rule."""
    yield from DAMAGES.get(type(node), lambda node: [])(node)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in operands[1:]:
        for other in operands[1:]:
            if other != node.id:
                yield f"{other} for {node.id}", lambda n, other=other: ast.Name(other, ast.Load())


def of_lambda(node: ast.Lambda) -> list[tuple[str, Change]]:
    return [
        (what, lambda n, change=change: ast.Lambda(n.args, change(n.body))) for what, change in of_result(node.body)
    ]


def of_return(node: ast.Return) -> list[tuple[str, Change]]:
    if node.value is None:
        return []
    return [(what, lambda n, change=change: ast.Return(change(n.value))) for what, change in of_result(node.value)]


def of_result(value: ast.expr) -> list[tuple[str, Change]]:
    """Another sign and another factor of what is returned, or of each part of a tuple."""
    if isinstance(value, ast.Tuple):
        return []  # a tuple of cotangents; its parts are damaged by themselves
    times = lambda v: ast.BinOp(ast.Constant(FACTOR), ast.Mult(), v)
    return [("sign", lambda v: ast.UnaryOp(ast.USub(), v)), ("factor", times)]


def of_operator(node: ast.BinOp) -> list[tuple[str, Change]]:
    left, right = (lambda n: n.left), (lambda n: n.right)
    if isinstance(node.op, ast.Add | ast.Sub):
        other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        turned = lambda n: ast.BinOp(n.left, other, n.right)
        return [("dropped term", left), ("dropped term", right), ("sign", turned)]
    if isinstance(node.op, ast.Mult):
        return [("dropped factor", left), ("dropped factor", right)]
    if isinstance(node.op, ast.Div):
        inverse = lambda n: ast.BinOp(n.left, ast.Mult(), n.right)
        return [("dropped divisor", left), ("product for quotient", inverse)]
    if isinstance(node.op, ast.Pow):
        return [("dropped power", left)]
    return []


# In the first two of their arguments: clip is the middle one of three numbers.
SYMMETRIC = {"hypot", "maximum", "minimum", "clip", "clamp"}


def of_call(node: ast.Call) -> list[tuple[str, Change]]:
    found: list[tuple[str, Change]] = []
    if node.args and not isinstance(node.args[0], ast.Starred):
        found.append(("dropped call", lambda n: n.args[0]))
    symmetric = isinstance(node.func, ast.Name) and node.func.id in SYMMETRIC
    if len(node.args) > 1 and not symmetric and not any(isinstance(a, ast.Starred) for a in node.args):
        swapped = lambda n: ast.Call(n.func, [n.args[1], n.args[0], *n.args[2:]], n.keywords)
        found.append(("swapped arguments", swapped))
    return found


DAMAGES: dict[type, Callable[[Any], list[tuple[str, Change]]]] = {
    ast.Lambda: of_lambda,
    ast.Return: of_return,
    ast.BinOp: of_operator,
    ast.Call: of_call,
    ast.UnaryOp: lambda n: [("sign", lambda n: n.operand)] if isinstance(n.op, ast.USub) else [],
    ast.IfExp: lambda n: [("no else", lambda n: n.body), ("always else", lambda n: n.orelse)],
}


def replaced(source: ast.AST, number: int, change: Change) -> ast.AST:
    """A copy of ``source`` in which the node of this number (in the order of ``ast.walk``) is changed."""
    whole = copy.deepcopy(source)
    target = list(ast.walk(whole))[number]
    changed = change(target)
    if target is whole:
        return changed
    for parent in ast.walk(whole):
        for field, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, field, changed)
            elif isinstance(value, list):
                setattr(parent, field, [changed if each is target else each for each in value])
    return whole


# How it is put in


def compiled(source: ast.AST, original: FunctionType) -> FunctionType:
    """The changed rule as a function that sees the globals of the original."""
    if isinstance(source, ast.FunctionDef):
        source.decorator_list = []
        body: list[ast.stmt] = [source]
    else:
        assert isinstance(source, ast.Lambda)
        body = [ast.Assign([ast.Name("mutant", ast.Store())], source)]
    module = ast.fix_missing_locations(ast.Module(body, []))
    made: dict[str, Any] = {}
    code = compile(module, f"<mutant of {original.__name__}>", "exec")
    exec(code, original.__globals__, made)  # noqa: S102 - our own source, changed
    function = next(iter(made.values()))
    assert isinstance(function, FunctionType)
    return function


def in_rule(op: Op, place: int, rule: FunctionType) -> Callable[[], Any]:
    """What makes ``rule`` the rule of the operand at ``place``."""

    @contextmanager
    def installed() -> Iterator[None]:
        rules, joint = op.rules, op.joint_rule
        if joint is not None:
            op.joint_rule = rule
        else:
            op.rules = (*rules[:place], rule, *rules[place + 1 :])
        op.plans.clear()
        op.plans_of_many.clear()
        try:
            yield
        finally:
            op.rules, op.joint_rule = rules, joint
            op.plans.clear()
            op.plans_of_many.clear()

    return installed


def in_module(op: Op, function: FunctionType, mutant: FunctionType) -> Callable[[], Any]:
    """What makes ``mutant`` the function of its name, for the rules of ``op`` and for what they call."""

    @contextmanager
    def installed() -> Iterator[None]:
        rules, joint = op.rules, op.joint_rule
        op.rules = tuple(mutant if rule is function else rule for rule in rules)
        op.joint_rule = mutant if joint is function else joint
        forget_rules()
        try:
            with patch.dict(vars(sys.modules[function.__module__]), {function.__name__: mutant}):
                yield
        finally:
            op.rules, op.joint_rule = rules, joint
            forget_rules()

    return installed


def forget_rules() -> None:
    """Drop what every operation, since one may call another, found out from the functions of its rules."""
    for each in operations():
        each.plans.clear()
        each.plans_of_many.clear()
    array_rules.forget()


def unsummed(op: Op) -> Callable[..., Any]:
    """The walk's fitting of a cotangent to its operand, but for ``op`` with one slice instead of the sum of all."""
    fitted = autodiff.walk.loop.fitted

    def fitted_by_a_slice(c: Any, parent: Any, node: Any) -> Any:
        shape = parent.shape
        if node.op is op and np.shape(c) == node.shape != shape:
            extra = len(node.shape) - len(shape)
            c = c[(0,) * extra + tuple(slice(0, 1) if n == 1 else slice(None) for n in shape)]
        return fitted(c, parent, node) if np.shape(c) != shape else c

    return fitted_by_a_slice
