"""Fits the weights of the search; keeps the questions that models learned from. No server imports it."""
