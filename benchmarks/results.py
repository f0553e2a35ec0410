"""What a benchmark measured, as JSON: the option ``--json FILE`` of each, and the files kept in ``benchmarks/results``.

``python benchmarks/figures.py`` writes the tables of the documents from the files that are kept.
"""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["FOLDER", "keep", "kept", "surroundings"]

FOLDER = Path(__file__).resolve().parent / "results"
PACKAGES = ("numpy", "scipy", "sympy", "mpmath", "torch", "jax", "autograd", "mygrad")


def surroundings() -> dict[str, Any]:
    """What the numbers depend on, apart from the code."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} processors",
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def keep(path: str | Path, measured: dict[str, Any]) -> None:
    """Writes what was measured, and with what."""
    text = json.dumps({"with": surroundings(), **measured}, indent=1, ensure_ascii=False, allow_nan=False)
    Path(path).write_text(f"{text}\n", encoding="utf-8")


def kept(name: str) -> dict[str, Any]:
    """The results of a benchmark that the repository keeps."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found
