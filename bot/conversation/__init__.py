"""Conversation: follow-ups, small talk and courtesy."""

from bot.conversation.follow_ups import FollowUpRewriter, has_no_subject, is_vague
from bot.conversation.list_references import asks_for_rest
from bot.conversation.smalltalk import smalltalk, strip_courtesy
from bot.conversation.words import subject_terms

__all__ = [
    "FollowUpRewriter",
    "asks_for_rest",
    "has_no_subject",
    "is_vague",
    "smalltalk",
    "strip_courtesy",
    "subject_terms",
]
