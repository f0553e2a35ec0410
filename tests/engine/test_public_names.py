"""What the package offers: its names, its version, and the folders that NumPy and SciPy have."""

from __future__ import annotations

import builtins
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

import autodiff as ad

ROOT = Path(__file__).resolve().parents[2]


def test_the_version_is_the_packages() -> None:
    assert ad.__version__ == version("symdiff-explain")


def test_every_public_name_is_there_and_hides_none_of_pythons() -> None:
    assert len(set(ad.__all__)) == len(ad.__all__)
    assert all(hasattr(ad, name) for name in ad.__all__)
    assert not [name for name in ad.__all__ if hasattr(builtins, name)]
    assert {"grad", "exp", "linalg", "stats", "cho_solve", "tensor", "Tensor"} <= set(ad.__all__)


def test_star_imports_leave_pythons_sum_alone() -> None:
    script = "from autodiff import *; assert sum([1, 2]) == 3 and max(1, 2) == 2 and abs(-1) == 1; exp(0.0)"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


@pytest.mark.parametrize("folder", ["linalg", "fft", "stats"])
def test_the_folders_have_what_they_say(folder: str) -> None:
    module = getattr(ad, folder)
    assert all(hasattr(module, name) for name in module.__all__)


def test_what_linalg_and_fft_share_with_numpy_is_called_alike() -> None:
    for name in set(ad.linalg.__all__) - {"cho_factor", "cho_solve", "solve_triangular"}:
        assert hasattr(np.linalg, name), name
    assert all(hasattr(np.fft, name) for name in ad.fft.__all__)
