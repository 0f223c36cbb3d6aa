"""Curated answers and the staff queue: data models, checks and matching."""
