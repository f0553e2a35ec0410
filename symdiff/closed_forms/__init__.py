"""From a derivation to formulas: one for every n and every index."""
