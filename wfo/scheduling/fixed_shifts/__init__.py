"""Fixed-shift teams: cover by day and shift type, planned by column generation."""
