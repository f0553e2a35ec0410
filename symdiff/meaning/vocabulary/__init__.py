"""The words in which an operation on whole arrays declares its meaning.

A ``Structure(function)`` in an operation's block is called ``function(m, *operands, **params)`` with ``m`` a
Vocabulary. It returns what one of the methods below returns: a Declared result. The operands are ``Operand`` handles
with ``.sizes``, ``.shape`` and ``.ndim``.

===================  ==============================================================================================
``m.reduce``         a sum, mean or product over axes: ``m.reduce(x, axis, keepdims, "x / count")``
``m.pick``           the extreme element over axes, ``kind`` "max" or "min"
``m.matmul``         NumPy's matrix product;  ``m.dot``,  ``m.outer``  likewise
``m.einsum``         a contraction, ``m.einsum("...ik,...kj->...ij", a, b)``; axes of length 1 broadcast
``m.transpose``      axes in another order
``m.broadcast``      stretched to a shape
``m.reshape``        the same elements under another shape, -1 allowed
``m.getitem``        NumPy's indexing: basic, integer and boolean arrays
``m.concatenate``    arrays joined along an axis;  ``m.stack``  along a new axis
``m.flip``           reversed along axes;  ``m.pad_constant``  zeros around
``m.gather``         ``y.flat[i] = x.flat[positions[i]]``, an opaque map (``roll``, ``take_along_axis``)
``m.running``        the sum (or product) of all elements up to each, along an axis
``m.scatter``        ``y[table[i]] += x[i]``, the way back of an opaque map
``m.order``          sorted along an axis;  ``m.implicit``  defined by an equation;  ``m.decided``  piecewise constant
``m.formula``        a formula of the general element, for static parameters that shape it
``m.program``        a program of other operations, for shapes and static parameters that choose it
``m.relation``       the general form: ``m.relation(sizes, m.term(out, reads, formula, box), ...)``
===================  ==============================================================================================

In ``m.term(out, reads, formula, box)``: ``box`` is the list of sizes that ``m.variables(n)`` numbers, ``out`` and the
positions in ``reads`` are built from those variables with ``+ - *`` and whole numbers, ``reads`` is a list of
``(operand, positions)``, and ``formula`` a text in ``s0, s1, ...``.
"""

from __future__ import annotations

from symdiff.meaning.vocabulary.axes import count_size
from symdiff.meaning.vocabulary.contractions import Contractions
from symdiff.meaning.vocabulary.declared import Declared, Operand, Stated
from symdiff.meaning.vocabulary.moves import Moves
from symdiff.meaning.vocabulary.reductions import Reductions

__all__ = ["Declared", "Operand", "Stated", "Vocabulary", "count_size"]


class Vocabulary(Contractions, Moves, Reductions):
    """The methods listed in this module's docstring."""
