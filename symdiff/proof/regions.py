"""Two lists of pieces compared region by region: where every comparison between letters has one outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import sympy as sp
from sympy.core.relational import Relational

from symdiff.proof.feasible import contradictory
from symdiff.proof.pieces import Piece, relations
from symdiff.proof.vanishing import vanishes

MOST_BORDERS = 7

Signs = Mapping[sp.Expr, int]


@dataclass(frozen=True, slots=True)
class Region:
    """Where each difference has the sign that is given: 1, -1, or 0 on a border; ``got`` and ``wanted`` hold there."""

    signs: Signs
    got: sp.Expr
    wanted: sp.Expr

    @property
    def conditions(self) -> tuple[str, ...]:
        """The region in comparisons."""
        return tuple(bordered(difference, sign) for difference, sign in self.signs.items())

    @property
    def empty(self) -> bool:
        """Whether no point can lie in it."""
        known = _solved([difference for difference, sign in self.signs.items() if not sign])
        return contradictory([(d * sign).xreplace(known) for d, sign in self.signs.items() if sign])


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is left open of two lists of pieces: whole regions, and borders between them, where they differ."""

    open: tuple[Region, ...]
    borders: tuple[sp.Expr, ...]


_SIGNED = {1: ">", -1: "<", 0: "="}


def bordered(difference: sp.Expr, sign: int) -> str:
    """``x > 64`` for ``x - 64`` above 0."""
    constant, rest = difference.as_coeff_Add()
    positive = [term for term in sp.Add.make_args(rest) if not term.could_extract_minus_sign()]
    left, right = sp.Add(*positive), sp.Add(*positive) - rest - constant
    return f"{sp.sstr(left)} {_SIGNED[sign]} {sp.sstr(right)}"


class Undecided(ValueError):
    """The regions of two lists of pieces cannot be told apart."""


def compared(
    got: Sequence[Piece], wanted: Sequence[Piece], domain: Iterable[sp.Basic], masks: Iterable[sp.Symbol] = ()
) -> Comparison:
    """Compare in every region and on every border; of ``masks``, which are 0 or 1, 0 is no border.

    Raises:
        Undecided: there are too many regions, or a condition is no comparison.
    """
    asked = {relation: _difference(relation) for relation in relations((*got, *wanted))}
    differences = sorted({difference for difference, _ in asked.values()}, key=str)
    if len(differences) > MOST_BORDERS:
        raise Undecided(f"{len(differences)} comparisons make too many regions")
    allowed = _allowed(domain)
    allowed |= {mask: {1} for mask in masks}
    choices = [[0, 1] if d in masks else sorted(allowed.get(d, {-1, 1}) - {0}) for d in differences]
    regions = [_region(dict(zip(differences, signs, strict=True)), asked, got, wanted) for signs in product(*choices)]
    left = tuple(region for region in regions if not vanishes(region.got - region.wanted) and not region.empty)
    if left:
        return Comparison(left, ())
    borders = tuple(
        d
        for d in differences
        if 0 in allowed.get(d, {0}) and not _holds_on(d, differences, choices, asked, got, wanted)
    )
    return Comparison(left, borders)


def _holds_on(
    border: sp.Expr,
    differences: Sequence[sp.Expr],
    choices: Sequence[Sequence[int]],
    asked: Mapping[Relational, tuple[sp.Expr, int]],
    got: Sequence[Piece],
    wanted: Sequence[Piece],
) -> bool:
    """Whether both agree on one border too, off the others."""
    there = [[0] if d is border else signs for d, signs in zip(differences, choices, strict=True)]
    for signs in product(*there):
        region = _region(dict(zip(differences, signs, strict=True)), asked, got, wanted)
        difference = (region.got - region.wanted).xreplace(_solved([border]))
        if (difference.has(sp.zoo, sp.nan, sp.oo) or not vanishes(difference)) and not region.empty:
            return False
    return True


def _solved(borders: Sequence[sp.Expr]) -> dict[sp.Expr, sp.Expr]:
    """A letter for each border that can be solved for one, with its value there."""
    for border in borders:
        for letter in sorted(border.free_symbols, key=str):
            slope = border.diff(letter)
            if slope in (1, -1):
                return {letter: sp.expand(letter - border * slope)}
    return {}


def _region(
    signs: dict[sp.Expr, int],
    asked: Mapping[Relational, tuple[sp.Expr, int]],
    got: Sequence[Piece],
    wanted: Sequence[Piece],
) -> Region:
    truth = {relation: _true(relation, signs[d] * turned) for relation, (d, turned) in asked.items()}
    return Region(signs, _chosen(got, truth), _chosen(wanted, truth))


def _chosen(pieces: Sequence[Piece], truth: Mapping[Relational, sp.Basic]) -> sp.Expr:
    return sp.Add(*(expression for condition, expression in pieces if _holds(condition, truth)))


def _holds(condition: sp.Basic, truth: Mapping[Relational, sp.Basic]) -> bool:
    outcome = condition.xreplace(dict(truth))
    if outcome not in (sp.true, sp.false):
        raise Undecided(f"whether {outcome} holds is not known")
    return bool(outcome == sp.true)


def _true(relation: Relational, sign: int) -> sp.Basic:
    return sp.true if _OUTCOMES[relation.rel_op](sign) else sp.false


_OUTCOMES = {
    "<": lambda s: s < 0, "<=": lambda s: s <= 0, ">": lambda s: s > 0, ">=": lambda s: s >= 0,
    "==": lambda s: s == 0, "!=": lambda s: s != 0,
}  # fmt: skip


def _difference(relation: Relational) -> tuple[sp.Expr, int]:
    """``left - right`` with one sign for both directions, and which direction this is."""
    difference = sp.expand(relation.lhs - relation.rhs).primitive()[1]
    return (-difference, -1) if difference.could_extract_minus_sign() else (difference, 1)


def _allowed(domain: Iterable[sp.Basic]) -> dict[sp.Expr, set[int]]:
    """The signs that the domain leaves to a difference."""
    found: dict[sp.Expr, set[int]] = {}
    for relation in domain:
        if isinstance(relation, Relational):
            difference, turned = _difference(relation)
            signs = {sign for sign in (-1, 0, 1) if _OUTCOMES[relation.rel_op](sign * turned)}
            found[difference] = found.get(difference, {-1, 0, 1}) & signs
    return found
