"""Builds an index generation from the documents of a corpus."""
