"""From an Explanation to a View: what a document says, as plain data."""
