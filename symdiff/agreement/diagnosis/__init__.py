"""What is wrong with the formula of a gradient, where that can be seen: hypotheses, each tried at every point asked."""
