"""PyTorch: a function, a module or an ``autograd.Function`` -> its aten operations -> ours."""
