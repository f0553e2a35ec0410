"""Mathematics as trees, and how they are printed; knows only its own tree."""
