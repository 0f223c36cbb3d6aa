"""Conversation: follow-ups and small talk."""

from bot.conversation.follow_ups import FollowUpRewriter
from bot.conversation.smalltalk import smalltalk

__all__ = ["FollowUpRewriter", "smalltalk"]
