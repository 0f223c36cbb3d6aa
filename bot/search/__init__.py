"""Searching: which passages speak most for being what a question asks for."""
