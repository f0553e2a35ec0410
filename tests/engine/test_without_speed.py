"""Nothing of ``speed/`` is needed: a copy of the package without that folder passes the engine's own tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_COPIED = shutil.ignore_patterns("__pycache__", "speed", Path(__file__).name)


def test_the_engine_works_without_its_shortcuts(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "autodiff", tmp_path / "autodiff", ignore=NOT_COPIED)
    shutil.copytree(ROOT / "tests" / "engine", tmp_path / "tests" / "engine", ignore=NOT_COPIED)
    for name in ("tests/__init__.py", "tests/conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    assert not list(tmp_path.rglob("speed")), "or it is not what is tested"
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    where = "import autodiff, importlib.util as found; print(autodiff.__file__, found.find_spec('autodiff.speed'))"
    asked = [sys.executable, "-c", where]
    found = subprocess.run(asked, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.split() == [str(tmp_path / "autodiff" / "__init__.py"), "None"]
    tests = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:symdiff", "tests/engine"]
    run = subprocess.run(tests, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
