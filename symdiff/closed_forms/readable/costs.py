"""The numbers of taste: what a reader's effort costs, in signs, and how much of it a page may ask for.

A sign is what a form counts in its ``cost``: a name, an index, a number, an operation. Effort is counted in objects
that the algebra was asked for (``Algebra.asked``), never in seconds, so that the same program gives the same page on
every machine. Each number stands with the example that it was tuned on; ``tests/symbolic/test_costs.py`` holds it to
that.
"""

from __future__ import annotations

# --- which names a formula keeps --------------------------------------------------------------------------------------

SHORT = 15
"""A formula of at most this many signs is written in the inputs alone: ``2*(x[k] - Sum(x[i])/n)/n`` of
``mean((x - mean(x))**2)``, where mu would have to be looked up.
"""
NAME = 4
"""What it costs a reader to look up one more name, in signs; a name of the author's own, and the
result's, costs nothing: ``sum(log(x*x + 1)**2)`` is written without a name for ``log``.
"""
WELCOME = -5
"""What it costs to look up a name that every textbook has: p for the probabilities of ``softmax``."""
TRIVIAL = 5
"""A definition of at most this many signs is shorter than the sentence that would introduce it: ``-x[i]``."""
LONG = 35
"""A formula of more signs than this is tried with named adjoints too: layer normalisation."""
LONGEST = 250
"""Forms beyond this are not written out further: twelve factors ``x + k`` multiplied keep names."""
INLINED = 60
"""An adjoint of at most this many signs is written out where it is used; a longer one keeps its name."""
COUNTED = 80
"""A sum whose terms grow beyond this is not a number in disguise, as ``Sum(x[i] - mu)`` is 0."""

# --- what is attempted ------------------------------------------------------------------------------------------------

LONG_PROGRAM = 100
"""Through more steps than this no closed form is attempted: an LSTM of 10 steps of time has 254, a transformer's block
40. The partials then are written in the steps' own names.
"""
NAMES = 20
"""Nor is one kept whose formula, made as short as it gets, needs more definitions than this."""
EFFORT = 40_000
"""So much is asked of the algebra for the adjoints of one program, and again for its names; attention asks for
3,200 and 3,500. After that adjoints keep their names, and formulas are left as short as they are by then.
"""
FOLDED = 40
"""Of a program of more steps than this, and all of few kinds, a page shows the first of each kind and the last ones."""
FIRST, LAST = 24, 8
"""So many steps at most before the fold, and so many behind it: of the LSTM its first turn, and the last one's end."""
