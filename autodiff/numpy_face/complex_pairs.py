"""Complex numbers as pairs of real tensors: as much of them as lies between a Fourier transform and a real result."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..declare.op import TABLE, Op


class ComplexPair:
    """A complex array whose parts are tensors; ``real``, ``imag``, ``abs`` and ``irfft`` lead back to real ones."""

    __slots__ = ("imag", "real")

    def __init__(self, real: Any, imag: Any) -> None:
        self.real = real
        self.imag = imag

    @property
    def shape(self) -> tuple[int, ...]:
        return self.real.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return self.real.size  # type: ignore[no-any-return]

    def __len__(self) -> int:
        return len(self.real)

    def __repr__(self) -> str:
        return f"ComplexPair({self.real!r}, {self.imag!r})"

    def __getitem__(self, index: Any) -> ComplexPair:
        return ComplexPair(self.real[index], self.imag[index])

    def conj(self) -> ComplexPair:
        return ComplexPair(self.real, -self.imag)

    conjugate = conj

    def sum(self, axis: Any = None, keepdims: bool = False) -> ComplexPair:
        parts = [TABLE["sum"](part, axis=axis, keepdims=keepdims) for part in (self.real, self.imag)]
        return ComplexPair(*parts)

    def __neg__(self) -> ComplexPair:
        return ComplexPair(-self.real, -self.imag)

    def __abs__(self) -> Any:
        return TABLE["hypot"](self.real, self.imag)

    def __add__(self, other: Any) -> ComplexPair:
        a, b = _parts(other)
        return ComplexPair(self.real + a, self.imag + b)

    __radd__ = __add__

    def __sub__(self, other: Any) -> ComplexPair:
        a, b = _parts(other)
        return ComplexPair(self.real - a, self.imag - b)

    def __rsub__(self, other: Any) -> ComplexPair:
        a, b = _parts(other)
        return ComplexPair(a - self.real, b - self.imag)

    def __mul__(self, other: Any) -> ComplexPair:
        if not (isinstance(other, ComplexPair) or np.iscomplexobj(other)):
            return ComplexPair(self.real * other, self.imag * other)
        a, b = _parts(other)
        return ComplexPair(self.real * a - self.imag * b, self.real * b + self.imag * a)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> ComplexPair:
        if not (isinstance(other, ComplexPair) or np.iscomplexobj(other)):
            return ComplexPair(self.real / other, self.imag / other)
        return _quotient(self, other)

    def __rtruediv__(self, other: Any) -> ComplexPair:
        return _quotient(_pair(other), self)

    def __autodiff_apply__(self, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Return what an operation gives of a pair; ``tensor * pair`` and ``np.multiply(tensor, pair)`` come here."""
        if op.name in _OPERATIONS and not params:
            return _OPERATIONS[op.name](*map(_pair, operands))
        return _refused(op.name)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        name = ufunc.__name__
        if method == "__call__" and not options and name in _OPERATIONS:
            return _OPERATIONS[name](*map(_pair, inputs))
        return _refused(name)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        if function in TRANSFORMS:
            return TRANSFORMS[function](*args, **kwargs)
        if function in _FUNCTIONS:
            return _FUNCTIONS[function](*args, **kwargs)
        return _refused(function.__name__)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return _refused("asarray")


def _refused(name: str) -> Any:
    raise TypeError(
        f"np.{name} of complex numbers has no derivative here; between a Fourier transform and a real result there are "
        "+ - * /, conj, abs, real, imag, angle, sum, indices, and the transforms of np.fft"
    )


def _quotient(x: ComplexPair, y: Any) -> ComplexPair:
    a, b = _parts(y)
    size = a * a + b * b
    return ComplexPair((x.real * a + x.imag * b) / size, (x.imag * a - x.real * b) / size)


def _parts(x: Any) -> tuple[Any, Any]:
    return (x.real, x.imag) if isinstance(x, ComplexPair) or np.iscomplexobj(x) else (x, 0.0)


def _pair(x: Any) -> ComplexPair:
    if isinstance(x, ComplexPair):
        return x
    real, imag = _parts(x)
    return ComplexPair(real, imag if np.shape(imag) else np.zeros(np.shape(real)))


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "absolute": abs,
    "abs": abs,
    "conjugate": ComplexPair.conj,
    "negative": ComplexPair.__neg__,
    "square": lambda z: z * z,
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
}
"""By the names of our operations and of NumPy's functions."""


def _sum(a: ComplexPair, axis: Any = None, keepdims: Any = False) -> ComplexPair:
    return a.sum(axis, keepdims is True)


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.real: lambda val: val.real,
    np.imag: lambda val: val.imag,
    np.angle: lambda z: TABLE["arctan2"](z.imag, z.real),
    np.sum: _sum,
    np.shape: lambda a: a.shape,
    np.ndim: lambda a: a.ndim,
    np.size: lambda a: a.size,
}

# --- np.fft -----------------------------------------------------------------------------------------------------------

