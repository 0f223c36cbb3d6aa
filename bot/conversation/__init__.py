"""Conversation: follow-ups, small talk and courtesy."""

from bot.conversation.follow_ups import FollowUpRewriter
from bot.conversation.list_references import asks_for_rest
from bot.conversation.smalltalk import smalltalk

__all__ = ["FollowUpRewriter", "asks_for_rest", "smalltalk"]
