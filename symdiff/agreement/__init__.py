"""From the numbers of both ways to verdicts, element by element."""
