"""Customers' stories, readily retrieved: an index on disk, and one customer's timeline from it."""
