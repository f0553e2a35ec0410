"""What ``benchmarks/accuracy.py --save`` measured of the derivatives: errors in ulps beyond the condition number."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files


@cache
def worst_ulps() -> dict[str, float]:
    """The worst error of each elementwise operation's derivatives, by name."""
    text = files(__package__).joinpath("worst_ulps.json").read_text(encoding="utf-8")
    measured: dict[str, float] = json.loads(text)
    return measured
