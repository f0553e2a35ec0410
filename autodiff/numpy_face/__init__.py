"""NumPy's functions on tensors, and the array API's names."""
