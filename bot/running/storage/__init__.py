"""Conversations, answers and feedback in a database."""
