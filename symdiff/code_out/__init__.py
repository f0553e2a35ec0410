"""The derived gradient as source text of a function that stands alone."""
