"""The gradient in matrix form, below its formula for a general element."""

from __future__ import annotations

from symdiff.pages.blocks import Block, CodeSpan, Derivation, Row
from symdiff.pages.teller import Teller
from symdiff.viewing.view import GradientView

__all__ = ["matrix_form"]


def matrix_form(gradient: GradientView, teller: Teller) -> list[Block]:
    """A sentence, a row for each name in the form, and the gradient; nothing where there is no matrix form."""
    found = gradient.matrix
    if found is None:
        return []
    said = "matrix.shares" if found.shares else "matrix"
    names = teller.words.listed([CodeSpan(name) for name in found.shares])
    rows = Derivation(tuple(Row(parts) for parts in found.rows))
    return [teller.paragraph(said, names=names) if found.shares else teller.paragraph(said), rows]
