"""The operators and methods that operations bring to tensors; what they are is in the generated ``methods.pyi``."""


class Methods:
    """The base of tensors that ``operators.install`` fills from the table of operations."""

    __slots__ = ()
