"""Weeks that have been, planned again from what was known before them, and judged by what came."""
