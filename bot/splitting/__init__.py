"""Splits a message into the questions that it asks, without greetings and announcements."""
