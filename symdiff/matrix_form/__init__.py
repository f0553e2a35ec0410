"""The matrix form of a derivative: index contractions read as products of matrices, written in the text language."""
