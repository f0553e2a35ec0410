"""The directions of the architecture: who imports whom, and what each part may not touch."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
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
# The order of the architecture: a station imports from those above it here, never from one beside it on its line.
STATIONS = {
    "autodiff": (
        "axes broadcasting kernels scipy_extra printing methods",
        "declare",
        "record",
        "walk",
        "speed",
        "numpy_face",
        "tensor",
        "creation",
        "namespace pytorch_names",
        "operators",
        "ops",
        "linalg fft stats",
        "trees",
        "runs",
        "transforms stubs",
        "__init__",
    ),
    "symdiff": (
        "errors options formats arrays catalogues",
        "sentences deadline",
        "printing algebra",
        "language",
        "output process turns",
        "tracing",
        "frameworks",
        "meaning",
        "calculus",
        "closed_forms evaluation",
        "matrix_form",
        "code_out",
        "at_point",
        "second_order",
        "agreement",
        "explained picture",
        "viewing",
        "pages",
        "proof",
        "checking",
        "explanation second_check",
        "check",
        "build",
        "cli sphinx",
        "pytest_plugin __main__ __init__",
    ),
}

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
    "symdiff.deadline",
    "symdiff.process",
    "symdiff.turns",
    "symdiff.cli",
    "symdiff.__main__",
    "symdiff.agreement.report",
    "symdiff.build.commands",
    "symdiff.build.marks",
    "symdiff.build.reading",
    "symdiff.build.workers",
    "symdiff.build.worker",
    "symdiff.pytest_plugin",
)


def imports(tree: ast.AST, name: str, *, at_import: bool = False) -> Iterator[str]:
    """The modules that a module imports; with ``at_import`` only those that are imported with it."""
    for node in _walk_at_import(tree) if at_import else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, name)
            modules = [f"{base}.{alias.name}" for alias in node.names if f"{base}.{alias.name}" in FILES]
            yield from modules
            # a package that modules are taken from is not read itself, but it is run
            if at_import or len(modules) < len(node.names):
                yield base


def _walk_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when a module is imported."""
    yield node
    for child in ast.iter_child_nodes(node):
        later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        if not later and not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            yield from _walk_at_import(child)


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
    late = {"sympy", "jinja2", "rich", "torch", "jax", "autograd"}
    assert not [module for module in reached(name) if module.split(".")[0] in late]


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
        assert not tops & {"torch", "jax", "autograd"}
    if not name.startswith(("symdiff.pages.terminal", "symdiff.build.progress")):
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


# --- stations ---------------------------------------------------------------------------------------------------------


def station(name: str) -> str:
    """The room, or the file beside the rooms, that a module stands in: ``meaning`` of ``symdiff.meaning.terms``."""
    return name.split(".")[1] if "." in name else "__init__"


def levels(package: str) -> dict[str, int]:
    """By station its place in the order; those of one line stand side by side."""
    return {each: level for level, line in enumerate(STATIONS[package]) for each in line.split()}


def arrows(trees: Mapping[str, ast.AST]) -> Iterator[tuple[str, str]]:
    """Every import of ours, wherever it stands: in a function, under TYPE_CHECKING, at the top."""
    for name, tree in trees.items():
        yield from ((name, module) for module in dict.fromkeys(imports(tree, name)) if module in trees)


def arrows_against(trees: Mapping[str, ast.AST]) -> list[str]:
    """The imports that go up, or across to a station that stands beside one's own."""
    order = {package: levels(package) for package in STATIONS}
    found = []
    for name, module in arrows(trees):
        (package, here), (other, there) = ((each.split(".")[0], station(each)) for each in (name, module))
        if other != package:
            against = package == "autodiff"
        else:
            against = here != there and order[package][there] >= order[package][here]
        if against:
            found.append(f"{name} imports {module}")
    return found


def circles(trees: Mapping[str, ast.AST]) -> list[set[str]]:
    """The sets of modules that import each other."""
    below: dict[str, set[str]] = {name: set() for name in trees}
    for name, module in arrows(trees):
        if module != name and not _both_operations(name, module):
            below[name].add(module)
    reach = {name: _reached_from(name, below) for name in trees}
    together = {name: frozenset(n for n in reach[name] if name in reach[n]) | {name} for name in trees}
    return [set(each) for each in set(together.values()) if len(each) > 1]


