"""Frozen records that share their methods.

`dataclasses` writes the methods of every class as text and compiles them, a third of a millisecond a class; a document
is made of sixty kinds of things, and a short command would wait for them longer than for its page.
"""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from inspect import get_annotations
from typing import Any, ClassVar, TypeVar, dataclass_transform

__all__ = ["Record", "fields_of", "kept", "replace"]

AnyRecord = TypeVar("AnyRecord", bound="Record")


@dataclass_transform(frozen_default=True)
class Record:
    """A class whose annotated names are its fields, given by place or by name, and compared; a value is its default."""

    __slots__ = ("__dict__", "__weakref__", "_kept")
    _fields: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = [name for name, kind in get_annotations(cls).items() if not str(kind).startswith("ClassVar")]
        cls._fields = (*(name for name in cls._fields if name not in own), *own)
        type.__setattr__(cls, "__match_args__", cls._fields)

    def __init__(self, *args: Any, **named: Any) -> None:
        fields = self._fields
        if not named and len(args) == len(fields):  # most are made so, tens of thousands for a document
            values = self.__dict__
            for field, value in zip(fields, args):  # noqa: B905 - as many, and sooner done
                values[field] = value
            return
        given = dict(zip(fields, args, strict=False)) | named
        if len(args) > len(fields) or len(given) < len(args) + len(named) or not given.keys() <= set(fields):
            raise TypeError(f"{type(self).__name__}({', '.join(fields)}) is given {args} and {named}")
        missing = [name for name in fields if name not in given and not hasattr(type(self), name)]
        if missing:
            raise TypeError(f"{type(self).__name__} lacks {', '.join(missing)}")
        self.__dict__.update(given)

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self._fields)

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"{type(self).__name__}.{name} cannot be assigned to")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"{type(self).__name__}.{name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self._values(), strict=True))
        return f"{type(self).__name__}({fields})"


def kept(record: Record) -> dict[Any, Any]:
    """What was made of a record before, by whoever made it: a record never changes, and no field is touched."""
    try:
        return record._kept  # type: ignore[attr-defined, no-any-return]
    except AttributeError:
        found: dict[Any, Any] = {}
        object.__setattr__(record, "_kept", found)
        return found


def fields_of(record: Record) -> tuple[str, ...]:
    """The names of a record's fields."""
    return record._fields


def replace(record: AnyRecord, **changes: Any) -> AnyRecord:
    """The record with some fields changed."""
    return type(record)(**dict(zip(record._fields, record._values(), strict=True)) | changes)
