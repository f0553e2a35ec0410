"""The normal form: sums of monomials over interned atoms, for closed forms and proofs, never for values."""
