"""PyTorch, JAX and HIPS autograd as they are: their functions -> Traced, with the framework's own gradient.

A framework is imported here and nowhere else, and only once an object of its own was given.
"""
