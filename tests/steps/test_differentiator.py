"""The rules for scalar formulas: sympy's derivative comes out, and every step on the way holds by itself."""

from __future__ import annotations

import pytest
import sympy as sp

from autodiff.declare.op import TABLE, Op
from symdiff.meaning.formula import NotAFormula, pieces_of
from symdiff.meaning.rule_steps import PartialDerivative, Rule, Step
from symdiff.meaning.scalar_rules import differentiate
from symdiff.meaning.terms import partial, slot

S, T = slot(0), slot(1)
OTHERWISE_WRITTEN = {
    "cbrt": "sympy leaves a third of (-s)**(1/3)/s, which is 0/0 at 0",
    "gelu_tanh": "sympy multiplies a number into a bracket",
    "dgelu": "sympy multiplies a number into a bracket",
}


def formulas() -> dict[str, list[tuple[sp.Expr, int]]]:
    """The pieces of every operation's formula with the number of its slots."""
    found: dict[str, list[tuple[sp.Expr, int]]] = {}
    for name, op in TABLE.items():
        if not isinstance(op, Op) or not isinstance(op.meaning, str):
            continue
        for sample in op.samples:
            slots = len(sample.operands)
            names = tuple(op.binding.operand_name(place) for place in range(slots))
            try:
                pieces = pieces_of(op.meaning, names, tuple(sample.params.items()))
            except NotAFormula:
                continue  # a mask, or parameters that the builder fills in
            found.setdefault(name, []).extend((piece.expression, slots) for piece in pieces)
    return found


FORMULAS = formulas()


@pytest.mark.parametrize("name", FORMULAS)
def test_the_rules_give_what_sympy_gives(name: str) -> None:
    for formula, slots in dict.fromkeys(FORMULAS[name]):
        for number in range(slots):
            steps = {step: sp.Dummy(real=True) for step in formula.atoms(sp.floor, sp.ceiling)}
            wanted = sp.diff(formula.xreplace(steps), slot(number)).xreplace({d: step for step, d in steps.items()})
            got = partial(formula, number)
            if name in OTHERWISE_WRITTEN:
                assert sp.simplify(got - wanted) == 0
            elif any(not power.exp.is_number for power in wanted.atoms(sp.Pow)):
                assert got == sp.powsimp(wanted, combine="exp")
            else:
                assert got == wanted


@pytest.mark.parametrize("name", FORMULAS)
def test_every_step_holds_by_itself(name: str) -> None:
    for formula, slots in dict.fromkeys(FORMULAS[name]):
        for number in range(slots):
            for step in differentiate(formula, slot(number)).walk():
                assert_holds(step)


def assert_holds(step: Step) -> None:
    """The step's result is the derivative of what it was applied to, by numbers where the forms differ."""
    assert isinstance(step.applied_to, PartialDerivative)
    of, by = step.applied_to.args
    inner = sp.Dummy(real=True)
    plain = of.xreplace({by: inner})
    if plain.atoms(sp.floor, sp.ceiling, sp.sign):
        return  # sympy has no derivative of a jump
    wanted = sp.diff(plain, inner).xreplace({inner: by})
    if wanted == step.result or wanted.has(sp.Derivative, sp.Subs, sp.meijerg):
        return
    symbols = sorted((wanted - step.result).free_symbols, key=str)
    point = {symbol: sp.Rational(3 + 2 * k, 7) for k, symbol in enumerate(symbols)}
    distance = sp.N((wanted - step.result).xreplace(point), 30)
    assert abs(distance) < 1e-20, (step, wanted)


def rules(formula: sp.Expr) -> list[str]:
    return [str(step.rule) for step in differentiate(formula, S).walk()]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (sp.Integer(3), ["constant"]),
        (T, ["constant"]),
        (S, ["variable"]),
        (S**3, ["power"]),
        (2 * S, ["constant factor", "variable"]),
        (S * T, ["constant factor", "variable"]),
        (S / T, ["constant factor", "variable"]),
        (T / S, ["constant factor", "power"]),
        (S * sp.exp(S), ["product", "variable", "derivative of exp"]),
        (sp.sin(S) / S, ["quotient", "derivative of sin", "variable"]),
        (sp.tanh(2 * S), ["chain rule", "derivative of tanh", "constant factor", "variable"]),
        (sp.log(1 + sp.exp(S)), ["chain rule", "derivative of log", "sum", "constant", "derivative of exp"]),
        (2**S, ["exponential"]),
        (S**S, ["power with a variable exponent", "variable", "variable"]),
        (sp.floor(S), ["constant between jumps"]),
        (sp.atan2(S, T), ["derivative of atan2"]),
        (
            sp.atan2(S, S**2),
            ["chain rule", "derivative of atan2", "variable", "derivative of atan2", "power"],
        ),
    ],
)
def test_rules_by_name(formula: sp.Expr, expected: list[str]) -> None:
    # sympy orders the terms of a sum in its own way
    assert sorted(rules(formula)) == sorted(expected)


def test_the_quotient_keeps_both_of_its_terms() -> None:
    assert differentiate(sp.exp(S) / (1 + sp.exp(S)), S).result == sp.diff(sp.exp(S) / (1 + sp.exp(S)), S)


def test_a_step_as_data() -> None:
    step = differentiate(S * sp.exp(S), S)
    assert step.rule is Rule.PRODUCT
    assert step.as_json() == {
        "rule": "product",
        "applied_to": "d(s0*exp(s0))/d(s0)",
        "result": "s0*exp(s0) + exp(s0)",
        "steps": [
            {"rule": "variable", "applied_to": "d(s0)/d(s0)", "result": "1"},
            {"rule": "derivative of exp", "applied_to": "d(exp(s0))/d(s0)", "result": "exp(s0)"},
        ],
    }


def test_a_step_is_said_in_other_names() -> None:
    x = sp.Indexed(sp.IndexedBase("x", real=True), sp.Symbol("k", integer=True, positive=True))
    said = differentiate(S**2, S).mapped(lambda e: e.xreplace({S: x}))
    assert str(said.applied_to) == "d(x[k]**2)/d(x[k])"
    assert said.result == 2 * x
