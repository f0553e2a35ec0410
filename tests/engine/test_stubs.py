"""The stubs show what the table holds."""

from __future__ import annotations

import ast

import pytest

import autodiff as ad
from autodiff import stubs
from autodiff.declare.op import TABLE


@pytest.mark.parametrize(
    ("name", "text"),
    [("__init__.pyi", stubs.package_stub()), ("methods.pyi", stubs.methods_stub())],
    ids=["package", "methods"],
)
def test_written_stubs_are_those_of_today(name: str, text: str) -> None:
    written = (stubs.HERE / name).read_text(encoding="utf-8")
    assert written == text, "run: python -m autodiff.stubs"


def test_every_public_name_is_in_the_stub() -> None:
    tree = ast.parse(stubs.package_stub())
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    names |= {
        alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert set(TABLE) <= names
    assert {"tensor", "grad", "Tensor", "no_grad", "op"} <= names
    missing = {name for name in names - {"annotations"} if not hasattr(ad, name)} - {
        "Any",
        "TypeAlias",
        "Sequence",
        "ArrayLike",
    }
    assert not missing
