"""From a text or a function, and values, to a Graph with the names its author used."""
