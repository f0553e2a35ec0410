"""The gradient in matrix form, below its formula for a general element."""

from __future__ import annotations

from symdiff.pages.blocks import Block, CodeSpan, Derivation, Row
from symdiff.pages.teller import Teller
from symdiff.viewing.view import GradientView

__all__ = ["matrix_form"]


def matrix_form(gradients: tuple[GradientView, ...], teller: Teller) -> list[Block]:
    """A sentence, a row for each name in the forms, and the gradients; nothing where there is no matrix form."""
    found = [each.matrix for each in gradients if each.matrix is not None]
    if not found:
        return []
    shares = dict.fromkeys(name for each in found for name in each.shares)
    names = teller.words.listed([CodeSpan(name) for name in shares])
    rows = Derivation(tuple(Row(parts) for each in found for parts in each.rows))
    return [teller.paragraph("matrix.shares", names=names) if shares else teller.paragraph("matrix"), rows]
