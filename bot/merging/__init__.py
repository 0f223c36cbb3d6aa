"""Merges the answers to several questions of one message into one answer."""
