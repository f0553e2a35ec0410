"""Reads the cases beside this file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

_FOLDER = Path(__file__).parent


def hostile() -> list[dict[str, Any]]:
    """The hostile cases, each with a ``number`` and its ``text`` built."""
    cases = json.loads((_FOLDER / "hostile.json").read_text())
    return [case | {"number": number, "text": _text(case)} for number, case in enumerate(cases)]


def textbook() -> list[dict[str, Any]]:
    """The textbook gradients."""
    cases: list[dict[str, Any]] = json.loads((_FOLDER / "textbook.json").read_text())["cases"]
    return cases


def feynman() -> list[dict[str, Any]]:
    """The physics formulas."""
    equations: list[dict[str, Any]] = json.loads((_FOLDER / "feynman.json").read_text())["equations"]
    return equations


def values_of(case: dict[str, Any]) -> dict[str, Any]:
    """The values of a hostile case as a Python caller would give them."""
    return {name: _value(value) for name, value in case.get("values", {"x": 2.0, "y": 3.0, "W": [[1.0]]}).items()}


def _value(value: Any) -> Any:
    if isinstance(value, dict) and "dtype" in value:
        return np.array(value["data"], dtype=value["dtype"])
    if isinstance(value, dict):
        return np.full(value["shape"], value["fill"])
    if isinstance(value, list):
        return [_value(each) for each in value]
    return {"Infinity": np.inf, "NaN": np.nan}.get(value, value) if isinstance(value, str) else value


def _text(case: dict[str, Any]) -> str:
    make = case.get("make")
    if make is None:
        return str(case["input"])
    if "join" in make:
        return str(make["join"].join([make["item"]] * make["n"]))
    return str(make["prefix"] * make["n"] + make["core"] + make["suffix"] * make["n"])


def reports() -> list[dict[str, Any]]:
    """Small programs out of public bug reports and repositories, each with its right gradient."""
    cases: list[dict[str, Any]] = json.loads((_FOLDER / "reports.json").read_text())
    return cases


def number_or_array(value: Any) -> Any:
    """What a report gives as nested lists, with nan and the infinities as words, as numbers and arrays."""
    return np.array(_floats(value), dtype=float) if isinstance(value, list) else _floats(value)


def _floats(value: Any) -> Any:
    if isinstance(value, list):
        return [_floats(each) for each in value]
    return float(value) if isinstance(value, str) else value
