"""How wide the intervals of reports are: from the 10 % to the 90 % point."""

Z80 = 1.2815515655446004
"""Standard deviations from the mean of a normal distribution to its 90 % point."""
