"""The program of a page in the words of PyTorch, JAX and autodiff: code that runs, and asserts the page's numbers."""
