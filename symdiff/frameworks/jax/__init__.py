"""JAX: a function of its arrays -> its primitives -> ours."""
