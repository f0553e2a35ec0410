"""Assignments to tensors, ``y[i] = v`` and ``y += v``: they give the tensor new memory, and watch who has the old."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..axes import is_basic
from ..declare.binding import plain as without_tensors
from ..declare.guards import frozen
from ..declare.op import TABLE
from ..record.modes import OFF, mode
from ..record.node import NO_GRADIENT
from ..record.overwritten import OVERWRITTEN, is_shared, overwrite, refuse_stale, refuse_stale_but_at, walking
from ..record.recording import Recorded

VIEWS = frozenset({
    "reshape", "ravel", "transpose", "matrix_transpose", "swapaxes", "moveaxis", "expand_dims", "squeeze", "diagonal",
    "broadcast_to", "flip",
})  # fmt: skip
"""Of what these make NumPy's arrays share their elements with."""


class Assignable(Recorded):
    """The part of a tensor that is assigned to."""

    __slots__ = ()

    def __setitem__(self, index: Any, value: Any) -> None:
        """Let this tensor be what it was but for ``value`` at ``index``; what was computed from it before stays.

        TypeError for an input, and for a view of what another tensor may have: that one would not change.  Views of
        this tensor become stale: RuntimeError where they are used afterwards.
        """
        node = self.node
        if node is not None and node.op is None and node.store is not NO_GRADIENT:
            raise TypeError("the elements of an input cannot be assigned; write x = x.copy() before")
        shared = is_shared(self)
        # A complete recording keeps everything, so that all would be shared: what is stale is refused when it is used.
        if shared and self._is_view() and not mode().complete:
            made_by = f"(by {node.op.name}) " if node is not None else ""
            raise TypeError(
                f"this tensor is a view of another one {made_by}whose elements would not change with it; assign to "
                "those of the other, y[i, j] = value, or write .copy() before"
            )
        index = without_tensors(index, "put", "index")
        if OVERWRITTEN:
            refuse_stale((value,))
            refuse_stale_but_at(self, index)
            with walking():
                made = TABLE["put"](self, value, index=index)
        else:
            made = TABLE["put"](self, value, index=index)
        self._become(made, index, shared)

    def _become(self, made: Any, index: Any, shared: bool) -> None:
        if shared:
            overwrite(self.array, index)
        self.array, self.node = made.array, made.node

    def _is_view(self) -> bool:
        node = self.node
        if node is None or node.op is None:
            return type(self.array) is np.ndarray and self.array.base is not None
        return node.op.name in VIEWS or (node.op.name == "getitem" and is_basic(node.params["index"]))

    def _takes(self, made: Any) -> bool:
        """Whether the elements of ``made`` fit into those of this tensor, which is no number."""
        own = self.array
        if type(made) is not type(self) or not own.ndim:
            return False
        return bool(made.array.shape == own.shape and made.array.dtype.kind == own.dtype.kind)

    def in_place(self, made: Any) -> Any:
        """Return what ``self += x`` gives the name, where ``made`` is ``self + x``: other names for it see it, too.

        Numbers are new ones, as NumPy's are, and so are inputs: a gradient is by what they were.  Other names and views
        of an input, and what this is a view of, become stale.
        """
        if not self._takes(made):
            return made
        if made.array.dtype != self.array.dtype:
            made = made.astype(self.array.dtype)
        node = self.node
        is_input = node is not None and node.op is None and node.store is not NO_GRADIENT
        shared = is_shared(self)
        if is_input and mode() is OFF:  # a step of a descent
            made.array, made.node = frozen(made.array), node
        elif is_input or (shared and self._is_view()):
            overwrite(self.array)
            return made
        self._become(made, ..., shared)
        return self
