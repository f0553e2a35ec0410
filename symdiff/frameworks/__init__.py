"""PyTorch as it is: its functions, modules and tensors -> Traced, with the framework's own gradient.

A framework is imported here and nowhere else, and only once an object of its own was given.
"""
