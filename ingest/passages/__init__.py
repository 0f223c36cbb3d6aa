"""Splits the blocks of a document into passages."""
