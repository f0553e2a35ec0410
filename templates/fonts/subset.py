"""Makes the font that pages carry: TeX Gyre Pagella Math, cut down to the signs that our mathematics uses.

    python templates/fonts/subset.py texgyrepagella-math.otf templates/fonts/math.woff2

The font comes from the package fonts-texgyre-math of Debian; it needs fontTools with brotli. Names in scripts
that it does not hold are set by the reader's own fonts.
"""

from __future__ import annotations

import argparse

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

NAME = "Symdiff Math"

SIGNS = "∂∇∞∑∏∫√∛∜−±×÷·⋅∘∗=≠≈≡<>≤≥≪≫∈∉⊂⊆∧∨¬∀∃→←↦⇒⇔‖∣∥⟨⟩⌊⌋⌈⌉…⋯⋮⋱′″†ℓℝℕℤ∼∝⊙⊗⊕⊤"
COMBINING = "\u0302\u0303\u0304\u0307\u0308\u20d7\u00af\u02c6\u02dc\u203e"
SPACES = "\u00a0\u2009\u200a\u2061\u2062\u2063\u2064"


def characters() -> set[int]:
    """ASCII, Greek, the signs of operators, and the slanted letters into which a browser turns a lone letter."""
    wanted = set(range(0x20, 0x7F)) | set(map(ord, SIGNS + COMBINING + SPACES))
    wanted |= set(range(0x391, 0x3CA)) | {0x3D1, 0x3D5, 0x3F5}
    wanted |= set(range(0x1D434, 0x1D468)) | {0x210E, 0x1D6A4, 0x1D6A5}
    wanted |= set(range(0x1D6E2, 0x1D71C))
    return wanted


def subset(source: str, target: str) -> None:
    """Writes the subset with its MATH table as WOFF2, under a name of its own as the licence of the font asks."""
    font = TTFont(source)
    features = ["ssty", "flac", "dtls", "kern"]
    options = Options(flavor="woff2", layout_features=features, hinting=False, desubroutinize=True)
    options.name_IDs = [0, 1, 2, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    for identifier, text in {1: NAME, 4: NAME, 6: NAME.replace(" ", "")}.items():
        font["name"].setName(text, identifier, 3, 1, 0x409)
    font["CFF "].cff.fontNames[0] = NAME.replace(" ", "")
    font.flavor = "woff2"
    font.save(target)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("source")
    arguments.add_argument("target")
    chosen = arguments.parse_args()
    subset(chosen.source, chosen.target)
