"""Adds to answers what documents say elsewhere of the provisions that they cite."""
