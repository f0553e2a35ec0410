"""What distributions have in common: where they stand and how wide they are, their support, and what follows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare.op import TABLE


def op(name: str) -> Any:
    """The operation of a name."""
    return TABLE[name]


def standard(x: Any, loc: Any, scale: Any) -> Any:
    """``(x - loc) / scale``, without what would change nothing."""
    z = x if _is(loc, 0.0) else op("subtract")(x, loc)
    z = z if _is(scale, 1.0) else op("divide")(z, scale)
    return z if hasattr(z, "shape") else np.asarray(z, float)


def unscaled(logarithm: Any, scale: Any) -> Any:
    """The logarithm of a density of x, from that of the density of ``(x - loc) / scale``."""
    return logarithm if _is(scale, 1.0) else logarithm - op("log")(scale)


def moved(z: Any, loc: Any, scale: Any) -> Any:
    """``loc + scale * z``."""
    z = z if _is(scale, 1.0) else op("multiply")(z, scale)
    return z if _is(loc, 0.0) else op("add")(z, loc)


def _is(x: Any, number: float) -> bool:
    return isinstance(x, int | float) and x == number


def within(inside: Any, logarithm: Any, otherwise: float = -np.inf) -> Any:
    """``logarithm`` where ``inside``, something else elsewhere."""
    inside = values(inside)
    return logarithm if np.all(inside) else op("where")(inside, logarithm, otherwise)


def safe(inside: Any, x: Any, number: float) -> Any:
    """``x`` where ``inside``, and a number elsewhere: there the logarithm is not looked at, and must not be nan."""
    inside = values(inside)
    return x if np.all(inside) else op("where")(inside, x, number)


def values(x: Any) -> Any:
    """The values of a tensor, array or number."""
    return np.asarray(getattr(x, "array", x))


class Named:
    """What is shown by the name that it is called by."""

    def __repr__(self) -> str:
        return f"<autodiff.stats.{type(self).__name__.lower()}>"


class Distribution(Named):
    """A distribution with a logarithmic density ``logpdf``."""

    def logpdf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def pdf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the density at ``x``; the parameters are those of ``logpdf``."""
        return op("exp")(self.logpdf(x, *args, **kwargs))


class Discrete(Named):
    """A distribution with the logarithms ``logpmf`` of its probabilities."""

    def logpmf(self, k: Any, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def pmf(self, k: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the probability of ``k``; the parameters are those of ``logpmf``."""
        return op("exp")(self.logpmf(k, *args, **kwargs))
