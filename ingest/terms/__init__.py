"""Passages as sequences of term numbers, and arrays of them on disk."""
