"""Retrieval: candidates by keywords and vectors, features, and ranking."""
