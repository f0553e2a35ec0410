"""A step of a derivation: a named rule, what it was applied to, what came out, and the steps that this rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import sympy as sp

__all__ = ["PartialDerivative", "Rule", "Step", "derivative_of"]


class PartialDerivative(sp.Expr):  # type: ignore[misc]  # sympy has no types
    """∂of/∂by as it is written, never carried out: sympy's own would be 0 for ``of`` a name without ``by`` in it."""

    is_commutative = True

    @property
    def of(self) -> sp.Expr:
        """What is differentiated."""
        return self.args[0]

    @property
    def by(self) -> sp.Expr:
        """What it is differentiated by."""
        return self.args[1]

    def _sympystr(self, printer: Any) -> str:
        return f"d({printer.doprint(self.of)})/d({printer.doprint(self.by)})"


class Rule(StrEnum):
    """The rules by name; the derivative of a function has its own name, ``derivative of tanh``."""

    CONSTANT = "constant"
    VARIABLE = "variable"
    SUM = "sum"
    CONSTANT_FACTOR = "constant factor"
    PRODUCT = "product"
    QUOTIENT = "quotient"
    POWER = "power"
    EXPONENTIAL = "exponential"
    GENERAL_POWER = "power with a variable exponent"
    CHAIN = "chain rule"
    PIECES = "pieces"
    STEPWISE_CONSTANT = "constant between jumps"
    LINEARITY = "linearity of the sum"
    PRODUCT_OVER_INDEX = "product over an index"
    RESULT = "the result itself"
    CONSUMERS = "sum over consumers"
    MOVE = "move"
    PICK = "pick"
    IMPLICIT = "implicit differentiation"
    SUBSTITUTION = "substitution"
    NAMES = "names"
    SIMPLIFICATION = "simplification"
    INDEX = "substitution of an index"
    NUMBERS = "substitution of numbers"
    PARTIAL = "general partial"


def derivative_of(name: str) -> str:
    """The name of the rule that is a function's derivative."""
    return f"derivative of {name}"


@dataclass(frozen=True, slots=True)
class Step:
    """``applied_to`` became ``result`` by ``rule``; ``children`` are the steps that this rests on, in order.

    ``number`` counts the steps that others refer to; a step with a ``reference`` stands for the one of that number,
    which has been shown already, and has no children.
    """

    rule: str
    applied_to: sp.Basic
    result: sp.Basic
    children: tuple[Step, ...] = ()
    reference: int | None = None
    number: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The tree as plain data: ``rule``, ``applied_to``, ``result``, then ``number``, ``reference`` and ``steps``
        where there are any.
        """
        found: dict[str, Any] = {
            "rule": str(self.rule),
            "applied_to": str(self.applied_to),
            "result": str(self.result),
        }
        if self.number is not None:
            found["number"] = self.number
        if self.reference is not None:
            found["reference"] = self.reference
        if self.children:
            found["steps"] = [child.as_json() for child in self.children]
        return found

    def walk(self) -> Iterator[Step]:
        """The step and all below it, from the outside in."""
        yield self
        for child in self.children:
            yield from child.walk()

    def mapped(self, change: Callable[[sp.Basic], sp.Basic]) -> Step:
        """The same tree with every expression changed."""
        children = tuple(child.mapped(change) for child in self.children)
        return replace(self, applied_to=change(self.applied_to), result=change(self.result), children=children)
