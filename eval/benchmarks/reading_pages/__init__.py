"""Measures how PDF pages are read, against transcriptions by people."""
