"""The ways in at a terminal: ask, search, doctor, serve."""
