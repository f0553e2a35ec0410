"""From a derivation to formulas: one for every n and every index."""

from symdiff.closed_forms import definitions
