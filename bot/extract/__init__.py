"""Extracting: the short answer in the passages found, and the words in it that are the answer proper."""
