"""Nested and event formats of other systems, unfolded into flat tables that mapping files can read."""
