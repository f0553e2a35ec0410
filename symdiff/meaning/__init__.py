"""From a Graph to the symbolic program: every node's general element in terms of its operands' elements."""
