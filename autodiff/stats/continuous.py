"""Distributions of real numbers, with the parameters of ``scipy.stats``: shapes first, then ``loc`` and ``scale``."""

from __future__ import annotations

from typing import Any

import numpy as np

from .distribution import Distribution, moved, op, safe, standard, unscaled, values, within
from .normal import HALF_LOG_TWO_PI

LOG_PI = 1.1447298858494002
LOG_TWO = 0.6931471805599453


class Gamma(Distribution):
    """The gamma distribution of shape ``a``; the rate is ``1 / scale``."""

    def logpdf(self, x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the logarithm of the density at ``x``; -inf below ``loc``."""
        z = standard(x, loc, scale)
        inside = values(z) >= 0.0
        z = safe(inside, z, 1.0)
        logarithm = op("xlogy")(op("subtract")(a, 1.0), z) - z - op("gammaln")(a)
        return within(inside, unscaled(logarithm, scale))

    def cdf(self, x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the probability of less than ``x``; it has no derivative by ``a`` here."""
        return op("gammainc")(a, op("maximum")(standard(x, loc, scale), 0.0))

    def sf(self, x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the probability of more than ``x``; it has no derivative by ``a`` here."""
        return op("gammaincc")(a, op("maximum")(standard(x, loc, scale), 0.0))


class Chi2(Distribution):
    """The chi-squared distribution of ``df`` degrees of freedom."""

    def logpdf(self, x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the logarithm of the density at ``x``; -inf below ``loc``."""
        return gamma.logpdf(x, op("multiply")(df, 0.5), loc, op("multiply")(scale, 2.0))


class Beta(Distribution):
    """The beta distribution of shapes ``a`` and ``b``, between ``loc`` and ``loc + scale``."""

    def logpdf(self, x: Any, a: Any, b: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the logarithm of the density at ``x``; -inf outside."""
        z = standard(x, loc, scale)
        inside = (values(z) >= 0.0) & (values(z) <= 1.0)
        z = safe(inside, z, 0.5)
        powers = op("xlogy")(op("subtract")(a, 1.0), z) + op("xlog1py")(op("subtract")(b, 1.0), -z)
        return within(inside, unscaled(powers - op("betaln")(a, b), scale))


class Expon(Distribution):
    """The exponential distribution from ``loc`` on; the rate is ``1 / scale``."""

    def logpdf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the logarithm of the density at ``x``; -inf below ``loc``."""
        z = standard(x, loc, scale)
        return within(values(z) >= 0.0, unscaled(-z, scale))

    def cdf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the probability of less than ``x``."""
        return -op("expm1")(-op("maximum")(standard(x, loc, scale), 0.0))

    def sf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the probability of more than ``x``."""
        return op("exp")(-op("maximum")(standard(x, loc, scale), 0.0))

    def ppf(self, q: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the quantile: where ``cdf`` is ``q``."""
        return moved(-op("log1p")(op("negative")(q)), loc, scale)


class T(Distribution):
    """Student's t distribution of ``df`` degrees of freedom."""

    def logpdf(self, x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the logarithm of the density at ``x``."""
        z, half = standard(x, loc, scale), op("multiply")(df, 0.5)
        top = op("gammaln")(half + 0.5) - op("gammaln")(half) - 0.5 * (op("log")(df) + LOG_PI)
        return unscaled(top - (half + 0.5) * op("log1p")(op("square")(z) / df), scale)


class Laplace(Distribution):
    """The Laplace distribution."""

    def logpdf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the logarithm of the density at ``x``; it has a kink at ``loc``."""
        return unscaled(-op("abs")(standard(x, loc, scale)) - LOG_TWO, scale)

    def cdf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the probability of less than ``x``."""
        z = standard(x, loc, scale)
        tail = 0.5 * op("exp")(-op("abs")(z))
        return op("where")(values(z) < 0.0, tail, 1.0 - tail)


class Logistic(Distribution):
    """The logistic distribution."""

    def logpdf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the logarithm of the density at ``x``."""
        z = standard(x, loc, scale)
        return unscaled(op("log_sigmoid")(z) + op("log_sigmoid")(-z), scale)

    def cdf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the probability of less than ``x``."""
        return op("sigmoid")(standard(x, loc, scale))

    def sf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the probability of more than ``x``, accurate where it is small."""
        return op("sigmoid")(-standard(x, loc, scale))

    def ppf(self, q: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the quantile: where ``cdf`` is ``q``."""
        return moved(op("logit")(q), loc, scale)


class Cauchy(Distribution):
    """The Cauchy distribution."""

    def logpdf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the logarithm of the density at ``x``."""
        return unscaled(-op("log1p")(op("square")(standard(x, loc, scale))) - LOG_PI, scale)

    def cdf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the probability of less than ``x``."""
        return 0.5 + op("arctan")(standard(x, loc, scale)) / np.pi


class LogNorm(Distribution):
    """The log-normal distribution: the logarithm of ``x / scale`` is normal of standard deviation ``s``."""

    def logpdf(self, x: Any, s: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the logarithm of the density at ``x``; -inf at and below ``loc``."""
        z = standard(x, loc, scale)
        inside = values(z) > 0.0
        logarithm = op("log")(safe(inside, z, 1.0))
        density = -0.5 * op("square")(logarithm / s) - HALF_LOG_TWO_PI - op("log")(s) - logarithm
        return within(inside, unscaled(density, scale))


class Uniform(Distribution):
    """The uniform distribution between ``loc`` and ``loc + scale``."""

    def logpdf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the logarithm of the density at ``x``; -inf outside."""
        z = standard(x, loc, scale)
        return within((values(z) >= 0.0) & (values(z) <= 1.0), unscaled(0.0 * z, scale))

    def cdf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the probability of less than ``x``."""
        return op("clip")(standard(x, loc, scale), 0.0, 1.0)

    def ppf(self, q: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Return the quantile: where ``cdf`` is ``q``."""
        return moved(q, loc, scale)


beta, cauchy, chi2, expon, gamma = Beta(), Cauchy(), Chi2(), Expon(), Gamma()
laplace, logistic, lognorm, t, uniform = Laplace(), Logistic(), LogNorm(), T(), Uniform()
