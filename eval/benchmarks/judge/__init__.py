"""Scores answers with a language model, and measures its agreement with people."""
