"""Answers about a plan or another document as a whole: its overview, its aspects, what changed from the one before."""
