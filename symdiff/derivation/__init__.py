"""From a symbolic program to its derivatives: the chain rule, closed forms, steps, second derivatives."""
