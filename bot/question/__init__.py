"""Understands a message: completes it from the conversation, splits it into questions, parses each into a Query."""
