"""The picture of a computation: a graph, where its parts stand, and the shapes that are drawn."""
