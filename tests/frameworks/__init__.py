"""Frameworks: their tests are skipped where they are not installed, but not in CI."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import pytest

IN_CI = os.environ.get("CI", "").lower() == "true"


def installed(name: str) -> Any:
    """The framework; the tests of the module that asks are skipped without it, and fail in CI."""
    try:
        return import_module(name)
    except ImportError:
        reason = f"{name} is not installed: pip install -e '.[peers]'"
        if IN_CI:
            raise AssertionError(f"{reason}; CI may not skip a test for want of a framework") from None
        pytest.skip(reason, allow_module_level=True)
