"""Measures verification: wrong replies caught, right ones wrongly rejected."""
