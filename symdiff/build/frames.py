"""Objects through a pipe: a length, and the object's bytes."""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any

__all__ = ["PipeEnded", "receive", "send"]

_LENGTH = struct.Struct("!Q")


class PipeEnded(Exception):
    """The other end of the pipe is closed, or its process is gone."""


def send(pipe: IO[bytes], sent: object) -> None:
    """Write an object.

    Raises:
        PipeEnded: nobody reads any more.
    """
    data = pickle.dumps(sent, protocol=pickle.HIGHEST_PROTOCOL)
    try:
        pipe.write(_LENGTH.pack(len(data)))
        pipe.write(data)
        pipe.flush()
    except (OSError, ValueError):  # ValueError: it was closed on this side, since its process was ended
        raise PipeEnded from None


def receive(pipe: IO[bytes]) -> Any:
    """The next object; waits for it.

    Raises:
        PipeEnded: there is none any more.
    """
    try:
        (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
        data = _exactly(pipe, length)
    except (OSError, ValueError):
        raise PipeEnded from None
    # both ends are processes of one user and one program
    return pickle.loads(data)  # noqa: S301


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if data is None or len(data) < size:
        raise PipeEnded
    return data
