"""The chain rule on terms: a derivation for every size and every index."""
