"""Prints figures as tables and lists on a terminal."""
