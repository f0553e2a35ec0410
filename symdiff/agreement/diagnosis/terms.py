"""What may be wrong with the closed form: a term is missing or has the wrong sign, a factor is missing or too many."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import sympy as sp

from symdiff.agreement.diagnosis.factors import Factor, factors_near
from symdiff.agreement.diagnosis.hypotheses import Hypothesis, Predict, ratio_of, said_of_factor
from symdiff.agreement.diagnosis.observed import Observed
from symdiff.arrays import Array, unravelled
from symdiff.closed_forms.records import General
from symdiff.printing.from_sympy import from_sympy
from symdiff.printing.plain import plain
from symdiff.sentences import Said

__all__ = ["of_long_terms", "of_products", "of_terms"]

SAMPLES = 12
"""At so many elements of an input a formula is looked at."""

SHORT = 30
"""A term of so many letters is said before the step that it comes back through."""

LONGEST = 400
"""Up to so many operations a formula is multiplied out."""


def of_terms(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """One short term of the closed form is left out, or has the wrong sign."""
    for said, term, factor in _off_terms(name, observed):
        if (factor is None or factor.kind == "sign") and len(_written(term)) <= SHORT:
            yield Hypothesis(said, _plus(name, term, factor))


def of_long_terms(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """One term of the closed form is left out, or off by a factor."""
    for said, term, factor in _off_terms(name, observed):
        yield Hypothesis(said, _plus(name, term, factor))


def of_products(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """Some factors of the closed form are left out, or stand there once too often."""
    general = _general(name, observed)
    for part in [] if general is None else _factors(general.expression):
        values: dict[str, str | Said] = {"name": name, "term": _written(part)}
        yield Hypothesis(Said("diagnosis.missing_factor", values), _product(name, part, -1))
        yield Hypothesis(Said("diagnosis.extra_factor", values), _product(name, part, 1))


def _general(name: str, observed: Observed) -> General | None:
    general = observed.forms.general.get(name)
    if general is None or general.beyond is not None or general.expression.count_ops() > LONGEST:
        return None
    return general


def _off_terms(name: str, observed: Observed) -> Iterator[tuple[Said, sp.Expr, Factor | None]]:
    """By term the factors that it may be off by; None where it is missing."""
    general = _general(name, observed)
    got, want = observed.got(name), observed.want(name)
    for term in [] if general is None else _terms(general.expression):
        part = _values(name, term)(observed)
        if part is None or not np.nan_to_num(part).any():
            continue
        missing = ratio_of(got - want, np.nan_to_num(part))
        if missing is None or not np.isfinite(missing):
            continue
        values: dict[str, str | Said] = {"name": name, "term": _written(term)}
        if abs(1.0 + missing) < 2.0**-20:
            yield Said("diagnosis.term.missing", values), term, None
            continue
        for factor in factors_near(1.0 + missing, observed.sizes, observed.unit):
            yield said_of_factor("diagnosis.term", values, factor, observed), term, factor


def _terms(expression: sp.Expr) -> list[sp.Expr]:
    """The terms of a formula multiplied out: of its outermost brackets, and of all."""
    found: list[sp.Expr] = []
    for expanded in (sp.expand_mul(expression, deep=False), sp.expand_mul(expression)):
        found += [each for each in sp.Add.make_args(expanded) if each not in found]
    return found if len(found) > 1 else []


def _factors(expression: sp.Expr) -> list[sp.Expr]:
    """Factors, and products of some, that are no plain number."""
    parts = sp.Mul.make_args(expression)[:6]
    products = [sp.Mul(*some) for count in (1, 2, 3) for some in combinations(parts, count)]
    return [each for each in dict.fromkeys(products) if not each.is_number]


def _written(formula: sp.Expr) -> str:
    return plain(from_sympy(formula))


def _sampled(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    count = int(np.prod(shape, dtype=np.int64))
    flat = range(count) if count <= SAMPLES else np.linspace(0, count - 1, SAMPLES).astype(int)
    return [unravelled(int(each), shape) for each in flat]


def _values(name: str, formula: sp.Expr) -> Predict:
    """The values of a formula at some elements, nan at all others."""

    def predict(at: Observed) -> Array | None:
        if (name, formula) not in at.terms:
            at.terms[name, formula] = evaluated(at)
        return at.terms[name, formula]

    def evaluated(at: Observed) -> Array | None:
        general: General | None = at.forms.general.get(name)
        shape = at.want(name).shape
        if general is None or general.beyond is not None:
            return None
        axes = [k for k, length in enumerate(shape) if length != 1]
        if len(axes) != len(general.indices):
            return None
        found = np.full(shape, np.nan)
        try:
            for index in _sampled(shape):
                letters = {letter: index[k] + 1 for letter, k in zip(general.indices, axes, strict=True)}
                found[index] = at.point.once(formula, letters, general.definitions)
        except (ArithmeticError, KeyError, StopIteration, TypeError, ValueError, IndexError):
            return None  # a part of a formula may have no value where the whole has one
        return found

    return predict


def _plus(name: str, term: sp.Expr, factor: Factor | None) -> Predict:
    def predict(at: Observed) -> Array | None:
        part = _values(name, term)(at)
        scale = 0.0 if factor is None else factor.value(at.sizes)
        return None if part is None else at.want(name) + (scale - 1.0) * part

    return predict


def _product(name: str, part: sp.Expr, power: int) -> Predict:
    def predict(at: Observed) -> Array | None:
        values = _values(name, part)(at)
        if values is None or (power < 0 and (values == 0).any()):
            return None
        predicted: Array = at.want(name) * values**power
        return predicted

    return predict
