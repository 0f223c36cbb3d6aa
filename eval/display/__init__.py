"""Figures as tables and lists to read on a terminal."""
