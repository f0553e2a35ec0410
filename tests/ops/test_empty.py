"""Arrays without elements: every operation on its samples with an axis cut to length 0."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from re import search
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.declare.op import TABLE, Operation, Sample

OPERATIONS = {entry.name: entry for entry in TABLE.values() if entry.language}


def mapped(function: Callable[[Any], Any], operand: Any) -> Any:
    """A function of the arrays in an operand."""
    if isinstance(operand, tuple | list):
        return type(operand)(mapped(function, each) for each in operand)
    return function(operand) if isinstance(operand, np.ndarray) else operand


def cut(sample: Sample) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """The sample with all axes of one length cut to 0, for each length there is."""
    lengths: set[int] = set()
    mapped(lambda x: lengths.update(x.shape), list(sample.operands))
    for length in sorted(lengths):

        def emptied(x: Any, length: int = length) -> Any:
            return np.zeros([0 if n == length else n for n in x.shape], x.dtype)

        yield (
            [mapped(emptied, each) for each in sample.operands],
            {name: mapped(emptied, value) for name, value in sample.params.items()},
        )


def numpys(entry: Operation) -> Callable[..., Any] | None:
    found: Any = np if entry.numpy else None
    for part in entry.numpy[0].split(".") if entry.numpy else ():
        found = getattr(found, part)
    return found  # type: ignore[no-any-return]


def refused(call: Callable[[], Any]) -> str:
    """What is wrong with a call, "" if nothing."""
    try:
        with np.errstate(all="ignore"):
            call()
    except (ValueError, IndexError, TypeError, RuntimeWarning, np.linalg.LinAlgError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


CASES = [
    pytest.param(entry, operands, params, id=f"{entry.name}-{number}-{k}")
    for entry in OPERATIONS.values()
    for number, sample in enumerate(entry.samples)
    for k, (operands, params) in enumerate(cut(sample))
]


@pytest.mark.parametrize(("entry", "operands", "params"), CASES)
def test_what_numpy_takes_is_taken_and_sends_empty_cotangents(
    entry: Operation, operands: list[Any], params: dict[str, Any]
) -> None:
    why = refused(lambda: entry(*operands, **params))
    if why:
        peer = numpys(entry)
        # Where there is nothing to average NumPy warns and gives nan; here that is an error in words.
        assert "of no elements" in why or peer is None or refused(lambda: peer(*operands, **params)), why
        assert not search(r"fit \(.*-1|newaxis", why), why  # a length that an array of no elements leaves open
        return
    tensors: list[Any] = []

    def leaf(x: Any) -> Any:
        if x.dtype.kind != "f":
            return x
        tensors.append(ad.tensor(x, requires_grad=True))
        return tensors[-1]

    given = [mapped(leaf, each) for each in operands]
    if entry.name in ("gammainc", "gammaincc"):
        given[0] = operands[0]  # its derivative is unsupported
    with np.errstate(all="ignore"):  # a mean of no elements is 0 / 0
        result = entry(*given, **params)
        parts = result if isinstance(result, tuple | list) else [result]
        wanted = [part for part in parts if isinstance(part, ad.Tensor) and part.requires_grad]
        if wanted:
            sum((part * 1.5).sum() for part in wanted).backward()
    for tensor in tensors:
        assert tensor.grad is None or tensor.grad.shape == tensor.shape
