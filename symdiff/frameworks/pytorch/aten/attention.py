"""Scaled dot-product attention, which PyTorch computes by one kernel or another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autodiff as ad
from symdiff.frameworks.missing import Missing


def attention(
    query: Any, key: Any, value: Any, dropout_p: float = 0.0, is_causal: bool = False, attn_mask: Any = None,
    scale: float | None = None,
) -> Any:  # fmt: skip
    """The kernel for processors."""
    if dropout_p:
        raise Missing(f"dropout_p={dropout_p}")
    return [ad.scaled_dot_product_attention(query, key, value, attn_mask, is_causal, scale)]


def math(
    query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0, is_causal: bool = False,
    dropout_mask: Any = None, scale: float | None = None, enable_gqa: bool = False,
) -> Any:  # fmt: skip
    """The one that is written in other operations."""
    if enable_gqa or dropout_mask is not None:
        raise Missing(f"enable_gqa={enable_gqa}")
    return attention(query, key, value, dropout_p, is_causal, attn_mask, scale)


ENTRIES: dict[str, Callable[..., Any]] = {
    "_scaled_dot_product_attention_math": math,
    "_scaled_dot_product_flash_attention_for_cpu": attention,
}
