"""From a view to a document in any format."""
