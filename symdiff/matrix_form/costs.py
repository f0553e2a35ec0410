"""The numbers of taste: which parts of a matrix form get a name, and how much effort is spent on one.

Lengths are counted in signs of the text, effort in nodes that were asked for (``Matrices.asked``), never in seconds, so
that the same program has the same text on every machine.
"""

from __future__ import annotations

EFFORT = 40_000
"""So many nodes are asked for to make one form; attention by its queries asks for less than 4,000."""

ALL_ORDERS = 4
"""So many bound indices are contracted in every order; more of them in the order that is cheapest at each step."""

MOST_TERMS = 24
"""Products of sums are multiplied out up to so many terms."""

MOST_NODES = 4000
"""What names stand for is written out up to a tree of so many nodes; beyond, they stay named."""

MOST_DEFINITIONS = 16
"""A text of more named intermediates than this is no form that anybody reads: an LSTM of ten steps has hundreds."""

MOST_CONSTANTS = 16
"""Up to so many numbers of an array that the program itself holds are written into the text."""

MOST_ELEMENTS = 8
"""Partials of which each is a formula of its own, as of ``x[0]**2 + 2*x[1]**2``, are written for up to so many."""

WORTH = 7
"""What stands more than once and has at least this many signs is named: ``X @ w - y`` beside its norm, not ``x - m``.
"""

LONG = 64
"""A text longer than this has its adjoints named, as far as they belong to values that the author named: ``dA`` of
attention, none in linear regression.
"""

ADJOINT = 6
"""An adjoint of fewer signs than this is written out."""

LINE = 40
"""A result longer than this names the functions in it: ``p = softmax(X @ W + b, axis=1)``."""

APPLIED = 16
"""A function of fewer signs than this needs no name for that: ``softmax(U @ v)``."""

SEEN = 3
"""What it costs to name what was written before, where orders of contraction are compared."""

LARGEST = 10**6
"""A root of a larger whole number is written as a decimal."""

MATRIX_PRODUCT = 6
"""What a product of two matrices costs on the way to a vector, in signs, where orders of contraction are compared:
``W.T @ ((W.T @ r)*(1 - h**2))``, not ``((W*(1 - h**2)) @ W).T @ r``.
"""
