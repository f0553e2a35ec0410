"""The normal distribution."""

from __future__ import annotations

from typing import Any

from .distribution import Distribution, moved, op, standard, unscaled

HALF_LOG_TWO_PI = 0.9189385332046727


class Norm(Distribution):
    """The normal distribution of mean ``loc`` and standard deviation ``scale``.

    All functions take arrays or tensors of shapes that broadcast, and return that shape.
    """

    def pdf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the density at ``x``."""
        density = op("normal_density")(standard(x, loc, scale))
        return density if isinstance(scale, int | float) and scale == 1 else density / scale

    def logpdf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the logarithm of the density at ``x``."""
        return unscaled(-0.5 * op("square")(standard(x, loc, scale)) - HALF_LOG_TWO_PI, scale)

    def cdf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the probability of less than ``x``."""
        return op("ndtr")(standard(x, loc, scale))

    def logcdf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the logarithm of ``cdf``, finite however small that is."""
        return op("log_ndtr")(standard(x, loc, scale))

    def sf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the probability of more than ``x``, accurate where it is small."""
        return op("ndtr")(-standard(x, loc, scale))

    def logsf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the logarithm of ``sf``, finite however small that is."""
        return op("log_ndtr")(-standard(x, loc, scale))

    def ppf(self, q: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the quantile: where ``cdf`` is ``q``."""
        return moved(op("ndtri")(q), loc, scale)

    def isf(self, q: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return where ``sf`` is ``q``."""
        return moved(-op("ndtri")(q), loc, scale)


norm = Norm()
