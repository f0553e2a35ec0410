"""The way back: from the cotangent of a result to those of its inputs, by rules that it does not know by name."""
