"""The numbers of taste: what a reader's effort costs, in signs, and how much of it a page may ask for.

A sign is what a form counts in its ``cost``: a name, an index, a number, an operation. Effort is counted in objects
that the algebra was asked for (``Algebra.asked``), never in seconds, so that the same program gives the same page on
every machine. Each number stands with the example that it was tuned on; ``tests/symbolic/test_costs.py`` holds it to
that: with another number the example reads otherwise.
"""

from __future__ import annotations

# --- which names a formula keeps --------------------------------------------------------------------------------------

SHORT = 15
"""A formula of at most this many signs is written in the inputs alone: ``exp(x[k])/Sum(exp(x[i]))`` of logsumexp. The
mean squared error, which has more, keeps ``z`` for ``X @ W``.
"""
NAME = 4
"""What it costs a reader to look up one more name, in signs; a name of the author's own, and the result's, costs
nothing. For less, softmax would name its sum; for more, the logistic loss would repeat ``X @ w``.
"""
WELCOME = -5
"""What it costs to look up a name that every textbook has: p for the probabilities of softmax."""
TRIVIAL = 5
"""A definition of at most this many signs is shorter than the sentence that would introduce it: ``x[i] - mu`` in the
standard deviation, not the residual of the mean squared error.
"""
LONG = 35
"""A formula of more signs than this is tried with named adjoints too: the perceptron's partial by its input reads best
with the adjoint of its hidden layer, its other partials without.
"""
LONGEST = 250
"""Forms beyond this are not written out further; those of attention stay well below."""
INLINED = 60
"""An adjoint of at most this many signs is written out where it is used, as all of layer normalisation's are; a longer
one keeps its name.
"""
COUNTED = 80
"""A sum whose terms grow beyond this is not a number in disguise: ``Sum(h[i])`` of layer normalisation is 0, which its
definition says after some writing out.
"""

# --- what is attempted ------------------------------------------------------------------------------------------------

LONG_PROGRAM = 100
"""Through more steps than this no closed form is attempted: an LSTM of 10 steps of time has 254, attention 12. The
partials then are written in the steps' own names.
"""
NAMES = 20
"""Nor is one kept whose formula, made as short as it gets, needs more definitions than this: that of twelve turns of
``x = tanh(x*x + sin(x))``.
"""
EFFORT = 130_000
"""So much is asked of the algebra for the adjoints of one program, and again for its names; attention asks for
2,700 and 7,700, the singular vectors of a matrix for more than 100,000. After that adjoints keep their names, and
formulas are left as short as they are by then.
"""
FOLDED = 40
"""Of a program of more steps than this, and all of few kinds, a page shows the first of each kind and the last ones: a
loop of 15 turns of three steps.
"""
FIRST, LAST = 24, 8
"""So many steps at most before the fold, and so many behind it: of the LSTM its first turn, and the last one's end."""
