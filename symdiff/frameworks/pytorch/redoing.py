"""What a file's lines computed, done again as a function of the leaves that it was computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from inspect import Parameter, Signature
from keyword import iskeyword
from typing import Any

import torch
from torch.utils._pytree import tree_leaves, tree_map

from symdiff.frameworks.pytorch.calling import Named
from symdiff.frameworks.pytorch.recording import Computed, Kept, Record, Step


class Redone(Named):
    """A tensor of a file's: called with its leaves it runs the recorded calls that it needs.

    Leaves whose names are no parameters' (``layer.weight``) are closed over, as a function closes over a module.
    """

    def __init__(self, name: str, result: int, record: Record) -> None:
        self.__name__ = name
        self.variables: dict[str, Any] = {}
        self._result, self._record = result, record
        self._steps = needed(record, result)
        keys = [each.key for step in self._steps for each in step.given(Kept)]
        self.is_whole = record.unseen.isdisjoint(keys)
        self._leaves = _named([key for key in record.leaves if key in keys], record.names)
        self._constants = {key: record.constants[key] for key in keys if key in record.constants}
        self.given = {name: record.leaves[key] for key, name in self._leaves.items() if _is_parameter(name)}
        self._closed = {
            key: record.leaves[key].clone().requires_grad_()
            for key, name in self._leaves.items()
            if name not in self.given
        }
        self.tensors = {self._leaves[key]: each for key, each in self._closed.items()}
        for key, constant in self._constants.items():
            if key[0] in record.names:
                self.tensors.setdefault(record.names[key[0]], constant)
        self.__signature__ = Signature([Parameter(each, Parameter.POSITIONAL_OR_KEYWORD) for each in self.given])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The tensor, for leaves of the same shapes."""
        named = self.__signature__.bind(*args, **kwargs).arguments
        kept = {**self._constants, **self._closed}
        kept.update({key: named[name] for key, name in self._leaves.items() if name in named})
        tensors: dict[int, Any] = {}
        for step in self._steps:
            _again(step, kept, tensors)
        names = self._record.names
        self.variables = {names[each]: tensor for each, tensor in tensors.items() if each in names}
        return tensors[self._result]


def _again(step: Step, kept: Mapping[tuple[int, int], Any], tensors: dict[int, Any]) -> None:
    def argument(value: Any) -> Any:
        if isinstance(value, Computed):
            return tensors[value.tensor]
        if not isinstance(value, Kept):
            return value
        if value.key[0] in step.written:  # it is written to: the one that is kept stays as it is
            before = kept[value.key]
            tensors[value.key[0]] = torch.zeros(before.shape, dtype=before.dtype).copy_(before)
            return tensors[value.key[0]]
        return kept[value.key]

    args, kwargs = tree_map(argument, (step.args, step.kwargs))
    with nullcontext() if step.with_grad else torch.no_grad():
        result = step.function(*args, **kwargs)
    made = [each for each in tree_leaves(result) if isinstance(each, torch.Tensor)]
    tensors.update(zip(step.made, made, strict=True))


def needed(record: Record, result: int) -> list[Step]:
    """The steps that a tensor was computed by, and the branches taken on what was computed from its leaves alone."""
    found = _behind(record.steps, {result})
    leaves = {each.key for step in found for each in step.given(Kept) if each.key in record.leaves}
    behind: dict[int, frozenset[tuple[int, int]]] = {}
    for place, step in enumerate(record.steps):
        own = frozenset(each.key for each in step.given(Kept) if each.key in record.leaves)
        own = own.union(*(behind[each.tensor] for each in step.given(Computed)))
        behind.update(dict.fromkeys((*step.made, *step.written), own))
        if step.is_branch and own <= leaves:
            found += [step, *_behind(record.steps[:place], {each.tensor for each in step.given(Computed)})]
    chosen = set(map(id, found))
    return [step for step in record.steps if id(step) in chosen]


def _behind(steps: Sequence[Step], wanted: set[int]) -> list[Step]:
    """The last steps first; a step that wrote where a wanted tensor lies is wanted."""
    found: list[Step] = []
    wanted = set(wanted)
    places = {each: step.memory for step in steps for each in (*step.made, *step.written)}
    memory = set().union(*(places.get(each, ()) for each in wanted))
    for step in reversed(steps):
        if not step.is_branch and (wanted & set(step.made) or (step.written and memory & step.memory)):
            given = {each.tensor for each in step.given(Computed)}
            wanted |= given
            memory |= step.memory.union(*(places.get(each, ()) for each in given))
            found.append(step)
    return found


def _named(keys: Sequence[tuple[int, int]], names: Mapping[int, str]) -> dict[tuple[int, int], str]:
    """A name for each leaf: the file's own; of two that bear one name the last one keeps it."""
    found: dict[tuple[int, int], str] = {}
    for key in reversed(keys):
        name = first = names.get(key[0], "leaf")
        number = 0
        while name in found.values() or (number and name in names.values()):
            number += 1
            name = f"{first}_{number}"
        found[key] = name
    return {key: found[key] for key in keys}


def _is_parameter(name: str) -> bool:
    return name.isidentifier() and not iskeyword(name)
