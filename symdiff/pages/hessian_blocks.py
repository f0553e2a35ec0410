"""Second derivatives as blocks of a document."""

from __future__ import annotations

from symdiff.pages.blocks import Block, CodeSpan, Derivation, Display, Heading, Paragraph, Row
from symdiff.pages.locale import Locale
from symdiff.printing.numbers import number
from symdiff.printing.plain import plain
from symdiff.printing.tree import Add, Chain, Fraction, Math, Matrix, Negative, Number, Partial, Symbol, Text, Times
from symdiff.printing.widths import width_of
from symdiff.sentences import Said
from symdiff.viewing.view import HessianView, MathRow, View

__all__ = ["hessian_blocks"]

DIGITS = 5
"""A number of so many digits has been rounded."""

FAR = 4096
"""Up to so many ulps a second derivative in floats is the same: two walks back leave three or four digits behind."""

LONGEST = 60
"""The width of a line, in letters of the plain printer."""


def hessian_blocks(view: View, words: Locale) -> list[Block]:
    """The section of second derivatives: the formulas of all pairs of inputs, the entries of the small ones."""
    hessians = view.hessians
    if not (hessians or view.without_hessian):
        return []
    blocks: list[Block] = [Heading(2, words.say("hessian"), "hessian")]
    if hessians:
        name = view.result.name if isinstance(view.result, Symbol) else "y"
        blocks += [Paragraph(words.say("hessian.words")), *_formulas(hessians, words)]
        blocks += [*_entries(hessians, Symbol(name), words), *_agreement(hessians, words)]
    return [*blocks, *(_missing(*each, words) for each in view.without_hessian)]


def _missing(first: str, second: str, why: Said, words: Locale) -> Block:
    names = {"first": CodeSpan(first), "second": CodeSpan(second)}
    return Paragraph(words.say("hessian.missing", why=words.told(why), **names))


def _formulas(hessians: tuple[HessianView, ...], words: Locale) -> list[Block]:
    """The formulas of all pairs, then what their names mean, once."""
    blocks: list[Block] = []
    short: list[Row] = []
    for each in hessians:
        long = _broken(each.general)
        if long is None:
            short.append(Row(each.general))
        else:
            blocks.append(long)
    if short:
        blocks.insert(0, Derivation(tuple(short)))
    named = {row[0]: row for each in hessians for row in each.definitions}
    if named:
        blocks += [Paragraph(words.say("where")), Derivation(tuple(map(Row, named.values())))]
    return blocks


def _entries(hessians: tuple[HessianView, ...], result: Symbol, words: Locale) -> list[Block]:
    """The tables of the pairs whose entries are few and not all 0."""
    tables: list[Block] = []
    rounded = False
    for each in hessians:
        if each.numbers is None or _is_zero(each.numbers):
            continue
        by = (Symbol(each.first), Symbol(each.second))
        whole = Partial(result, by[0], 2) if each.first == each.second else Partial(result, by, 2)
        shown = (each.formulas,) if each.formulas is not None and each.formulas != each.numbers else ()
        tables.append(Display(Chain((whole, *shown, each.numbers))))
        rounded = rounded or not _few_digits(each.numbers)
    if not tables:
        return []
    return [Paragraph(words.say("hessian.rounded" if rounded else "hessian.all")), *tables]


def _is_zero(numbers: Matrix) -> bool:
    return all(entry == Number("0") for row in numbers.rows for entry in row)


def _broken(row: MathRow) -> Derivation | None:
    """A long sum on several lines, what divides or multiplies all of it on the other side; None if it fits one."""
    found = _factor_and_terms(row[1]) if len(row) == 2 else None
    if found is None or width_of(plain(row[1])) <= LONGEST:
        return None
    factor, terms = found
    left = row[0] if factor is None else Times((factor, row[0]))
    rows, chunk = [], [terms[0]]
    for term in terms[1:]:
        if width_of(plain(Add((*chunk, term)))) > LONGEST:
            rows.append(chunk)
            chunk = []
        chunk.append(term)
    rows.append(chunk)
    first, *rest = rows
    return Derivation((Row((left, Add(tuple(first)))), *map(_continued, rest)))


def _continued(terms: list[Math]) -> Row:
    first, *rest = terms
    negative = isinstance(first, Negative)
    body = Add((first.body if isinstance(first, Negative) else first, *rest))
    return Row((Text(""), body), relation="−" if negative else "+")


def _factor_and_terms(formula: Math) -> tuple[Math | None, tuple[Math, ...]] | None:
    """``(f, terms)`` where a formula is the sum of the terms divided by f; None where it is no such sum."""
    over, under = (formula.over, formula.under) if isinstance(formula, Fraction) else (formula, None)
    factors = over.factors if isinstance(over, Times) else (over,)
    sums = [factor for factor in factors if isinstance(factor, Add)]
    if len(sums) != 1:
        return None
    others = tuple(factor for factor in factors if factor is not sums[0])
    if not others:
        return under, sums[0].terms
    front = others[0] if len(others) == 1 else Times(others)
    return Fraction(Number("1") if under is None else under, front), sums[0].terms


def _agreement(hessians: tuple[HessianView, ...], words: Locale) -> list[Block]:
    errors = [
        each.error_ulps for each in hessians if each.error_ulps is not None and each.error_ulps == each.error_ulps
    ]
    if not errors:
        return []
    worst = max(errors)
    key = "hessian.exact" if worst == 0 else "hessian.near" if worst <= FAR else "hessian.far"
    return [Paragraph(words.say(key, ulps=number(float(f"{worst:.3g}"))))]


def _few_digits(numbers: Matrix | None) -> bool:
    """Whether no number shows all the digits that an entry may have."""
    entries = [] if numbers is None else [entry for row in numbers.rows for entry in row]
    return all(len(plain(entry).strip("−0.").replace(".", "")) < DIGITS for entry in entries)
