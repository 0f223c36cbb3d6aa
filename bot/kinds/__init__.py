"""Answers of staff."""
