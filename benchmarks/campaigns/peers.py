"""PyTorch's own gradients, in float64 and float32, of the networks' blocks and of the operations it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.campaigns import networks, operations
from benchmarks.campaigns.case import COMPUTED, Case, Given

Array = np.ndarray[Any, Any]
NAME = "PyTorch"
KINDS = ("usual 1", "tails 1", "float32 1", "ill-conditioned 1")


def cases() -> Iterator[Case]:
    """None where PyTorch is not installed; what it does not have is passed over."""
    if find_spec("torch") is None:
        return
    from benchmarks.campaigns.in_torch import has

    for case in [*networks.cases(), *operations.elementwise(), *operations.of_lines()]:
        wanted = case.campaign == networks.NAME or case.kind in KINDS
        if wanted and has(case):
            given = (Given("PyTorch's", _gradient(case.function), COMPUTED),)
            name = f"{case.campaign}' {case.name}"
            yield replace(case, campaign=NAME, name=name, given=given, damages=0)


def _gradient(function: Callable[..., Any]) -> Callable[..., Any]:
    from benchmarks.campaigns.in_torch import gradient

    return lambda *inputs: gradient(function, inputs)
