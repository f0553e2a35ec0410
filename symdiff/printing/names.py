"""Names on the page: Greek letters by their glyphs, words as one word."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from symdiff.printing.tree import Number

__all__ = ["FUNCTION_POWERS", "GREEK", "Glyph", "function_name", "glyph", "name_from_latex", "numbered"]

# the Greek letters by name; omicron is left out: it cannot be told from o
GREEK: dict[str, str] = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "iota": "ι",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "upsilon": "υ",
    "phi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Pi": "Π",
    "Sigma": "Σ",
    "Upsilon": "Υ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
}

# whose powers are written sin²(x), as everybody writes them
FUNCTION_POWERS = frozenset(["sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "sech", "csch", "coth"])

# how a few functions are written otherwise than they are called in code
_FUNCTIONS: dict[str, str] = {
    "arcsinh": "arsinh",
    "arccosh": "arcosh",
    "arctanh": "artanh",
    "gamma": "Γ",
    "polygamma": "ψ",
    "digamma": "ψ",
    "beta": "B",
    "maximum": "max",
    "minimum": "min",
}


@dataclass(frozen=True, slots=True)
class Glyph:
    """A name as it is set, and whether it is one letter or a word."""

    text: str

    @property
    def is_word(self) -> bool:
        """Whether it has more than one letter; combining marks do not count."""
        return sum(not unicodedata.combining(character) for character in self.text) > 1


@lru_cache(maxsize=4096)
def glyph(name: str) -> Glyph:
    """``x`` as x, ``sigma`` as σ, ``lambda_`` as λ; any other name as the word it is."""
    return Glyph(GREEK.get("lambda" if name == "lambda_" else name, name))


_NUMBERED = re.compile(r"([^\W\d_]+)_(\d+)")


def numbered(name: str) -> tuple[str, tuple[Number, ...]]:
    """``v_12`` as v with the number 12, which is set as its first index; any other name with none."""
    found = _NUMBERED.fullmatch(name)
    return (found[1], (Number(found[2]),)) if found else (name, ())


def function_name(name: str) -> str:
    """The upright name of a function: ``arctanh`` is written artanh, ``gamma`` Γ."""
    return _FUNCTIONS.get(name, name)


_OPERATOR_NAME = re.compile(r"\\(?:operatorname|mathrm)\*?\{([A-Za-z0-9_-]+)\}|\\([A-Za-z]+)")


def name_from_latex(latex: str, otherwise: str) -> str:
    r"""The plain name in ``\operatorname{softplus}`` or ``\Gamma``; the other name where it is neither."""
    found = _OPERATOR_NAME.fullmatch(latex.strip())
    if found is None:
        return otherwise
    word = found[1] or found[2]
    return GREEK.get(word, word) if len(word) > 1 else word
