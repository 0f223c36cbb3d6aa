"""Regression cases, the question sets they belong to, and how words are matched in answers."""
