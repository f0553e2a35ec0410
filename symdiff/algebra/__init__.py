"""Sums of monomials over interned atoms; knows no program and no derivation."""

from symdiff.algebra import rebuilding
