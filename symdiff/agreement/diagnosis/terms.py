"""What may be wrong with the closed form: a term that is missing or has the wrong sign, a factor too many or too few."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from symdiff.agreement.diagnosis.factors import factors_near
from symdiff.agreement.diagnosis.hypotheses import Hypothesis, Predict, ratio_of, said_of_factor
from symdiff.agreement.diagnosis.observed import Observed
from symdiff.arrays import Array
from symdiff.at_point import Point
from symdiff.closed_forms.records import General
from symdiff.printing.from_sympy import from_sympy
from symdiff.printing.plain import plain
from symdiff.sentences import Said

__all__ = ["of_terms"]

SAMPLES = 12
"""At so many elements of an input a formula is looked at."""

LONGEST = 400
"""Up to so many operations a formula is multiplied out."""


def of_terms(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """One term, or one factor, of the closed form is left out, has the wrong sign, or is too much."""
    general = observed.forms.general.get(name)
    if general is None or general.beyond is not None or general.expression.count_ops() > LONGEST:
        return
    got, want = observed.got(name), observed.want(name)
    for term in _terms(general.expression):
        part = _values(name, term)(observed)
        if part is None or not np.nan_to_num(part).any():
            continue
        missing = ratio_of(got - want, np.nan_to_num(part))
        if missing is None or not np.isfinite(missing):
            continue
        scale = 1.0 + missing
        values: dict[str, str | Said] = {"name": name, "term": _written(term)}
        if abs(scale) < 2.0**-20:
            yield Hypothesis(Said("diagnosis.term.missing", values), _plus(name, term, -1.0))
            continue
        for factor in factors_near(scale, observed.sizes, observed.unit):
            said = said_of_factor("diagnosis.term", values, factor, observed)
            yield Hypothesis(said, _plus(name, term, factor.value(observed.sizes) - 1.0))
    for part in _factors(general.expression):
        values = {"name": name, "term": _written(part)}
        yield Hypothesis(Said("diagnosis.missing_factor", values), _product(name, part, -1))
        yield Hypothesis(Said("diagnosis.extra_factor", values), _product(name, part, 1))


def _terms(expression: sp.Expr) -> list[sp.Expr]:
    """The terms of a formula multiplied out: of its outermost brackets, and of all."""
    found: list[sp.Expr] = []
    for expanded in (sp.expand_mul(expression, deep=False), sp.expand_mul(expression)):
        found += [each for each in sp.Add.make_args(expanded) if each not in found]
    return found if len(found) > 1 else []


def _factors(expression: sp.Expr) -> list[sp.Expr]:
    """Factors that differ from element to element, or are no plain number."""
    return [each for each in sp.Mul.make_args(expression) if not each.is_number][:12]


def _written(formula: sp.Expr) -> str:
    return plain(from_sympy(formula))


def _sampled(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    count = int(np.prod(shape, dtype=np.int64))
    flat = range(count) if count <= SAMPLES else np.linspace(0, count - 1, SAMPLES).astype(int)
    return [tuple(int(k) for k in np.unravel_index(int(each), shape)) for each in flat]


def _values(name: str, formula: sp.Expr) -> Predict:
    """The values of a formula at some elements, nan at all others."""

    def predict(at: Observed) -> Array | None:
        general: General | None = at.forms.general.get(name)
        shape = at.want(name).shape
        if general is None or general.beyond is not None:
            return None
        axes = [k for k, length in enumerate(shape) if length != 1]
        if len(axes) != len(general.indices):
            return None
        found, point = np.full(shape, np.nan), Point(at.forms)
        try:
            for index in _sampled(shape):
                letters = {letter: index[k] + 1 for letter, k in zip(general.indices, axes, strict=True)}
                found[index] = point.once(formula, letters, general.definitions)
        except (ArithmeticError, KeyError, StopIteration, TypeError, ValueError, IndexError):
            return None  # a part of a formula may have no value where the whole has one
        return found

    return predict


def _plus(name: str, term: sp.Expr, factor: float) -> Predict:
    def predict(at: Observed) -> Array | None:
        part = _values(name, term)(at)
        return None if part is None else at.want(name) + factor * part

    return predict


def _product(name: str, part: sp.Expr, power: int) -> Predict:
    def predict(at: Observed) -> Array | None:
        values = _values(name, part)(at)
        if values is None or (power < 0 and (values == 0).any()):
            return None
        return at.want(name) * values**power

    return predict
