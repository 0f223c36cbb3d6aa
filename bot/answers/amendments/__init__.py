"""Answers about provisions that amendments change, and notices for answers that quote their former text."""
