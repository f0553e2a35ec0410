"""What every test may use: tools of the system, and a hypothesis profile that draws the same examples in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import hypothesis
import pytest

IN_CI = os.environ.get("CI", "").lower() == "true"

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.load_profile("ci" if IN_CI else "local")


def _require_tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        reason = f"{name} is not installed"
        if IN_CI:
            pytest.fail(f"{reason}, and CI may not skip a test for want of a tool")
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def require_tool() -> Callable[[str], str]:
    """``require_tool("pdflatex")``: the program's path; without it a test is skipped at home and fails in CI."""
    return _require_tool
