"""From an Explanation to a View: what a document says, as plain data."""

from symdiff.viewing.whole import view_of

__all__ = ["view_of"]