def _reached_from(start: str, below: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for name in below[waiting.pop()] - seen:
            seen.add(name)
            waiting.append(name)
    return seen


def _both_operations(one: str, other: str) -> bool:
    """The one exception: families of operations use each other's, as sum and broadcast_to do, which are transposes."""
    return one.startswith("autodiff.ops.") and other.startswith("autodiff.ops.")


def test_every_module_has_its_station() -> None:
    assert {(name.split(".")[0], station(name)) for name in FILES} == {
        (package, each) for package in STATIONS for each in levels(package)
    }


def test_imports_go_down_only() -> None:
    assert arrows_against(TREES) == []


def test_no_module_imports_itself_in_a_circle() -> None:
    assert circles(TREES) == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("symdiff.meaning.terms", "from symdiff.viewing.view import View"),
        ("symdiff.language.names", "import symdiff.pages.document"),
        ("symdiff.closed_forms.forms", "def f():\n    from symdiff.evaluation import evaluate"),
        ("symdiff.calculus.chain_rule", "if TYPE_CHECKING:\n    from symdiff.explanation import Explanation"),
        ("symdiff.algebra.atoms", "from symdiff.meaning.terms import Element"),
        ("autodiff.record.node", "from ..walk.walk import walk_back"),
        ("autodiff.kernels", "import symdiff.errors"),
    ],
)
def test_an_arrow_against_the_stations_is_seen(name: str, line: str) -> None:
    assert len(arrows_against({**TREES, name: ast.parse(line)})) == 1


@pytest.mark.parametrize(
    ("first", "second", "line"),
    [
        ("symdiff.meaning.sizes", "symdiff.meaning.terms", "def f():\n    from symdiff.meaning.terms import Term"),
        ("symdiff.meaning.sizes", "symdiff.meaning.terms", "if TYPE_CHECKING:\n    import symdiff.meaning.terms"),
        ("autodiff.record.node", "autodiff.record.modes", "from .modes import mode"),
    ],
)
def test_a_circle_is_seen(first: str, second: str, line: str) -> None:
    assert circles({**TREES, first: ast.parse(line)}) == [{first, second}]


def test_the_document_has_the_same_stations() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for package, lines in STATIONS.items():
        block = re.search(rf"```text {package}\n(.*?)\n```", text, re.DOTALL)
        assert block is not None, package
        assert block[1].split("\n") == list(lines)


# --- private names ----------------------------------------------------------------------------------------------------


BRIDGES = ("symdiff.frameworks.hips", "symdiff.frameworks.jax", "symdiff.frameworks.pytorch")
"""What a framework's tracer saw it tells under private names only."""


def foreign_privates(trees: Mapping[str, ast.Module]) -> list[str]:
    """Where a module touches a private name of an object whose class is another module's."""
    found = []
    for name, tree in trees.items():
        own = {each for node in ast.walk(tree) for each in _introduced(node)}
        found += [
            f"{name}, line {node.lineno}: {ast.unparse(node)}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and node.attr.startswith("_")
            and not node.attr.startswith("__")
            and node.attr not in own
            and not _is_self(node.value)
            and not _is_sympys(node)
            and not name.startswith(BRIDGES)
        ]
    return found


def _introduced(node: ast.AST) -> Iterator[str]:
    """The names of attributes that a class of this module has: its methods, slots, fields, and what it gives itself."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_self(node.value):
        yield node.attr
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id
    elif isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__slots__" for t in node.targets):
        yield from (each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant))


def _is_sympys(node: ast.Attribute) -> bool:
    """sympy and mpmath keep these names without another way to what they hold; the modules that ask say why."""
    return node.attr in {"_mpf_", "_to_mpmath", "_print"}


def test_nobody_touches_anothers_private_names() -> None:
    assert foreign_privates(TREES) == []


def test_a_touched_private_name_is_seen() -> None:
    assert len(foreign_privates({"symdiff.seeded": ast.parse("def f(tensor):\n    return tensor._node\n")})) == 1


def test_files_are_named_for_what_they_hold() -> None:
    assert not [name for name in FILES if name.rpartition(".")[2] in {"utils", "util", "helpers", "misc", "common"}]


def test_the_walk_over_imports_sees_them() -> None:
    """The checks above are only as good as this."""
    assert "sympy" in reached("symdiff.calculus.chain_rule")
    assert "symdiff.tracing.graph" in reached("symdiff.tracing.trace")
    assert "autodiff.declare.op" in set(imports(TREES["autodiff"], "autodiff"))
