"""The documentation site: a part of it is built as ``make docs`` builds the whole, with warnings as errors."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
CHAPTERS = tomllib.loads((DOCS / "gallery" / "gallery.toml").read_text(encoding="utf-8"))


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


check_links = loaded(DOCS / "check_links.py")
gallery = loaded(DOCS / "extensions" / "gallery.py")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with two entries of each chapter of the gallery."""
    folder = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("__pycache__", "gallery.toml")
    shutil.copytree(DOCS, folder / "docs", ignore=ignored)
    (folder / "tests").symlink_to(ROOT / "tests")
    text = (DOCS / "gallery" / "gallery.toml").read_text(encoding="utf-8")
    entries = [f"[[{part}" for part in text.split("\n[[")[1:]]
    kept = [next(each for each in entries if each.startswith(f"[[{name}]]")) for name in CHAPTERS]
    (folder / "docs" / "gallery" / "gallery.toml").write_text("\n".join(kept), encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", "site"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "site"


def test_the_site_is_built_and_its_links_lead_somewhere(site: Path) -> None:
    assert check_links.broken(site) == []
    for name in CHAPTERS:
        for page, language in ((f"{name}.html", "en"), (f"zh/{name}.html", "zh-Hans")):
            text = (site / "gallery" / page).read_text(encoding="utf-8")
            assert text.count('class="symdiff"') == 1
            assert f'<html class="no-js" lang="{language}"' in text
    assert "softmax" in (site / "reference" / "operations.html").read_text(encoding="utf-8")


def test_a_link_that_leads_nowhere_is_seen(site: Path, tmp_path: Path) -> None:
    for name in ("index.html", "proofs.html"):
        shutil.copy(site / name, tmp_path)
    (tmp_path / "page.html").write_text(
        '<a href="index.html#absent">a</a> <a href="absent.html">b</a> <a href="#here">c</a>'
    )
    found = [each for each in check_links.broken(tmp_path) if each.startswith("page.html")]
    assert found == ["page.html: index.html#absent", "page.html: absent.html", "page.html: #here"]


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_entry_is_in_both_languages(name: str) -> None:
    assert (DOCS / "gallery" / f"{name}.rst").exists()
    assert (DOCS / "gallery" / "zh" / f"{name}.rst").exists()
    assert len(CHAPTERS[name]) >= 8
    for entry in gallery.chapter(name):
        assert {"en", "zh", "program", "at"} <= set(entry)
        assert ("en_text" in entry) == ("zh_text" in entry)
