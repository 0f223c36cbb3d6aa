"""Verification: whether the claims of a text are supported by the passages it cites."""
