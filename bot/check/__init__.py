"""Verification: what an answer states is held against the passages it cites."""
