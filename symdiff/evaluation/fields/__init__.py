"""The kinds of number in which one derivation is evaluated: floats, floats with their error bounds, mpmath, sympy."""
