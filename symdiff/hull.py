"""The point of a convex hull that is nearest to a given one."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = "np.ndarray[Any, Any]"


def nearest_in_hull(vertices: Array, point: Array) -> Array:
    """The nearest to ``point`` (of shape (n,)) in the convex hull of the rows of ``vertices`` (of shape (m, n)).

    Wolfe's algorithm for the nearest point of a polytope (Mathematical Programming 11, 1976).
    """
    shifted = vertices - point
    chosen = [int(np.argmin(np.einsum("ij,ij->i", shifted, shifted)))]
    weights = np.ones(1)
    scale = max(float(np.max(np.abs(shifted))), 1e-300)
    for _ in range(10 * len(shifted) + 10):
        nearest = weights @ shifted[chosen]
        products = shifted @ nearest
        best = int(np.argmin(products))
        if products[best] > nearest @ nearest - 1e-14 * scale * scale or best in chosen:
            break
        chosen.append(best)
        weights = np.append(weights, 0.0)
        chosen, weights = _shrink(shifted, chosen, weights)
    found: Array = point + weights @ shifted[chosen]
    return found


def _shrink(shifted: Array, chosen: list[int], weights: Array) -> tuple[list[int], Array]:
    """Move to the nearest point of the chosen vertices' affine hull, dropping those that are left behind."""
    while True:
        count = len(chosen)
        system = np.zeros((count + 1, count + 1))
        system[0, 1:] = system[1:, 0] = 1.0
        system[1:, 1:] = shifted[chosen] @ shifted[chosen].T
        right = np.zeros(count + 1)
        right[0] = 1.0
        affine = np.linalg.lstsq(system, right, rcond=None)[0][1:]
        if np.all(affine > -1e-15):
            return chosen, np.maximum(affine, 0.0) / np.maximum(affine, 0.0).sum()
        falling = affine < 0
        step = float(np.min(weights[falling] / np.maximum(weights[falling] - affine[falling], 1e-300)))
        weights = weights + min(step, 1.0) * (affine - weights)
        keep = weights > 1e-15
        chosen = [index for index, kept in zip(chosen, keep, strict=True) if kept]
        weights = weights[keep] / weights[keep].sum()
        if len(chosen) == 1:
            return chosen, np.ones(1)
