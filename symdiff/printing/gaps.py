"""What stands between two factors that are written side by side."""

from __future__ import annotations

from enum import Enum

from symdiff.printing.names import glyph
from symdiff.printing.tree import (
    Absolute,
    Bracket,
    Call,
    Constant,
    Fraction,
    InverseTranspose,
    Math,
    Norm,
    Number,
    Partial,
    Power,
    Product,
    Root,
    Subscript,
    Sum,
    Symbol,
    Times,
    Transpose,
)

__all__ = ["Gap", "gap"]


class Gap(Enum):
    """What stands between two factors that are written side by side."""

    NONE = "none"
    THIN = "thin"
    FUNCTION = "function"
    BIG = "big"
    DOT = "dot"


def gap(left: Math, right: Math) -> Gap:
    """Nothing between letters, a thin space where one would run into the other, a dot between digits.

    Functions and big operators bring the space before them along where the typesetter knows them for what they are.
    """
    if _begins_with_digit(right) or (isinstance(right, Fraction) and isinstance(left, (Number, Fraction))):
        return Gap.DOT
    if isinstance(right, (Sum, Product)):
        return Gap.BIG
    if _is_call(right):
        return Gap.FUNCTION
    if isinstance(left, Number) and not _is_word(right):
        return Gap.THIN if isinstance(right, Partial) else Gap.NONE
    if isinstance(left, (Symbol, Subscript)) and isinstance(right, Bracket):
        return Gap.THIN  # or it would read as a function of what stands in the brackets
    wide = (Absolute, Fraction, Norm, Partial, Root)
    apart = isinstance(left, wide) or isinstance(right, wide) or _is_word(right)
    return Gap.THIN if apart or _is_call(left) or _is_word(left) else Gap.NONE


def _is_call(node: Math) -> bool:
    return isinstance(node, Call) or (isinstance(node, Power) and isinstance(node.base, Call))


def _begins_with_digit(node: Math) -> bool:
    match node:
        case Number():
            return True
        case Power(base=base):
            return _begins_with_digit(base)
        case Times(factors=factors):
            return bool(factors) and _begins_with_digit(factors[0])
        case _:
            return False


def _is_word(node: Math) -> bool:
    match node:
        case Symbol(name=name):
            return glyph(name).is_word
        case Power(base=base):
            return _is_word(base) or isinstance(base, Constant)
        case Transpose(body=body) | InverseTranspose(body=body):
            return _is_word(body)
        case _:
            return False
