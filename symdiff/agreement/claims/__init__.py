"""Claims: formulas of a gradient, of its general element or of whole arrays; and whether they hold for every size."""
