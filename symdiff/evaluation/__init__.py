"""From a Derivation to numbers, over whole arrays, in any field."""
