"""Tensors print as PyTorch prints them: its own output, recorded, and the rules at their edges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.printing import tensor_text

RECORDED = json.loads(Path(__file__).with_name("printed_by_pytorch.json").read_text())["cases"]


def values_of(case: dict[str, Any]) -> np.ndarray:
    values = case["values"]
    if isinstance(values, dict):
        flat = np.arange(float(values["arange"])) / values["divided_by"]
    else:
        read = {"bool": lambda text: text == "True", "int": int, "float": float}
        flat = [read[case["dtype"].rstrip("0123456789")](text) for text in values]
    return np.array(flat, dtype=case["dtype"]).reshape(case["shape"])


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: f"{case['dtype']}{case['shape']}")
def test_as_pytorch_prints(case: dict[str, Any]) -> None:
    assert tensor_text(values_of(case), case["requires_grad"], case["grad_fn"]) == case["text"]


def test_contract() -> None:
    x = ad.arange(4.0, requires_grad=True)
    y = x * x
    assert repr(x) == "tensor([0., 1., 2., 3.], requires_grad=True)"
    assert repr(y) == "tensor([0., 1., 4., 9.], grad_fn=<MulBackward0>)"
    y.mean().backward()
    assert str(x.grad) == "tensor([0.0000, 0.5000, 1.0000, 1.5000])"


def test_dtype_is_named_unless_it_goes_without_saying() -> None:
    assert repr(ad.tensor([1.5], dtype=np.float32)) == "tensor([1.5000], dtype=float32)"
    assert repr(ad.tensor([1, 2])) == "tensor([1, 2])"
    assert repr(ad.tensor([1, 2], dtype=np.int32)) == "tensor([1, 2], dtype=int32)"
    assert repr(ad.zeros((0,), dtype=np.int64)) == "tensor([], dtype=int64)"


def test_notes_go_to_a_line_of_their_own_where_the_line_is_full() -> None:
    text = repr(ad.tensor(np.arange(8.0) + 0.5, requires_grad=True))
    assert text.splitlines()[1:] == ["       requires_grad=True)"]
    assert max(map(len, text.splitlines())) <= 80


def test_format() -> None:
    assert f"{ad.tensor(2.0):.3f}" == "2.000"
    assert f"{ad.tensor([1.0])}" == "tensor([1.])"


def test_complex_constants() -> None:
    assert repr(ad.tensor([1 + 2j, 0.5 - 1j])) == "tensor([1.0000+2.j, 0.5000-1.j])"
