"""How broad the letters of the pages' font of mathematics are, so that a picture is laid out before anybody sees it.

Made from templates/fonts/math.woff2, in thousandths of the size, each rounded up to 20; a test compares them.
"""

from __future__ import annotations

import unicodedata

__all__ = ["LETTERS", "MONOSPACED", "width_of"]

MONOSPACED = 0.61
"""A letter of code, relative to its size, in the broadest of the usual fonts."""

OTHER, WIDE = 0.6, 1.0
"""A letter that the font does not have, and one of Chinese, Japanese or Korean."""

_BY_WIDTH: dict[int, str] = {
    200: "\u2009",
    220: "'|∣",
    240: "j",
    260: " ,.:;\xa0",
    280: "!·⋅⋮𝑓𝑖𝑗𝑙𝚤𝚥",
    300: "ilι′𝜄",
    340: "-IJ`ft¯ˆ˜𝐼𝐽𝑡𝛪",
    360: "Ι",
    380: '"‖ℓ∥',
    400: "*r⟨⟩𝑒𝑟𝑠",
    420: "[]{}⌈⌉⌊⌋𝑐",
    440: "()s",
    460: "?c𝑎𝑘𝑜𝑧𝛿𝜀𝜁𝜉",
    480: "eεζξ∘𝑏𝑞𝜍",
    500: "#$/0123456789\\_azδς†″ℎ𝑑𝑔𝑝𝑣𝑥𝑦𝜃𝜈𝜊𝜖",
    520: "xθοϵ𝜅",
    540: "Sν𝛤𝛼𝜂𝜌𝜐𝜚",
    560: "FbgkoqyΓηκρυ∗𝐹𝐿𝑆𝑛𝑢𝜏𝜒𝜕𝜗",
    580: "vα∂𝛾𝜆",
    600: "hnγλτχϑ𝛲𝛽𝜇𝜎",
    620: "BELPT^dpu~ΡΤβσ𝐵𝐸𝑃𝑇𝛥𝛦𝛵𝛻",
    640: "×ΒΔΕμ∃∇∫𝛣𝛶𝜑𝜙",
    660: "ΥΧ𝛸𝜓𝜘",
    680: "RXYZΖφψϕ𝐶𝐾𝑅𝑌𝑍𝛧𝜋",
    700: "√𝛫𝛯𝛴",
    720: "CΚΞΣπ𝛬",
    740: "KVΛ⋰⋱𝐴𝐺𝑉𝑋𝑤",
    760: "+=@±÷Α∀−∧∨∼∽≈≠≡⊤𝛢",
    780: "&<>ADGUℤ∈∉∋∌≤≥⊂⊃⊆⊇𝐷𝐻𝑁𝑂𝑄𝑈𝑚𝛹𝜔𝜛",
    800: "OQ¬Ψ∝⊕⊗⊙",
    820: "ω𝛨𝛱",
    840: "%HNwΗΠΩ𝛩𝛮𝛰𝛳𝛷𝛺",
    860: "ΘΝΟΦ…⋯",
    900: "mℕ",
    920: "ℝ←→↦⇒",
    940: "𝛭",
    960: "MΜ∞≪≫𝑀𝑊",
    1000: "W∑",
    1020: "⇔",
    1120: "∏",
}

LETTERS: dict[str, int] = {letter: width for width, letters in _BY_WIDTH.items() for letter in letters}


def width_of(text: str) -> float:
    """The width of some letters, relative to their size.

    >>> round(width_of("10"), 2)
    1.0
    """
    return sum(map(_letter, text))


def _letter(letter: str) -> float:
    if letter in LETTERS:
        return LETTERS[letter] / 1000
    if unicodedata.combining(letter):
        return 0.0
    return WIDE if unicodedata.east_asian_width(letter) in "WF" else OTHER
