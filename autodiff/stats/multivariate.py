"""Distributions of vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from .distribution import Distribution, op, values, within
from .normal import HALF_LOG_TWO_PI


class MultivariateNormal(Distribution):
    """The normal distribution of vectors; ``cov`` is positive definite."""

    def logpdf(self, x: Any, mean: Any = None, cov: Any = 1.0) -> Any:
        """Return the logarithm of the density at ``x`` (..., n): shape (...).

        ``cov`` is a matrix (n, n), the diagonal of one (n,), or one number for all of it.  LinAlgError where it is not
        positive definite.
        """
        d = x if mean is None else op("subtract")(x, mean)
        d = d if hasattr(d, "shape") else np.asarray(d, float)
        if not d.ndim:
            d = op("reshape")(d, (1,))
        n = d.shape[-1]
        if np.ndim(cov) < 2:
            scale = op("sqrt")(cov)
            z, spread = d / scale, op("sum")(op("log")(op("broadcast_to")(scale, (n,))))
        else:
            if np.shape(cov) != (n, n):
                raise ValueError(
                    f"multivariate_normal.logpdf: cov has shape {np.shape(cov)}; for vectors of {n} elements it must "
                    f"be ({n}, {n})"
                )
            factor = op("cholesky")(cov)
            rows = op("reshape")(d, (-1, n))
            z = op("transpose")(op("solve_triangular")(factor, op("transpose")(rows), lower=True))
            z = op("reshape")(z, d.shape)
            spread = op("sum")(op("log")(op("diagonal")(factor)))
        return -0.5 * op("sum")(op("square")(z), axis=-1) - spread - n * HALF_LOG_TWO_PI


class Dirichlet(Distribution):
    """The Dirichlet distribution of positive numbers that add up to 1, with parameters ``alpha`` (n,)."""

    def logpdf(self, x: Any, alpha: Any) -> Any:
        """Return the logarithm of the density at ``x``: (n,), or (n, m) for m columns of such numbers."""
        x = x if hasattr(x, "shape") else np.asarray(x, float)
        alpha = alpha if hasattr(alpha, "shape") else np.asarray(alpha, float)
        if x.shape[0] != alpha.shape[0]:
            raise ValueError(f"dirichlet.logpdf: x has shape {x.shape}, alpha {alpha.shape}; give a row for each alpha")
        inside = (values(x) >= 0.0).all(0) & (np.abs(values(x).sum(0) - 1.0) < 1e-9)
        powers = op("subtract")(alpha, 1.0)
        powers = op("reshape")(powers, (-1, *(1,) * (x.ndim - 1)))
        gammaln = op("gammaln")
        size = gammaln(op("sum")(alpha)) - op("sum")(gammaln(alpha))
        return within(inside, op("sum")(op("xlogy")(powers, x), axis=0) + size)


dirichlet, multivariate_normal = Dirichlet(), MultivariateNormal()
