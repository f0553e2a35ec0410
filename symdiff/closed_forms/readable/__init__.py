"""How a formula is written so that it is easy to read: names, definitions, factors."""
