"""What engines return where branches meet."""

from __future__ import annotations

from autodiff.declare.samples import Kink
from symdiff.sentences import Said, listed, sentences

__all__ = ["convention"]


def convention(operation: str, kink: Kink) -> Said:
    """What the engines return at a kink of an operation."""
    engines = (("symdiff", kink.ours), ("PyTorch", kink.torch), ("JAX", kink.jax))
    known = sentences()
    returned = [
        Said("report.returns", {"engine": engine, "returns": Said(key) if key in known else returns})
        for engine, returns in engines
        if (key := f"convention.{returns}") and returns
    ]
    return Said("report.whose", {"operation": operation, "engines": listed(returned)})
