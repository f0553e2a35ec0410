"""The point of a convex hull that is nearest to a given one.

Wolfe's algorithm for the nearest point of a polytope (Mathematical Programming 11, 1976): vertices are taken in one by
one, each the furthest against the direction that is left, and dropped when the nearest point no longer needs them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from symdiff.arrays import Array

ROUNDS = 200
"""So many vertices more than twice the dimensions are taken in at most."""

TINY = 1e-14


def nearest_in_hull(
    vertices: Array, point: Array, further: Callable[[Array], Array | None] | None = None, tolerance: float = 0.0
) -> Array:
    """The nearest to ``point`` (of shape (n,)) in the convex hull of the rows of ``vertices`` (of shape (m, n)).

    ``further`` may know more vertices: called with a direction it returns the one that lies furthest along it, or
    None. A point that is nearer than ``tolerance`` is near enough.
    """
    known = [vertex - point for vertex in vertices]
    scale = max(float(np.max(np.abs(known))), 1e-300)
    chosen = [known[int(np.argmin([vertex @ vertex for vertex in known]))]]
    weights = np.ones(1)
    for _ in range(ROUNDS + 2 * len(point)):
        nearest = weights @ np.stack(chosen)
        left = float(nearest @ nearest)
        near = max(tolerance, np.finfo(float).eps * scale)
        if left <= near * near:  # near**2 would raise where that overflows
            break
        found = _against(nearest, known, chosen, left, scale)
        if found is None and further is not None:
            vertex = further(-nearest)
            known += [] if vertex is None else [vertex - point]
            found = _against(nearest, known, chosen, left, scale)
        if found is None:
            break
        chosen.append(found)
        chosen, weights = _needed(chosen, np.append(weights, 0.0))
    closest: Array = point + weights @ np.stack(chosen)
    return closest


def _against(nearest: Array, known: list[Array], chosen: list[Array], left: float, scale: float) -> Array | None:
    """The vertex furthest against the nearest point so far; None where none brings it closer."""
    products = np.stack(known) @ nearest
    best = known[int(np.argmin(products))]
    if float(products.min()) > left - TINY / 8 * scale * np.sqrt(left) or any(best is vertex for vertex in chosen):
        return None
    return best


def _needed(chosen: list[Array], weights: Array) -> tuple[list[Array], Array]:
    """Move to the nearest point of the vertices' affine hull, and drop those that are left behind."""
    while len(chosen) > 1:
        affine = _affine_weights(np.stack(chosen))
        if np.all(affine > -TINY):
            kept = np.maximum(affine, 0.0)
            return chosen, kept / kept.sum()
        falling = affine < 0
        step = float(np.min(weights[falling] / (weights[falling] - affine[falling])))
        weights = weights + step * (affine - weights)
        weights[falling & (weights <= weights[falling].min())] = 0.0
        stay = weights > TINY
        chosen = [vertex for vertex, stays in zip(chosen, stay, strict=True) if stays]
        weights = weights[stay] / weights[stay].sum()
    return chosen, np.ones(1)


def _affine_weights(vertices: Array) -> Array:
    """The weights, which add up to 1, of the affine hull's point that is nearest to the origin.

    By the differences to one vertex: products of all with all would lose half of the digits.
    """
    rest: Array = np.linalg.lstsq((vertices[1:] - vertices[0]).T, -vertices[0], rcond=None)[0]
    return np.append(1.0 - rest.sum(), rest)
