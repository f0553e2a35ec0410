"""How atoms are made anew when what stands inside of them was rewritten: by what made them in the first place."""

from __future__ import annotations

from symdiff.algebra.atoms import (
    Bracket,
    Condition,
    Constant,
    Delta,
    Either,
    Element,
    Exponential,
    Function,
    Number,
    Power,
    Product,
    Size,
    Sum,
)
from symdiff.algebra.conditions import compared, either
from symdiff.algebra.forms import Atom, Form, Variable
from symdiff.algebra.rewrite import REBUILT, Rewriter
from symdiff.algebra.sums import delta, multiplied, opened, reopened, summed


def _same(atom: Atom, again: Rewriter) -> Form:
    return again.algebra.of(atom)


def _element(atom: Element, again: Rewriter) -> Form:
    return again.algebra.make(Element, atom.role, atom.source, tuple(again(i) for i in atom.index))


def _function(atom: Function, again: Rewriter) -> Form:
    arguments = [again(a) for a in atom.arguments]
    if atom.name == "log":
        return again.algebra.logarithm(arguments[0])
    return again.algebra.function(atom.name, *arguments)


def _bracket(atom: Bracket, again: Rewriter) -> Form:
    inside = again(atom.inside)
    return again.algebra.bracket(inside, 1) if len(inside.terms) > 1 else inside


def _sum(atom: Sum, again: Rewriter) -> Form:
    algebra = again.algebra
    if again.indices_only and len(atom.variables) == 1:
        # the bound variable's name is its depth, which other indices do not change
        found = again(atom.body).single
        if found is not None and all(atom.variables[0] in factor.free for factor, _ in found[0].powers):
            return algebra.make(Sum, atom.variables, found[0]).scaled(found[1])
    fresh, body = opened(atom)
    return summed(algebra, fresh, again(body))


def _product(atom: Product, again: Rewriter) -> Form:
    fresh, body = reopened(atom, again(atom.variable.size))
    return multiplied(again.algebra, fresh, again(body))


REBUILT.update(
    {
        Variable: _same,
        Size: _same,
        Constant: _same,
        Number: _same,
        Element: _element,
        Function: _function,
        Exponential: lambda atom, again: again.algebra.exponential(again(atom.exponent)),
        Power: lambda atom, again: again.algebra.power_of(again(atom.base), again(atom.exponent)),
        Bracket: _bracket,
        Sum: _sum,
        Product: _product,
        Delta: lambda atom, again: delta(again.algebra, again(atom.difference)),
        Condition: lambda atom, again: compared(again.algebra, atom.sign, again(atom.difference), atom.whole),
        Either: lambda atom, again: either(again.algebra, [again(choice) for choice in atom.choices]),
    }
)