_SCALES: dict[str | None, Callable[[int], float]] = {
    None: lambda n: 1.0,
    "backward": lambda n: 1.0,
    "ortho": lambda n: n**-0.5,
    "forward": lambda n: 1.0 / n,
}
_BACK: dict[str | None, str] = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def _of_length(x: Any, n: int | None, axis: int) -> Any:
    """``x`` with ``axis`` last, cut or filled with zeros to length ``n``."""
    x = TABLE["moveaxis"](x, axis, -1)
    length = x.shape[-1]
    if n is None or n == length:
        return x
    if n < length:
        return x[..., :n]
    return TABLE["pad"](x, [(0, 0)] * (x.ndim - 1) + [(0, n - length)])


def _transformed(x: Any, n: int | None, axis: int, norm: str | None, half: bool) -> ComplexPair:
    """The transform of a real tensor, or of a pair by the parts."""
    if isinstance(x, ComplexPair):
        re, im = (_transformed(part, n, axis, norm, half) for part in (x.real, x.imag))
        return ComplexPair(re.real - im.imag, re.imag + im.real)
    x = _of_length(x, n, axis)
    length = x.shape[-1]
    z = TABLE["dft"](x, count=length // 2 + 1 if half else length) * _SCALES[norm](length)
    return ComplexPair(*(TABLE["moveaxis"](z[..., part], -1, axis) for part in (0, 1)))


def fft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> ComplexPair:
    return _transformed(a, n, axis, norm, half=False)


def rfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> ComplexPair:
    return _transformed(a, n, axis, norm, half=True)


def ifft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> ComplexPair:
    return _transformed(_pair(a).conj(), n, axis, _BACK[norm], half=False).conj()


def irfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    z = _pair(a)
    length = 2 * (z.shape[axis] - 1) if n is None else n
    count = length // 2 + 1
    re, im = (_of_length(part, count, axis) for part in (z.real, z.imag))
    weights = np.full(count, 2.0)
    weights[0] = 1.0
    if length % 2 == 0:
        weights[-1] = 1.0  # the frequency that is its own mirror image
    weights *= _SCALES[_BACK[norm]](length)
    h = TABLE["stack"]([re * weights, im * weights], axis=-1)
    return TABLE["moveaxis"](TABLE["dft_transposed"](h, length=length), -1, axis)


def _over_axes(one: Callable[..., Any], a: Any, s: Sequence[int] | None, axes: Any, norm: str | None) -> Any:
    axes = tuple(range(-len(s), 0)) if axes is None and s is not None else axes
    axes = tuple(range(len(a.shape))) if axes is None else tuple(axes)
    for place, axis in enumerate(axes):
        a = one(a, None if s is None else s[place], axis, norm)
    return a


def rfftn(a: Any, s: Sequence[int] | None = None, axes: Any = None, norm: str | None = None) -> ComplexPair:
    *before, last = _axes_of(a, s, axes)
    y = rfft(a, None if s is None else s[-1], last, norm)
    lengths = None if s is None else s[:-1]
    return _over_axes(fft, y, lengths, before, norm) if before else y


def irfftn(a: Any, s: Sequence[int] | None = None, axes: Any = None, norm: str | None = None) -> Any:
    *before, last = _axes_of(a, s, axes)
    lengths = None if s is None else s[:-1]
    y = _over_axes(ifft, a, lengths, before, norm) if before else a
    return irfft(y, None if s is None else s[-1], last, norm)


def _axes_of(a: Any, s: Sequence[int] | None, axes: Any) -> tuple[int, ...]:
    if axes is not None:
        return tuple(axes)
    return tuple(range(-len(s), 0)) if s is not None else tuple(range(len(a.shape)))


def _rolled(x: Any, axes: Any, back: bool) -> Any:
    if isinstance(x, ComplexPair):
        return ComplexPair(*(_rolled(part, axes, back) for part in (x.real, x.imag)))
    places = tuple(range(x.ndim)) if axes is None else (axes,) if isinstance(axes, int) else tuple(axes)
    for axis in places:  # one after the other: of one axis the meaning holds for every length
        half = x.shape[axis] // 2
        x = TABLE["roll"](x, shift=-half if back else half, axis=axis)
    return x


TRANSFORMS: dict[Any, Callable[..., Any]] = {
    np.fft.fft: fft,
    np.fft.rfft: rfft,
    np.fft.ifft: ifft,
    np.fft.irfft: irfft,
    np.fft.fft2: lambda a, s=None, axes=(-2, -1), norm=None: _over_axes(fft, a, s, axes, norm),
    np.fft.ifft2: lambda a, s=None, axes=(-2, -1), norm=None: _over_axes(ifft, a, s, axes, norm),
    np.fft.fftn: lambda a, s=None, axes=None, norm=None: _over_axes(fft, a, s, axes, norm),
    np.fft.ifftn: lambda a, s=None, axes=None, norm=None: _over_axes(ifft, a, s, axes, norm),
    np.fft.rfft2: lambda a, s=None, axes=(-2, -1), norm=None: rfftn(a, s, axes, norm),
    np.fft.rfftn: lambda a, s=None, axes=None, norm=None: rfftn(a, s, axes, norm),
    np.fft.irfft2: lambda a, s=None, axes=(-2, -1), norm=None: irfftn(a, s, axes, norm),
    np.fft.irfftn: lambda a, s=None, axes=None, norm=None: irfftn(a, s, axes, norm),
    np.fft.fftshift: lambda x, axes=None: _rolled(x, axes, back=False),
    np.fft.ifftshift: lambda x, axes=None: _rolled(x, axes, back=True),
}
