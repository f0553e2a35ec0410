"""Nine kinds of input for every domain, drawn by the content's own seed: the same case has the same numbers."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Generator = np.random.Generator

KINDS = ("usual", "single", "many", "tails", "tiny", "huge", "repeated", "float32", "ill-conditioned")
FLOAT32 = "float32"


def seed_of(*parts: object) -> int:
    """A number from the words themselves: the same in every process."""
    return zlib.crc32("|".join(map(str, parts)).encode())


def generator_of(*parts: object) -> Generator:
    return np.random.default_rng(seed_of(*parts))


def vector(kind: str, domain: str, generator: Generator, count: int | None = None) -> Array:
    """Numbers of a kind in a domain; shape (count,), by default 1, 3 or 50 as the kind says."""
    size = count or {"single": 1, "many": 50}.get(kind, 3)
    if domain == "mask":
        return generator.random(size) < 0.5
    found = _into(domain, _raw(kind, domain, generator, size), generator)
    if kind == "repeated":
        found = np.full(size, found[0])
    return found.astype(np.float32) if kind == FLOAT32 else found


def _raw(kind: str, domain: str, generator: Generator, size: int) -> Array:
    """Real numbers of every magnitude that the kind means."""
    signs = generator.choice([-1.0, 1.0], size)
    if kind == "tails":
        return signs * generator.uniform(15.0, 45.0, size)
    if kind == "tiny":
        return signs * 10.0 ** generator.uniform(-150.0, -8.0, size)
    if kind == "huge":
        return signs * 10.0 ** generator.uniform(2.0, 12.0 if "moderate" in domain else 150.0, size)
    if kind == "ill-conditioned":
        return signs * 10.0 ** generator.uniform(-16.0, 3.0, size)
    return generator.standard_normal(size) * 1.5 + 0.1


def _into(domain: str, x: Array, generator: Generator) -> Array:
    """The domain's numbers that are as extreme as ``x``: its far tails, its smallest, its edges."""
    size = np.abs(x)
    if domain in ("real", "moderate"):
        return x
    if domain in ("nonzero", "nonzero moderate"):
        return np.where(x == 0, 1.0, x)
    if domain in ("positive", "positive moderate"):
        return size + (0.0 if size.all() else 0.5)
    if domain == "above -1":
        return np.where(x <= -1.0, -1.0 + np.maximum(1.0 / (1.0 + size), 2.0**-23), x)
    if domain == "above 1":
        return 1.0 + np.maximum(size, 2.0**-23)
    if domain == "unit":
        return np.where(size < 1.0, x, np.sign(x) * (1.0 - np.maximum(2.0**-24, 1.0 / (1.0 + size))))
    if domain == "probability":
        low = np.where(size < 1.0, size / 2.0 + 1e-300, 1.0 / (1.0 + size))
        return np.where(x > 0, low, 1.0 - np.maximum(low, 2.0**-24))
    if domain == "above -37":
        return np.where(x < -37.0, -37.0 * generator.random(x.size), x)
    if domain == "gamma":
        moderate = np.where(size > 150.0, 150.0 * generator.random(x.size), x)
        return np.where((moderate < 0) & (moderate == np.floor(moderate)), moderate + 0.5, moderate)
    if domain == "bessel":
        return np.where(size > 600.0, np.sign(x) * 600.0 * generator.random(x.size), x)
    raise ValueError(f"no domain is called {domain}")


MATRIX_KINDS = KINDS


def matrix(kind: str, generator: Generator, shape: str = "square") -> Array:
    """A matrix of 1x1 to 8x8 of a kind; ``shape``: square, symmetric, positive, tall, wide."""
    n = {"single": 1, "many": 8}.get(kind, int(generator.integers(2, 6)))
    m = n + 2 if shape == "tall" else n
    columns = n + 2 if shape == "wide" else n
    a = generator.standard_normal((m, columns))
    if kind == "tails":  # triangular up to small numbers: graded from row to row
        a = a * np.logspace(0.0, 6.0, m)[:, None]
    elif kind == "tiny":
        a = a * 10.0 ** generator.uniform(-60.0, -8.0)
    elif kind == "huge":
        a = a * 10.0 ** generator.uniform(4.0, 40.0)
    elif kind == "repeated":
        a = np.round(a * 2.0) + 3.0 * np.eye(m, columns)
    elif kind == "ill-conditioned":
        u, _, v = np.linalg.svd(a, full_matrices=False)
        a = (u * np.logspace(0.0, -7.0, min(m, columns))) @ v
    if shape == "symmetric":
        a = (a + a.T) / 2.0
    elif shape == "positive":
        a = a @ a.T + (1e-9 if kind == "ill-conditioned" else 0.5) * np.max(np.abs(a)) ** 2 * np.eye(m)
    return a.astype(np.float32) if kind == FLOAT32 else a
