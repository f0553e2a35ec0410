"""What is installed: the wheel holds the templates, and a page can be rendered from it in an empty environment."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("symdiff_explain-*.whl")
    return built


def test_the_wheel_holds_all_that_is_needed_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for path in ("autodiff", "symdiff", "templates"):
        for file in (ROOT / path).rglob("*"):
            inside = ("symdiff/" if path == "templates" else "") + str(file.relative_to(ROOT))
            if file.is_file() and "__pycache__" not in file.parts and file.suffix not in {".po", ".part"}:
                assert inside in names
    assert {f"symdiff/templates/locale/{each}/LC_MESSAGES/symdiff.mo" for each in ("en", "zh_Hans")} <= names
    assert not any(name.endswith(".po") for name in names)
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"autodiff", "symdiff"}
    assert {"symdiff/py.typed", "autodiff/py.typed"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.mark.slow
def test_a_page_is_rendered_from_the_wheel_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    binaries = environment / ("Scripts" if sys.platform == "win32" else "bin")
    install = [str(binaries / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    command = [str(binaries / "symdiff"), "explain", "mean(x * x)", "--at", "x=0,1,2,3", "-o", "mean.html"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tmp_path, env={"PATH": str(binaries)}
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "mean.html: agree\n", "")
    page = (tmp_path / "mean.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert "<math" in page
    script = "import symdiff; print(symdiff.explain('mean(x * x)', x=[0, 1]).to_text(language='zh'))"
    done = subprocess.run(
        [str(binaries / "python"), "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path,
        env={"PATH": str(binaries), "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert "mean(x * x) 的梯度" in done.stdout, done.stderr
    site = binaries.parent / "lib"
    assert not any(site.rglob("babel"))


def test_contributing_shows_an_operation_as_it_stands_in_the_source() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    assert len(text.splitlines()) <= 45
    (block,) = text.split("```python\n")[1:]
    block = block.split("```")[0].strip()
    assert block.startswith("@op(")
    assert any(block in file.read_text() for file in (ROOT / "autodiff" / "ops").glob("*.py"))


def test_the_readme_names_the_commands_that_there_are() -> None:
    text = (ROOT / "README.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in ("demo", "test"):
        assert f"make {target}" in text
        assert f"\n{target}:" in makefile


def test_the_dependencies_are_those_of_the_issue() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["name"] == "symdiff-explain"
    assert {"scipy", "test", "dev", "peers"} <= set(project["optional-dependencies"])
    assert "torch==2.13.0" in project["optional-dependencies"]["peers"]
    assert not [line for line in project["dependencies"] if line.startswith(("torch", "jax", "autograd"))]


@pytest.mark.parametrize("name", ["torch"])
def test_a_framework_is_an_extra(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert [line for line in project["optional-dependencies"][name] if line.startswith(f"{name}>=")]
