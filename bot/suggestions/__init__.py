"""Suggestions: questions that the index is known to answer, created and tested at build time."""
