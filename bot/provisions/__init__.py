"""Answers about provisions that amendments change: the text in force on a day, and its last and next change."""
