"""Measures reading: short answers on SQuAD-format sets, and scanned sheets."""
