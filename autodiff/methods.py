"""The operators and methods that operations bring to tensors; what they are is in the generated ``methods.pyi``."""


from typing import Any


class Methods:
    """The base of tensors that ``operators.install`` fills from the table of operations."""

    __slots__ = ()


class Missing:
    """An attribute that arrays have and tensors have not; whoever asks for it is told what there is instead.

    One for each name, since a class with ``__getattr__`` is slower in every attribute that it does have.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, tensor: object, owner: type) -> Any:
        raise AttributeError(
            f"a tensor has no .{self.name}, which arrays have; look for an operation autodiff.{self.name}, "
            f"or take the values alone, .detach().numpy()"
        )
