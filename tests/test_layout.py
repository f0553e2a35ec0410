"""The directions of the architecture: who imports whom, and what each part may not touch."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("autodiff", "symdiff")
    for path in sorted((ROOT / package).rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text()) for name, path in FILES.items()}

# Only these compare the two witnesses, and so may see both.
SEE_BOTH = ("symdiff.proof",)
# Where sympy is never imported, not even by what they import.
WITHOUT_SYMPY = (
    "autodiff",
    "symdiff",
    "symdiff.errors",
    "symdiff.language",
    "symdiff.tracing.values",
    "symdiff.tracing.files",
    "symdiff.tracing.sources",
    "symdiff.tracing.trace",
    "symdiff.tracing.function_trace",
    "symdiff.tracing.building",
    "symdiff.tracing.author_names",
    "symdiff.tracing.notes",
    "symdiff.tracing.graph",
    "symdiff.output",
    "symdiff.cli",
    "symdiff.__main__",
    "symdiff.agreement.report",
    "symdiff.pytest_plugin",
)


def imports(tree: ast.AST, name: str, *, at_import: bool = False) -> Iterator[str]:
    """The modules that a module imports; with ``at_import`` only those that are imported with it."""
    for node in _walk(tree, into_functions=not at_import):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, name)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names if f"{base}.{alias.name}" in FILES)


def _walk(node: ast.AST, *, into_functions: bool) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if not into_functions and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        yield from _walk(child, into_functions=into_functions)


def _base(node: ast.ImportFrom, name: str) -> str:
    if not node.level:
        return node.module or ""
    package = name.split(".") if FILES[name].name == "__init__.py" else name.split(".")[:-1]
    parts = package[: len(package) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


def reached(start: str) -> set[str]:
    """Everything that comes in when a module of ours is imported, packages around it included."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in TREES:
            parents = [".".join(name.split(".")[:depth]) for depth in range(1, name.count(".") + 1)]
            waiting += [*imports(TREES[name], name, at_import=True), *parents]
    return seen


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("autodiff")])
def test_the_engine_stands_on_numpy_alone(name: str) -> None:
    for module in imports(TREES[name], name):
        top = module.split(".")[0]
        assert top in {"autodiff", "numpy", "scipy"} or top in sys.stdlib_module_names, f"{name} imports {module}"
    assert "scipy" not in {module.split(".")[0] for module in imports(TREES[name], name, at_import=True)}


def _is_engine(name: str) -> bool:
    """The engine itself; the blocks of operations declare meanings, which may be made of other operations' meanings."""
    return name.startswith("autodiff") and not name.startswith("autodiff.ops") and name != "autodiff.declare.op"


@pytest.mark.parametrize("name", [name for name in FILES if _is_engine(name)])
def test_the_engine_reads_no_meaning(name: str) -> None:
    assert "meaning" not in _attributes(name)


@pytest.mark.parametrize(
    "name", [name for name in FILES if name.startswith("symdiff") and not name.startswith(SEE_BOTH)]
)
def test_the_derivation_reads_no_rule(name: str) -> None:
    assert not {"vjp", "rules", "joint_rule"} & _attributes(name)


def _attributes(name: str) -> set[str]:
    """The attributes of other objects that a module reads."""
    return {
        node.attr
        for node in ast.walk(TREES[name])
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and not _is_self(node.value)
    }


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


@pytest.mark.parametrize("name", [name for name in WITHOUT_SYMPY if name in FILES])
def test_sympy_comes_late(name: str) -> None:
    assert not [
        module for module in reached(name) if module.split(".")[0] in {"sympy", "jinja2", "rich", "torch", "jax"}
    ]


def test_sympy_comes_late_in_a_process() -> None:
    script = (
        "import sys, symdiff, symdiff.tracing.trace, symdiff.cli; "
        "assert not {'sympy', 'rich', 'jinja2'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("symdiff")])
def test_frameworks_are_imported_where_they_are_bridged(name: str) -> None:
    tops = {module.split(".")[0] for module in imports(TREES[name], name)}
    if not name.startswith("symdiff.frameworks"):
        assert not tops & {"torch", "jax"}
    if not name.startswith("symdiff.pages.terminal"):
        assert "rich" not in tops
    if not name.startswith("symdiff.pages"):
        assert "jinja2" not in tops


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("symdiff.printing")])
def test_printers_know_only_their_tree(name: str) -> None:
    ours = {module for module in imports(TREES[name], name) if module.split(".")[0] in ("symdiff", "autodiff")}
    assert all(module.startswith("symdiff.printing") for module in ours)


@pytest.mark.parametrize("name", list(FILES))
def test_nothing_evaluates_text(name: str) -> None:
    forbidden = {"eval", "exec", "compile", "__import__", "sympify", "parse_expr", "lambdify", "literal_eval"}
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            is_regex = isinstance(node.func, ast.Attribute) and ast.unparse(node.func) == "re.compile"
            assert called not in forbidden or is_regex, f"{name}, line {node.lineno}: {ast.unparse(node)[:60]}"


def test_no_module_imports_itself_in_a_circle() -> None:
    # Families of operations may name each other as modules: sum and broadcast_to are each other's transposes.
    edges = {
        name: {
            m for m in imports(tree, name, at_import=True) if m in FILES and m != name and not _both_operations(m, name)
        }
        for name, tree in TREES.items()
    }
    done: set[str] = set()
    while len(done) < len(edges):
        free = {name for name in edges.keys() - done if edges[name] <= done | _packages(name)}
        assert free, f"a circle among {sorted(edges.keys() - done)}"
        done |= free


def _both_operations(one: str, other: str) -> bool:
    return one.startswith("autodiff.ops.") and other.startswith("autodiff.ops.")


def _packages(name: str) -> set[str]:
    """The packages a module stands in, which Python imports before it and which may import it in turn."""
    parts = name.split(".")
    return {".".join(parts[:depth]) for depth in range(1, len(parts))}


def test_files_are_named_for_what_they_hold() -> None:
    assert not [name for name in FILES if name.rpartition(".")[2] in {"utils", "util", "helpers", "misc", "common"}]


def test_the_walk_over_imports_sees_them() -> None:
    """The checks above are only as good as this."""
    assert "sympy" in reached("symdiff.calculus.chain_rule")
    assert "symdiff.tracing.graph" in reached("symdiff.tracing.trace")
    assert "autodiff.declare.op" in set(imports(TREES["autodiff"], "autodiff"))
