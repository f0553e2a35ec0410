"""Applying an operation to tensors, and remembering it."""
