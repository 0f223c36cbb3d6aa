"""Conversation: follow-ups and small talk."""
