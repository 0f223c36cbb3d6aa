"""Keeps documents up to date from the web addresses in `sources.toml`, and knows the state of each."""
