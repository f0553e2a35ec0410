"""What may be wrong with a gradient, and what it would then be: of all elements alike, or of some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from symdiff.agreement.diagnosis.factors import Factor, factors_near
from symdiff.agreement.diagnosis.observed import Observed
from symdiff.arrays import Array
from symdiff.sentences import Said

__all__ = ["Hypothesis", "of_arrangement", "of_factors", "of_shapes", "of_some_elements", "ratio_of", "said_of_factor"]

Predict = Callable[[Observed], "Array | None"]


@dataclass(frozen=True)
class Hypothesis:
    """What may be wrong, in words and as a gradient: ``predict`` gives what would be got at a point.

    ``of_given`` reads what was got of whatever shape instead of predicting it, and says whether it fits.
    """

    said: Said
    predict: Predict | None = None
    fits: Callable[[Observed], bool] | None = None

    def holds(self, name: str, observed: Observed) -> bool:
        """Whether it explains what was got by an input at a point."""
        if self.fits is not None:
            return self.fits(observed)
        assert self.predict is not None
        with np.errstate(all="ignore"):
            predicted = self.predict(observed)
        return predicted is not None and observed.same(name, predicted)


def ratio_of(got: Array, want: Array) -> float | None:
    """The one factor between two arrays, by the element in which it is surest; None where there is none."""
    size = np.where(np.isfinite(want) & np.isfinite(got), np.abs(want), 0.0)
    if not size.size or not size.max():
        return None
    index = np.unravel_index(int(np.argmax(size)), size.shape)
    return float(got[index] / want[index])


# --- shapes -----------------------------------------------------------------------------------------------------------


def of_shapes(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """Why a gradient has another shape than its input."""
    if name not in observed.misshapen:
        return
    got = observed.misshapen[name]
    shape = observed.want(name).shape
    for axes in _summed_axes(got.shape, shape):
        values = {"name": name, "axis": str(axes[0] if len(axes) == 1 else axes)}
        yield Hypothesis(Said("diagnosis.sum", values), fits=_summed(name, axes))
    if got.T.shape == shape:
        yield Hypothesis(
            Said("diagnosis.transposed", {"name": name}), fits=lambda at: _fits(name, at, at.misshapen[name].T)
        )
    if got.size == np.prod(shape, dtype=int):
        yield Hypothesis(
            Said("diagnosis.reshaped", {"name": name, "shape": str(shape)}),
            fits=lambda at: _fits(name, at, at.misshapen[name]),
        )


def _summed(name: str, axes: tuple[int, ...]) -> Callable[[Observed], bool]:
    return lambda at: _fits(name, at, np.asarray(at.misshapen[name].sum(axis=axes)))


def _summed_axes(got: tuple[int, ...], wanted: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The axes over which a sum would give the wanted shape, or that with axes of length 1."""
    lead = len(got) - len(wanted)
    if lead < 0:
        return []
    stretched = tuple(range(lead)) + tuple(
        lead + k for k, length in enumerate(wanted) if length == 1 and got[lead + k] != 1
    )
    fits = all(got[lead + k] == length or lead + k in stretched for k, length in enumerate(wanted))
    found = [stretched] if fits and stretched else []
    if lead == 1:
        found += [(k,) for k in range(len(got)) if got[:k] + got[k + 1 :] == wanted and (k,) not in found]
    return found


def _fits(name: str, at: Observed, mended: Array) -> bool:
    want = at.want(name)
    return mended.size == want.size and at.same(name, want, np.reshape(np.asarray(mended, dtype=float), want.shape))


# --- all elements alike -----------------------------------------------------------------------------------------------


