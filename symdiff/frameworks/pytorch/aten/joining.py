"""Several arrays as one, and what is put around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autodiff as ad


def cat(tensors: Sequence[Any], dim: int = 0) -> Any:
    """Along an axis; PyTorch leaves out empty vectors."""
    rest = [each for each in tensors if each.shape != (0,)]
    return ad.concatenate(rest, axis=dim)


def constant_pad(x: Any, pad: Sequence[int], value: float = 0) -> Any:
    """A frame of one value, or a frame less where the width is negative; widths are given from the last axis on."""
    widths = [(0, 0)] * (x.ndim - len(pad) // 2) + list(zip(pad[::2], pad[1::2], strict=True))[::-1]
    inside = tuple(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(widths, x.shape, strict=True))
    kept = x[inside] if any(a < 0 or b < 0 for a, b in widths) else x
    return ad.pad_constant(kept, pad_width=tuple((max(a, 0), max(b, 0)) for a, b in widths), value=float(value))


def padded(mode: str) -> Callable[..., Any]:
    """A frame of the array's own elements: mirrored, or the last one again."""

    def entry(x: Any, padding: Sequence[int]) -> Any:
        axes = len(padding) // 2
        for k in range(axes):
            axis, (before, after) = x.ndim - 1 - k, padding[2 * k : 2 * k + 2]
            n = x.shape[axis]
            places = np.arange(max(0, -before), n - max(0, -after))
            wide = np.pad(places, (max(before, 0), max(after, 0)), mode=mode)  # type: ignore[call-overload]
            x = ad.take(x, wide, axis=axis)
        return x

    return entry


ENTRIES: dict[str, Callable[..., Any]] = {
    "cat": cat,
    "constant_pad_nd": constant_pad,
    "reflection_pad1d": padded("reflect"),
    "reflection_pad2d": padded("reflect"),
    "reflection_pad3d": padded("reflect"),
    "replication_pad1d": padded("edge"),
    "replication_pad2d": padded("edge"),
    "replication_pad3d": padded("edge"),
    "stack": lambda tensors, dim=0: ad.stack(list(tensors), axis=dim),
}
