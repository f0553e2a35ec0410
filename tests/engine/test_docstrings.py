"""Docstrings: every transform says what it takes, returns and refuses, and every example runs."""

from __future__ import annotations

import doctest
import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad

TRANSFORMS = (
    ad.grad, ad.value_and_grad, ad.elementwise_grad, ad.vjp, ad.jvp, ad.jacobian, ad.hessian, ad.hvp, ad.flatten,
    ad.tensor,
)  # fmt: skip
FILES = [path for path in sorted(Path(ad.__file__).parent.rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda transform: transform.__name__)
def test_a_transform_says_what_it_takes_and_refuses(transform: Any) -> None:
    text = inspect.getdoc(transform) or ""
    for part in ("Args:", "Raises:", ">>> "):
        assert part in text, f"{transform.__name__}: {part}"
    assert "Returns:" in text or transform is ad.tensor
    for name in inspect.signature(transform).parameters:
        assert f"    {name}:" in text, f"{transform.__name__}: {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_examples_run(path: Path) -> None:
    module = ".".join(path.relative_to(Path(ad.__file__).parents[1]).with_suffix("").parts).removesuffix(".__init__")
    found = doctest.DocTestFinder().find(import_module(module), globs={"ad": ad, "np": np})
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in found:
        runner.run(test)
    assert runner.tries > 0
    assert runner.failures == 0


def test_gelu_says_at_once_which_it_is() -> None:
    assert "tanh form" in (inspect.getdoc(ad.gelu) or "").split("\n")[0]