def of_factors(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """Everything is off by one factor, or 0."""
    got, want = observed.got(name), observed.want(name)
    if not got.any() and want.any():
        yield Hypothesis(Said("diagnosis.zero", {"name": name}), lambda at: 0.0 * at.want(name))
        return
    ratio = ratio_of(got, want)
    if ratio is None or not np.isfinite(ratio):
        return
    for factor in factors_near(ratio, observed.sizes, observed.unit):
        said = said_of_factor("diagnosis", {"name": name}, factor, observed)
        yield Hypothesis(said, _times(name, factor))


def _times(name: str, factor: Factor) -> Predict:
    return lambda at: factor.value(at.sizes) * at.want(name)


def said_of_factor(key: str, values: dict[str, str | Said], factor: Factor, observed: Observed) -> Said:
    """The sentence about a factor, with what the sizes in it are here."""
    sizes = ", ".join(f"{n} = {value}" for n, value in observed.sizes.items() if n in _letters(factor.written))
    missing = factor.missing or factor.written
    inverse = factor.inverse or (f"1/{missing}" if missing.isidentifier() else f"1/({missing})")
    filled = {**values, "factor": factor.written, "missing": missing, "inverse": inverse, "sizes": sizes}
    return Said(f"{key}.{factor.kind}", filled)


def _letters(written: str) -> set[str]:
    return {
        each for each in "".join(c if c.isalnum() or c == "_" else " " for c in written).split() if each[0].isalpha()
    }


def of_arrangement(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """The right numbers in wrong places."""
    want = observed.want(name)
    rank = observed.evidence.traced.tensors[name].data.ndim
    if rank == want.ndim >= 2 and want.shape == want.T.shape:
        yield Hypothesis(Said("diagnosis.transposed", {"name": name}), lambda at: at.want(name).T)
    for other in observed.evidence.report.inputs:
        if other != name and observed.want(other).shape == want.shape:
            values = {"name": name, "other": other}
            yield Hypothesis(Said("diagnosis.swapped", values), _other(other))
    for axis in range(want.ndim):
        if want.shape[axis] > 1:
            values = {"name": name, "axis": str(axis)}
            yield Hypothesis(Said("diagnosis.reversed", values), _flipped(name, axis))
            for step in (1, -1):
                yield Hypothesis(Said("diagnosis.shifted", values), _rolled(name, step, axis))
    apart = observed.got(name) - want
    if want.size > 1 and np.isfinite(apart).all() and np.ptp(apart) <= 2.0**-30 * abs(float(apart.flat[0])):
        constant = float(apart.flat[0])
        said = Said("diagnosis.constant", {"name": name, "constant": f"{constant:.6g}"})
        yield Hypothesis(said, lambda at: at.want(name) + constant)


def _other(name: str) -> Predict:
    return lambda at: at.want(name)


def _flipped(name: str, axis: int) -> Predict:
    return lambda at: np.flip(at.want(name), axis)


def _rolled(name: str, step: int, axis: int) -> Predict:
    return lambda at: np.roll(at.want(name), step, axis)


def of_one_factor(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """Everything is off by one number that is not known from anywhere."""
    ratio = ratio_of(observed.got(name), observed.want(name))
    if ratio is not None and np.isfinite(ratio) and observed.want(name).size > 1:
        said = Said("diagnosis.factor", {"name": name, "factor": f"{ratio:.9g}", "missing": "", "sizes": ""})
        yield Hypothesis(said, lambda at: ratio * at.want(name))


# --- some elements ----------------------------------------------------------------------------------------------------


def of_some_elements(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """Right except for some elements, which are off alike: where that is, and by what."""
    got, want = observed.got(name), observed.want(name)
    with np.errstate(all="ignore"):
        off = ~(np.abs(got - want) <= observed.unit * 2.0**14 * np.fmax(np.abs(want), 2.0**-6 * observed.scale(name)))
    if off.all() or not off.any():
        return
    for where, mask in _places(name, observed):
        if mask(observed) is None or not np.array_equal(mask(observed) & (want != got), off & (want != got)):
            continue
        ratio = ratio_of(got[off], want[off])
        factors = [] if ratio is None else factors_near(ratio, observed.sizes, observed.unit)
        values: dict[str, str | Said] = {"name": name, "where": where}
        if ratio == 0:
            yield Hypothesis(Said("diagnosis.where.zero", values), _only(name, mask, lambda _: 0.0))
        for factor in factors:
            said = Said("diagnosis.where.factor", {**values, "factor": factor.written})
            yield Hypothesis(said, _only(name, mask, _valued(factor)))
    count = int(off.sum())
    if np.array_equal(got[off], -want[off]):
        index = tuple(int(k) for k in np.argwhere(off)[0])
        element = f"{name}[{', '.join(map(str, index))}]"
        yield Hypothesis(
            Said("diagnosis.where.sign", {"element": element, "name": name, "all": str(off.size)}, count),
            fits=lambda at: bool(np.array_equal(np.abs(at.got(name)), np.abs(at.want(name)))),
        )


def _valued(factor: Factor) -> Callable[[Observed], float]:
    return lambda at: factor.value(at.sizes)


def _only(name: str, mask: Callable[[Observed], Array | None], factor: Callable[[Observed], float]) -> Predict:
    def predict(at: Observed) -> Array | None:
        here = mask(at)
        return None if here is None else np.where(here, factor(at) * at.want(name), at.want(name))

    return predict


def _places(name: str, observed: Observed) -> Iterator[tuple[str | Said, Callable[[Observed], Array | None]]]:
    """Conditions that some elements meet: on values of the same shape, or on where they stand."""
    shape = observed.want(name).shape
    for node in observed.evidence.traced.graph.nodes:
        if np.shape(node.value) == shape and np.asarray(node.value).dtype.kind == "f":
            called = node.name or next(
                (each for each, k in observed.evidence.traced.graph.inputs.items() if k == node.index), None
            )
            if called is None:
                continue
            for sign, test in (("<", np.less), (">", np.greater), ("==", np.equal)):
                yield f"{called} {sign} 0", _where(node.index, test)
    if len(shape) == 2 and shape[0] == shape[1]:
        for key, build in (("diagonal", np.eye), ("lower", _below), ("upper", _above)):
            yield Said(f"diagnosis.place.{key}"), _part(name, build)
    for axis, length in enumerate(shape):
        for place in (0, -1) if length > 1 else ():
            yield Said("diagnosis.place.slice", {"axis": str(axis), "place": str(place)}), _slice(name, axis, place)


def _where(index: int, test: Callable[..., Array]) -> Callable[[Observed], Array | None]:
    def mask(at: Observed) -> Array | None:
        nodes = at.evidence.traced.graph.nodes
        return test(nodes[index].value, 0.0) if index < len(nodes) else None

    return mask


def _part(name: str, build: Callable[[int], Array]) -> Callable[[Observed], Array | None]:
    return lambda at: build(at.want(name).shape[0]).astype(bool)


def _slice(name: str, axis: int, place: int) -> Callable[[Observed], Array | None]:
    def mask(at: Observed) -> Array | None:
        here = np.zeros(at.want(name).shape, dtype=bool)
        np.moveaxis(here, axis, 0)[place] = True
        return here

    return mask


def _below(n: int) -> Array:
    return np.tri(n, k=-1)


def _above(n: int) -> Array:
    return np.tri(n, k=-1).T
